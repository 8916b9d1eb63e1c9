"""Undo of resolve: every row back exactly, or the group refused with the reason."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from engine.invariants import violations
from engine.operations.holds import pause
from engine.operations.model import OperationRefused, Scope, Target
from engine.operations.undo import preview_undo, undo
from engine.store import Database
from tests.engine.steps import end, prepare, take
from tests.operations.scene import (
    ME,
    PHONE,
    Copy,
    adopt,
    blocked,
    duplicates,
    fingerprint,
    ledger,
    queued,
    resolve_all,
    settle_feed,
)
from tests.world import World

pytestmark = pytest.mark.anyio

FOREIGN = Path(__file__).with_name("foreign.sql").read_text("utf-8")


async def test_undo_within_the_wait_sends_nothing(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    device = world.device()
    group = duplicates(world, Copy("pending"), Copy("active"), device=device)
    queued(world, group, device)
    queued(world, group, device)
    await adopt(database, world)
    before, known = fingerprint(world), ledger(world)
    done = await resolve_all(database)
    assert fingerprint(world) != before
    world.advance(seconds=5)
    back = await undo(database, ME, done.operation_id)
    assert back.sends_from == world.now() + timedelta(seconds=10)
    assert fingerprint(world) == before
    assert ledger(world) == known
    world.advance(hours=1)
    await prepare(database)
    assert await take(database) == []
    assert await violations(database) == {}


async def test_what_an_undo_touches_waits_ten_seconds(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    device = world.device()
    sequence = world.sequence(delays=(0, 0))
    world.contact(sequence, PHONE, device, due=now + timedelta(seconds=20))
    duplicates(world, Copy("pending"), Copy("failed"), sequence=sequence, device=device, day=2)
    await adopt(database, world)
    await resolve_all(database)
    world.advance(seconds=30)
    back = await undo(database, ME, None)
    assert back.sends_from == world.now() + timedelta(seconds=10)
    world.advance(seconds=9)
    await prepare(database)
    assert await take(database) == []
    world.advance(seconds=1)
    await prepare(database)
    assert len(await take(database)) == 1


async def test_undo_is_refused_after_a_later_attempt(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    device = world.device()
    group = duplicates(world, Copy("pending"), Copy("active"), device=device)
    queued(world, group, device)
    await adopt(database, world)
    await resolve_all(database)
    world.advance(seconds=11)
    claims = await take(database)
    left = fingerprint(world)
    with pytest.raises(OperationRefused, match=r"\+60\*\*\*789: a message of it was tried since"):
        await undo(database, ME, None)
    await end(database, claims)
    with pytest.raises(OperationRefused, match="a message of it was tried since"):
        await undo(database, ME, None)
    assert (await preview_undo(database, ME, None)).refused == (
        "+60***789: a message of it was tried since",
    )
    assert world.value("SELECT count(*) FROM sequence_contacts") == 1
    assert left["leads"] == fingerprint(world)["leads"]


@pytest.mark.parametrize("column", ["status", "completed_at", "retry_count"])
async def test_undo_is_refused_after_an_edit_of_a_written_column(
    world: World, database: Database, column: str
) -> None:
    values = {"status": "'failed'", "completed_at": "now()", "retry_count": "7"}
    group = duplicates(world, Copy("pending"), Copy("active"))
    await adopt(database, world)
    await resolve_all(database)
    world.run(
        f"UPDATE sequence_contacts SET {column} = {values[column]} WHERE id = %s", group.rows[1]
    )
    edited = fingerprint(world)
    with pytest.raises(
        OperationRefused,
        match=f"{column} of row {group.rows[1]} of sequence_contacts changed since",
    ):
        await undo(database, ME, None)
    assert fingerprint(world) == edited


async def test_an_edit_of_another_column_does_not_hinder_and_is_kept(
    world: World, database: Database
) -> None:
    group = duplicates(world, Copy("pending"), Copy("active"))
    await adopt(database, world)
    await resolve_all(database)
    world.run("UPDATE sequence_contacts SET contact_name = 'Aqil 2'")
    await undo(database, ME, None)
    names = {
        r["id"]: r["contact_name"]
        for r in world.run("SELECT id, contact_name FROM sequence_contacts")
    }
    assert names == {group.rows[0]: "Aqil", group.rows[1]: "Aqil 2"}


async def test_an_edited_message_or_ledger_refuses_the_group(
    world: World, database: Database
) -> None:
    device = world.device()
    group = duplicates(world, Copy("completed"), Copy("pending"), device=device)
    message = queued(world, group, device)
    await adopt(database, world)
    await resolve_all(database)
    world.run("UPDATE broadcast_messages SET error_message = 'seen' WHERE id = %s", message)
    with pytest.raises(
        OperationRefused, match=r"error_message of row .* of broadcast_messages changed since"
    ):
        await undo(database, ME, None)
    world.run("DELETE FROM broadcast_messages")
    with pytest.raises(OperationRefused, match=f"row {message} of broadcast_messages is gone"):
        await undo(database, ME, None)


async def test_each_group_is_all_or_none(world: World, database: Database) -> None:
    sequence, device = world.sequence(), world.device()
    first = duplicates(world, Copy("pending"), Copy("active"), sequence=sequence, device=device)
    phone = "60111222333"
    second = duplicates(
        world, Copy("pending", phone), Copy("active", phone), sequence=sequence, device=device
    )
    await adopt(database, world)
    done = await resolve_all(database)
    world.run("UPDATE sequence_contacts SET status = 'failed' WHERE id = %s", first.rows[1])
    back = await undo(database, ME, None)
    assert back.refused == (
        f"+60***789: status of row {first.rows[1]} of sequence_contacts changed since",
    )
    assert "in part: 1 group put back" in back.summary
    ids = {r["id"] for r in world.run("SELECT id FROM sequence_contacts")}
    assert ids == {first.rows[1], *second.rows}
    assert (
        world.value("SELECT undone_by FROM seqconsole.operations WHERE id = %s", done.operation_id)
        is None
    )
    world.run("UPDATE sequence_contacts SET status = 'active' WHERE id = %s", first.rows[1])
    await undo(database, ME, done.operation_id)
    assert world.value("SELECT count(*) FROM sequence_contacts") == 4
    assert (
        world.value("SELECT undone_by FROM seqconsole.operations WHERE id = %s", done.operation_id)
        == 3
    )


async def test_a_row_that_came_back_under_its_id_refuses_the_group(
    world: World, database: Database
) -> None:
    group = duplicates(world, Copy("pending"), Copy("active"))
    await adopt(database, world)
    await resolve_all(database)
    world.run("INSERT INTO sequence_contacts (id, contact_name) VALUES (%s, 'new')", group.rows[0])
    with pytest.raises(OperationRefused, match="a row with the id of a removed one is there again"):
        await undo(database, ME, None)


async def test_two_consoles_undo_one_operation(world: World, database: Database) -> None:
    duplicates(world, Copy("pending"), Copy("active"))
    await adopt(database, world)
    before = fingerprint(world)
    done = await resolve_all(database)
    answers = await asyncio.gather(
        *(undo(database, who, done.operation_id) for who in ("ana@desk", "bob@desk")),
        return_exceptions=True,
    )
    refused = [a for a in answers if isinstance(a, OperationRefused)]
    assert [str(r) for r in refused] == ["operation 1 is already undone, by operation 2"]
    assert fingerprint(world) == before


async def test_fault_30_undo_raced_by_a_claim_of_the_survivor(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    device = world.device()
    group = duplicates(world, Copy("pending"), Copy("active"), device=device)
    message = queued(world, group, device)
    await adopt(database, world)
    await resolve_all(database)
    world.advance(seconds=11)
    with world.connection.transaction():
        world.run("SELECT 1 FROM seqconsole.progress WHERE message_id = %s FOR UPDATE", message)
        waiting = asyncio.create_task(undo(database, ME, None))
        await blocked(world)
        world.run("SET LOCAL seqconsole.writer = 'engine'")
        world.run("UPDATE broadcast_messages SET status = 'sending' WHERE id = %s", message)
        world.run(
            "INSERT INTO seqconsole.attempts (id, claimed_at, message_id, phone_key, step_id, device_id, worker_id, "
            "lease_until) SELECT gen_random_uuid(), seqconsole.now(), %s, %s, %s, %s, gen_random_uuid(), "
            "seqconsole.now() + interval '150 s'",
            message,
            group.phone,
            group.step,
            device,
        )
    with pytest.raises(OperationRefused, match="was tried since"):
        await waiting
    assert world.value("SELECT count(*) FROM sequence_contacts") == 1


async def test_undone_resolve_can_be_resolved_again(world: World, database: Database) -> None:
    group = duplicates(world, Copy("pending"), Copy("completed"))
    await adopt(database, world)
    await resolve_all(database)
    await undo(database, ME, None)
    await settle_feed(database)
    assert (await resolve_all(database, [group.key])).n == 1
    assert world.statuses() == {"completed": 1}


async def test_the_preview_of_an_undone_pause_says_what_goes_out_at_once(
    world: World, database: Database
) -> None:
    device = world.device("Alpha")
    world.message(device, "60123456789")
    world.engine()
    await prepare(database)
    paused = await pause(database, "ops", Target(Scope.DEVICE, (str(device),), ("Alpha",)), None)
    preview = await preview_undo(database, "ops", None)
    assert preview.pinned == str(paused.operation_id)
    assert preview.lines[1:3] == (
        "Lifts 1 hold at once, without the 10 s of a resume.",
        "1 message is due on 1 device.",
    )
