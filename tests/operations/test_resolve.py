"""Resolving duplicate groups: DESIGN 6 "Duplicates", and guarantee 7 of DESIGN 10."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.gateways.protocol import Answer, Verdict
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
    sound,
)
from tests.world import World

pytestmark = pytest.mark.anyio


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
    assert await take(database) == [], "until it is resolved, nothing of it is sent"
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


async def test_the_ledger_is_untouched_where_it_knew_already(
    world: World, database: Database
) -> None:
    duplicates(world, Copy("completed", completed_at=world.now()), Copy("pending"))
    await adopt(database, world)
    before = ledger(world)
    await resolve_all(database)
    assert ledger(world) == before
