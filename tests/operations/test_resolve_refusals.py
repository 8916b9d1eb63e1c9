"""What resolve refuses, and what it keeps in the journal."""

from __future__ import annotations

import asyncio

import pytest

from engine.operations.model import OperationRefused
from engine.operations.resolve import preview_resolve, resolve
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import end, prepare, take
from tests.operations.scene import (
    ME,
    PHONE,
    Copy,
    adopt,
    duplicates,
    queued,
    resolve_all,
    settle_feed,
    sound,
)
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_a_message_in_flight_makes_the_group_busy(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    device = world.device()
    sequence = world.sequence()
    (own,) = world.contact(sequence, PHONE, device, due=now)
    await prepare(database)
    claims = await take(database)
    group = duplicates(world, Copy("pending"), sequence=sequence, device=device)
    await settle_feed(database)
    preview = await preview_resolve(database, None)
    assert preview.n == 0
    assert preview.groups[0].refusal == (
        f"busy: a message of this group is in flight until {claims[0].lease_until:%H:%M:%S}"
    )
    with pytest.raises(OperationRefused, match="busy"):
        await resolve(database, ME, None, pinned=preview.pinned)
    assert world.value("SELECT count(*) FROM sequence_contacts") == 2
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0
    await end(database, claims)
    await resolve_all(database)
    assert world.run("SELECT id, status FROM sequence_contacts") == [
        {"id": own, "status": "completed"}
    ]
    assert group.rows[0] != own
    await sound(world, database)


async def test_rows_that_others_point_at_are_refused_by_name(
    world: World, database: Database
) -> None:
    first = duplicates(world, Copy("pending"), Copy("completed"))
    second = duplicates(world, Copy("pending", "60111222333"), Copy("completed", "60111222333"))
    world.run("ALTER TABLE sequence_contacts ADD UNIQUE (id)")
    world.run(
        "CREATE TABLE public.notes (contact uuid REFERENCES sequence_contacts (id) ON DELETE CASCADE)"
    )
    world.run("INSERT INTO public.notes VALUES (%s), (%s)", first.rows[0], second.rows[1])
    await adopt(database, world)
    preview = await preview_resolve(database, None)
    refusals = {g.key: g.refusal for g in preview.groups}
    assert refusals == {
        first.key: f"row {first.rows[0]} is referenced by public.notes",
        second.key: None,
    }
    done = await resolve(database, ME, None, pinned=preview.pinned)
    assert len(done.refused) == 1
    assert "public.notes" in done.summary
    assert world.value("SELECT count(*) FROM public.notes") == 2
    assert world.value("SELECT count(*) FROM sequence_contacts") == 3
    with pytest.raises(OperationRefused, match=r"public\.notes"):
        await resolve_all(database, [first.key])


async def test_the_operator_keeps_another_row(world: World, database: Database) -> None:
    group = duplicates(world, Copy("pending"), Copy("active"), Copy("completed"))
    stranger = duplicates(world, Copy("pending", "60111222333"), Copy("active", "60111222333"))
    await adopt(database, world)
    keep = {group.key: group.rows[0]}
    preview = await preview_resolve(database, [group.key], keep=keep)
    assert preview.groups[0].rule == "chosen by the operator"
    with pytest.raises(OperationRefused, match="changed since"):
        await resolve(database, ME, [group.key], pinned=preview.pinned)
    await resolve(database, ME, [group.key], pinned=preview.pinned, keep=keep)
    rows = world.run("SELECT id, status FROM sequence_contacts WHERE contact_phone = %s", PHONE)
    assert rows == [{"id": group.rows[0], "status": "completed"}]
    with pytest.raises(OperationRefused, match="is not a row of the duplicate group"):
        await preview_resolve(database, [stranger.key], keep={stranger.key: group.rows[0]})


async def test_an_edit_after_the_preview_is_refused(world: World, database: Database) -> None:
    group = duplicates(world, Copy("pending"), Copy("active"))
    await adopt(database, world)
    preview = await preview_resolve(database, [group.key])
    world.run("UPDATE sequence_contacts SET last_error = 'x' WHERE id = %s", group.rows[0])
    with pytest.raises(OperationRefused, match="changed since the preview"):
        await resolve(database, ME, [group.key], pinned=preview.pinned)
    queued(world, group, world.device())
    await settle_feed(database)
    fresh = await preview_resolve(database, [group.key])
    assert fresh.pinned != preview.pinned
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0


async def test_an_edit_between_pin_and_lock_is_refused(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = duplicates(world, Copy("pending"), Copy("active"))
    await adopt(database, world)
    preview = await preview_resolve(database, [group.key])
    world.run("BEGIN")
    world.run("UPDATE sequence_contacts SET last_error = 'x' WHERE id = %s", group.rows[0])

    async def meanwhile(_: int) -> None:
        world.run("COMMIT")

    monkeypatch.setattr("engine.operations.resolve.pause", meanwhile)
    with pytest.raises(OperationRefused, match="changed since the preview"):
        await resolve(database, ME, [group.key], pinned=preview.pinned)
    assert world.value("SELECT count(*) FROM sequence_contacts") == 2


async def test_a_row_that_another_session_holds_is_not_waited_for(
    world: World, database: Database
) -> None:
    held = duplicates(world, Copy("pending"), Copy("active"))
    free = duplicates(world, Copy("pending", "60111222333"), Copy("active", "60111222333"))
    await adopt(database, world)
    preview = await preview_resolve(database, None)
    with world.connection.transaction():
        world.run("SELECT 1 FROM sequence_contacts WHERE id = %s FOR UPDATE", held.rows[0])
        done = await resolve(database, ME, None, pinned=preview.pinned)
    assert done.refused == ("+60***789: another session is changing it; try again",)
    left = world.run("SELECT contact_phone AS p, count(*) AS n FROM sequence_contacts GROUP BY 1")
    assert {r["p"]: r["n"] for r in left} == {PHONE: 2, free.phone: 1}
    again = await resolve_all(database)
    assert again.refused == ()
    await sound(world, database)


async def test_fault_29_two_consoles_resolve_one_group(world: World, database: Database) -> None:
    group = duplicates(world, Copy("pending"), Copy("active"))
    await adopt(database, world)
    preview = await preview_resolve(database, [group.key])

    async def attempt(who: str) -> str:
        try:
            return (await resolve(database, who, [group.key], pinned=preview.pinned)).summary
        except OperationRefused as refused:
            return str(refused)

    answers = await asyncio.gather(attempt("ana@desk"), attempt("bob@desk"))
    won = [a for a in answers if a.startswith("resolved 1 duplicate group")]
    lost = [a for a in answers if a.startswith("already resolved by ")]
    assert (len(won), len(lost)) == (1, 1)
    winner = world.value("SELECT who FROM seqconsole.operations")
    assert lost == [f"already resolved by {winner} (operation 1)"]
    assert world.value("SELECT count(*) FROM sequence_contacts") == 1
    with pytest.raises(OperationRefused, match="already resolved by"):
        await preview_resolve(database, [group.key])


async def test_many_groups_are_one_operation(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.operations.resolve.BATCH", 3)
    monkeypatch.setattr("engine.operations.undo.BATCH", 2)
    sequence, device = world.sequence(), world.device()
    for n in range(8):
        phone = f"6012345670{n}"
        duplicates(
            world, Copy("pending", phone), Copy("active", phone), sequence=sequence, device=device
        )
    await adopt(database, world)
    done = await resolve_all(database)
    assert done.n == 8
    rows = world.run("SELECT id, n, summary FROM seqconsole.operations")
    assert rows == [
        {"id": done.operation_id, "n": 8, "summary": "resolved 8 duplicate groups, archived 8 rows"}
    ]
    assert world.value("SELECT count(*) FROM sequence_contacts") == 8
    assert done.operation_id
    back = await undo(database, ME, done.operation_id)
    assert back.refused == ()
    assert world.value("SELECT count(*) FROM sequence_contacts") == 16
    assert (
        world.value("SELECT undone_by FROM seqconsole.operations WHERE id = 1") == back.operation_id
    )
    await sound(world, database)


async def test_nothing_to_resolve_is_no_operation(world: World, database: Database) -> None:
    group = duplicates(world, Copy("pending"), Copy("active"))
    await adopt(database, world)
    world.run("DELETE FROM sequence_contacts WHERE id = %s", group.rows[0])
    preview = await preview_resolve(database, None)
    done = await resolve(database, ME, None, pinned=preview.pinned)
    assert (done.operation_id, done.n, done.summary) == (None, 0, "no duplicate group is left")
    assert world.value("SELECT count(*) FROM seqconsole.findings WHERE kind = 'duplicate'") == 0
    with pytest.raises(OperationRefused, match="there is no duplicate group"):
        await preview_resolve(database, [group.key])
    with pytest.raises(OperationRefused, match="does not name a duplicate group"):
        await preview_resolve(database, ["nonsense"])


async def test_the_journal_holds_the_removed_row_whole(world: World, database: Database) -> None:
    world.run("ALTER TABLE sequence_contacts ADD extra jsonb, ADD score numeric(12,6)")
    group = duplicates(world, Copy("pending"), Copy("completed"))
    world.run(
        """UPDATE sequence_contacts SET extra = '{"a": [1, null]}', score = 1.5 WHERE id = %s""",
        group.rows[0],
    )
    await adopt(database, world)
    done = await resolve_all(database, reason="why not")
    rows = world.run(
        "SELECT unit, row_id, before, after FROM seqconsole.operation_rows WHERE after IS NULL"
    )
    columns = world.run(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'sequence_contacts'::regclass AND attnum > 0"
    )
    assert [(r["unit"], r["row_id"]) for r in rows] == [(group.key, str(group.rows[0]))]
    assert set(rows[0]["before"]) == {c["attname"] for c in columns}
    assert (rows[0]["before"]["extra"], rows[0]["before"]["score"]) == (
        '{"a": [1, null]}',
        "1.500000",
    )
    operation = world.run(
        "SELECT id, who, reason, verb, pinned IS NOT NULL AS pinned FROM seqconsole.operations"
    )
    assert operation == [
        {"id": done.operation_id, "who": ME, "reason": "why not", "verb": "resolve", "pinned": True}
    ]
