"""Resolving duplicate groups: DESIGN 6 "Duplicates", and guarantee 7 of DESIGN 10."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.invariants import violations
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
    hours,
    ledger,
    queued,
    resolve_all,
    settle_feed,
    wrong_counters,
)
from tests.world import World

pytestmark = pytest.mark.anyio


async def sound(world: World, database: Database) -> None:
    """Every invariant holds, and the counters equal a recount."""
    await settle_feed(database)
    assert await violations(database) == {}
    assert await wrong_counters(database) == 0


@pytest.mark.parametrize(
    ("first", "second", "kept", "rule", "result"),
    [
        ("pending", "completed", 1, "completed", "completed"),
        ("active", "completed", 1, "completed", "completed"),
        ("failed", "active", 1, "active", "active"),
        ("pending", "active", 1, "active", "active"),
        ("pending", "failed", 1, "failed", "failed"),
        ("pending", "skipped", 1, "skipped", "skipped"),
        ("pending", "paused", 1, "a state of another program", "paused"),
        ("sent", "active", 0, "a state of another program", "sent"),
    ],
)
async def test_the_better_state_stays(
    world: World, database: Database, first: str, second: str, kept: int, rule: str, result: str
) -> None:
    group = duplicates(world, Copy(first), Copy(second))
    await adopt(database, world)
    preview = await preview_resolve(database, None)
    one = preview.groups[0]
    assert (one.key, one.survivor, one.rule, one.result) == (
        group.key,
        group.rows[kept],
        rule,
        result,
    )
    assert [row.verdict for row in one.rows] == ["keep", "archive"]
    done = await resolve(database, ME, None, pinned=preview.pinned, reason="tidy")
    assert done.n == preview.n == 1
    assert world.run("SELECT id, status FROM sequence_contacts") == [
        {"id": group.rows[kept], "status": result}
    ]
    assert world.value("SELECT count(*) FROM seqconsole.findings WHERE kind = 'duplicate'") == 0
    await sound(world, database)


async def test_times_then_id_decide_between_equals(world: World, database: Database) -> None:
    now = world.now()
    sequence = world.sequence(delays=(0, 0, 0))
    first = duplicates(
        world,
        Copy("completed", completed_at=now - hours(1), retry_count=3),
        Copy("completed", completed_at=now - hours(2)),
        sequence=sequence,
    )
    second = duplicates(
        world,
        Copy(next_trigger_time=now),
        Copy(next_trigger_time=now - hours(2)),
        sequence=sequence,
        day=2,
    )
    third = duplicates(world, Copy(), Copy(), Copy(), sequence=sequence, day=3)
    await adopt(database, world)
    groups = {g.key: g for g in (await preview_resolve(database, None)).groups}
    assert (groups[first.key].survivor, groups[first.key].rule) == (
        first.rows[1],
        "the earliest completed_at",
    )
    assert (groups[second.key].survivor, groups[second.key].rule) == (
        second.rows[1],
        "the earliest next_trigger_time",
    )
    assert (groups[third.key].survivor, groups[third.key].rule) == (
        min(third.rows),
        "the lowest id",
    )
    done = await resolve_all(database)
    assert done.summary.startswith("resolved 3 duplicate groups, archived 4 rows")
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 1
    row = world.run(
        "SELECT completed_at, retry_count FROM sequence_contacts WHERE id = %s", first.rows[1]
    )[0]
    assert row == {"completed_at": now - hours(2), "retry_count": 3}
    await sound(world, database)


async def test_a_live_claim_outranks_active_until_it_is_old(
    world: World, database: Database
) -> None:
    now = world.freeze()
    group = duplicates(
        world, Copy("active"), Copy("pending", claimed_at=now - timedelta(minutes=5))
    )
    await adopt(database, world)
    assert (await preview_resolve(database, None)).groups[0].rule == "a live claim"
    preview = await preview_resolve(database, None)
    world.advance(minutes=30)
    assert (await preview_resolve(database, None)).groups[0].rule == "active"
    with pytest.raises(OperationRefused, match="changed since the preview"):
        await resolve(database, ME, None, pinned=preview.pinned)
    assert len(group.rows) == world.value("SELECT count(*) FROM sequence_contacts")


async def test_its_own_delivery_outranks_a_completed_copy_and_nothing_is_sent_twice(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    device = world.device()
    sequence = world.sequence(delays=(0, 0))
    (own,) = world.contact(sequence, PHONE, device, due=now)
    await prepare(database)
    group = duplicates(
        world, Copy("completed", completed_at=now - hours(5)), sequence=sequence, device=device
    )
    await settle_feed(database)
    preview = await preview_resolve(database, [group.key])
    assert preview.groups[0].survivor == own
    assert preview.groups[0].rule == "its own delivery or attempt"
    assert preview.groups[0].when == "not sent again: a completed row says that it was"
    assert preview.groups[0].skipped_messages == 1
    done = await resolve(database, ME, [group.key], pinned=preview.pinned)
    assert done.n == 3
    assert world.run("SELECT status, completed_at FROM sequence_contacts") == [
        {"status": "completed", "completed_at": now - hours(5)}
    ]
    assert world.statuses("broadcast_messages") == {"skipped": 1}
    assert world.value("SELECT outcome FROM seqconsole.deliveries") == "s"
    world.advance(hours=100)
    await prepare(database)
    assert await take(database) == []
    await sound(world, database)


async def test_a_queued_message_survives_with_its_group_and_only_one(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    device = world.device()
    group = duplicates(world, Copy("pending"), Copy("active"), device=device)
    queued(world, group, device)
    queued(world, group, device)
    await adopt(database, world)
    preview = await preview_resolve(database, None)
    at = now + timedelta(seconds=10)
    assert preview.groups[0].when == f"sent from {at:%H:%M:%S}"
    done = await resolve(database, ME, None, pinned=preview.pinned)
    assert done.sends_from == at
    assert world.statuses("broadcast_messages") == {"pending": 1, "skipped": 1}
    world.advance(seconds=9)
    assert await take(database) == []
    world.advance(seconds=1)
    claims = await take(database)
    assert len(claims) == 1
    await end(database, claims)
    assert world.statuses() == {"completed": 1}
    await sound(world, database)


async def test_a_sent_message_of_another_program_is_evidence(
    world: World, database: Database
) -> None:
    now = world.freeze()
    device = world.device()
    group = duplicates(world, Copy("pending"), Copy("active"), device=device)
    queued(world, group, device, "sent", sent_at=now - hours(3))
    queued(world, group, device)
    await adopt(database, world)
    await resolve_all(database)
    assert world.run("SELECT id, status, completed_at FROM sequence_contacts") == [
        {"id": group.rows[1], "status": "completed", "completed_at": now - hours(3)}
    ]
    assert world.statuses("broadcast_messages") == {"sent": 1, "skipped": 1}
    await sound(world, database)


async def test_a_send_that_the_ledger_has_not_read_yet_is_evidence_too(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    device = world.device()
    group = duplicates(world, Copy("pending"), Copy("active"), device=device)
    await adopt(database, world)
    sent = queued(world, group, device, "sent", sent_at=now - hours(1))
    done = await resolve_all(database)
    assert world.run("SELECT status, completed_at FROM sequence_contacts") == [
        {"status": "completed", "completed_at": now - hours(1)}
    ]
    assert world.run("SELECT message_id, outcome FROM seqconsole.deliveries") == [
        {"message_id": sent, "outcome": "s"}
    ]
    await undo(database, ME, done.operation_id)
    assert ledger(world) == []
    assert world.value("SELECT count(*) FROM sequence_contacts") == 2


async def test_two_spellings_are_one_group(world: World, database: Database) -> None:
    group = duplicates(world, Copy("pending", "012-345 6789"), Copy("completed", "+60 12 345 6789"))
    await adopt(database, world)
    assert [g.key for g in (await preview_resolve(database, None)).groups] == [group.key]
    await resolve_all(database)
    assert world.run("SELECT contact_phone, status FROM sequence_contacts") == [
        {"contact_phone": "+60 12 345 6789", "status": "completed"}
    ]
    await sound(world, database)


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


async def test_a_message_in_doubt_leaves_the_group_in_doubt(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    device = world.device()
    group = duplicates(world, Copy("pending"), Copy("failed"), device=device)
    doubtful = queued(world, group, device, "processing")
    queued(world, group, device)
    await adopt(database, world)
    preview = await preview_resolve(database, None)
    assert (
        preview.groups[0].when == "not sent: a message is in doubt until a receipt or you settle it"
    )
    done = await resolve(database, ME, None, pinned=preview.pinned)
    assert done.sends_from is None
    assert world.statuses() == {"active": 1}
    assert world.statuses("broadcast_messages") == {"processing": 1, "skipped": 1}
    assert world.run("SELECT state, gate, message_id FROM seqconsole.progress") == [
        {"state": "u", "gate": "unknown", "message_id": doubtful}
    ]
    world.advance(hours=100)
    await prepare(database)
    assert await take(database) == []


async def test_a_late_proof_finds_the_row_that_is_left(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    device = world.device()
    sequence = world.sequence(delays=(0,))
    (own,) = world.contact(sequence, PHONE, device, due=now)
    await prepare(database)
    claims = await take(database)
    await end(database, claims, Answer(Verdict.UNKNOWN, "TIMEOUT"))
    group = duplicates(world, Copy("pending"), sequence=sequence, device=device)
    await settle_feed(database)
    other = group.rows[0]
    done = await resolve_all(database, [group.key], keep={group.key: other})
    assert done.n == 2
    assert world.run("SELECT id, status FROM sequence_contacts") == [
        {"id": other, "status": "active"}
    ]
    assert world.value("SELECT contact_id FROM seqconsole.progress") == other
    await end(database, claims)
    assert world.run("SELECT id, status FROM sequence_contacts") == [
        {"id": other, "status": "completed"}
    ]
    assert own != other
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


async def test_an_edit_between_pin_and_lock_is_refused(world: World, database: Database) -> None:
    group = duplicates(world, Copy("pending"), Copy("active"))
    await adopt(database, world)
    preview = await preview_resolve(database, [group.key])
    with world.connection.transaction():
        world.run("UPDATE sequence_contacts SET last_error = 'x' WHERE id = %s", group.rows[0])
        waiting = asyncio.create_task(resolve(database, ME, [group.key], pinned=preview.pinned))
        await blocked(world)
    with pytest.raises(OperationRefused, match="changed since the preview"):
        await waiting
    assert world.value("SELECT count(*) FROM sequence_contacts") == 2


async def blocked(world: World) -> None:
    """Until somebody in this database waits for a lock."""
    deadline = asyncio.get_running_loop().time() + 10
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while not world.value(query):
        assert asyncio.get_running_loop().time() < deadline
        world.run("SELECT pg_stat_clear_snapshot()")
        await asyncio.sleep(0.01)


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


async def test_what_the_preview_says_of_sending(world: World, database: Database) -> None:
    now = world.freeze()
    sequence = world.sequence(delays=(0, 0))
    device = world.device()
    stuck = duplicates(world, Copy("active"), Copy("pending"), sequence=sequence, device=device)
    failed = duplicates(
        world, Copy("failed", "60111222333"), Copy("failed", "60111222333"), device=device
    )
    later = duplicates(
        world,
        Copy(next_trigger_time=now + hours(2)),
        Copy(),
        sequence=sequence,
        device=device,
        day=2,
    )
    await adopt(database, world)
    when = {g.key: g.when for g in (await preview_resolve(database, None)).groups}
    assert when == {
        stuck.key: "not sent: stuck in active without a message, until you release it",
        failed.key: "not sent: its state is failed",
        later.key: f"sent from {now + hours(2):%H:%M:%S}, once the steps before it are done and the engine is switched on",
    }


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


async def test_the_ledger_is_untouched_where_it_knew_already(
    world: World, database: Database
) -> None:
    duplicates(world, Copy("completed", completed_at=world.now()), Copy("pending"))
    await adopt(database, world)
    before = ledger(world)
    await resolve_all(database)
    assert ledger(world) == before
