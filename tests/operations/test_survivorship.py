"""Which row of a duplicate group stays, and by which rule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.operations.model import OperationRefused
from engine.operations.resolve import preview_resolve, resolve
from engine.store import Database
from tests.operations.scene import (
    ME,
    Copy,
    adopt,
    duplicates,
    hours,
    resolve_all,
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


async def test_what_the_preview_says_of_sending(world: World, database: Database) -> None:
    now = world.freeze(world.now().replace(hour=9, minute=0, second=0, microsecond=0))
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
