"""Resolving duplicate groups: DESIGN 6 "Duplicates", and guarantee 7 of DESIGN 10."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.gateways.protocol import Answer, Verdict
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
    sound,
)
from tests.world import World

pytestmark = pytest.mark.anyio


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


async def test_the_ledger_is_untouched_where_it_knew_already(
    world: World, database: Database
) -> None:
    duplicates(world, Copy("completed", completed_at=world.now()), Copy("pending"))
    await adopt(database, world)
    before = ledger(world)
    await resolve_all(database)
    assert ledger(world) == before
