"""What became due during a pause or before the engine was switched on: spread, parked, released, taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from engine.operations.backlog import Mode, Pace, preview_overdue, release_overdue
from engine.operations.engine_switch import engine_on, preview_engine_on
from engine.operations.holds import pause, resume
from engine.operations.model import OperationRefused, Scope
from engine.operations.targets import EVERYTHING, find
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import end, prepare, take
from tests.operations.scene import ME
from tests.world import World

pytestmark = pytest.mark.anyio

WORK = "SELECT track, at, gate, state FROM seqconsole.progress ORDER BY track"


async def queue(
    world: World, database: Database, n: int, *, late: float = 0.0, gap: tuple[int, int] = (0, 0)
) -> UUID:
    """A device with so many due messages, `late` hours overdue."""
    now = world.freeze()
    device = world.device("one", gap=gap)
    for k in range(n):
        world.message(device, f"601234567{k:02}")
    world.run("UPDATE broadcast_messages SET scheduled_at = %s", now - timedelta(hours=late))
    await prepare(database)
    return device


def times(world: World) -> list[datetime]:
    return [row["at"] for row in world.run("SELECT at FROM seqconsole.progress ORDER BY at")]


async def paused(world: World, database: Database, n: int) -> None:
    world.engine()
    await queue(world, database, n)
    await pause(database, ME, EVERYTHING, None)


async def test_a_backlog_is_spread_at_half_the_rate_and_undo_puts_it_back(
    world: World, database: Database
) -> None:
    await paused(world, database, 8)
    before = world.run(WORK)
    done = await resume(database, ME, EVERYTHING, None)
    start = world.now() + timedelta(seconds=10)
    assert times(world) == [start + timedelta(seconds=90) * k for k in range(8)]
    assert "8 messages on 1 device, 8 in the first hour" in done.summary
    assert await take(database) == []
    await undo(database, ME, done.operation_id)
    assert world.run(WORK) == before
    world.advance(hours=1)
    assert await take(database) == []


async def test_spread_messages_stay_spread_when_they_are_judged_anew(
    world: World, database: Database
) -> None:
    await paused(world, database, 8)
    await resume(database, ME, EVERYTHING, None, now=True)
    spread = times(world)
    world.run("UPDATE broadcast_messages SET recipient_name = 'Aqil'")
    await prepare(database)
    assert times(world) == spread
    await end(database, await take(database))
    assert await take(database) == []
    world.advance(seconds=90)
    assert len(await take(database)) == 1


async def test_undo_after_a_send_puts_back_what_is_left(world: World, database: Database) -> None:
    await paused(world, database, 8)
    done = await resume(database, ME, EVERYTHING, None, now=True)
    await end(database, await take(database))
    await undo(database, ME, done.operation_id)
    assert len(times(world)) == 7
    assert max(times(world)) <= world.now()
    assert world.value("SELECT count(*) FROM seqconsole.holds WHERE until = 'infinity'") == 1


async def test_spread_over_a_length_of_time_and_at_full_rate(
    world: World, database: Database
) -> None:
    await paused(world, database, 8)
    device = await find(database, Scope.DEVICE, ["one"])
    await pause(database, ME, device, None)
    done = await resume(database, ME, device, None, pace=Pace(Mode.SPREAD, timedelta(hours=2)))
    assert times(world)[1] - times(world)[0] == timedelta(minutes=15)
    await undo(database, ME, done.operation_id)
    await resume(database, ME, device, None, pace=Pace(Mode.FULL))
    assert max(times(world)) <= world.now()


async def test_a_moments_worth_is_not_spread(world: World, database: Database) -> None:
    await paused(world, database, 5)
    await resume(database, ME, EVERYTHING, None)
    assert max(times(world)) <= world.now()


async def test_overdue_by_a_day_starts_parked(world: World, database: Database) -> None:
    await queue(world, database, 3, late=25)
    fresh = world.message(world.device("two"), "60199999999")
    await prepare(database)
    preview = await preview_engine_on(database, gateway_configured=True)
    assert any("start parked (3)" in line for line in preview.lines)
    done = await engine_on(database, ME, gateway_configured=True, now=True)
    assert "3 overdue messages parked" in done.summary
    assert [c.message_id for c in await take(database)] == [fresh]
    world.run("UPDATE broadcast_messages SET recipient_name = 'Aqil' WHERE status = 'pending'")
    await prepare(database)
    assert await take(database) == []
    parked = world.run(
        "SELECT gate, at = 'infinity' AS never FROM seqconsole.progress WHERE state = 'r'"
    )
    assert parked == [{"gate": "overdue", "never": True}] * 3


async def test_parking_and_switching_on_are_taken_back(world: World, database: Database) -> None:
    await queue(world, database, 3, late=25)
    before = world.run(WORK)
    done = await engine_on(database, ME, gateway_configured=True)
    await undo(database, ME, done.operation_id)
    assert world.value("SELECT seqconsole.setting('engine')") == "off"
    world.engine()
    back = await undo(database, ME, None)
    assert back.n == 3
    assert await take(database) == []
    world.advance(seconds=10)
    assert len(await take(database)) == 1
    assert [r["track"] for r in world.run(WORK)] == [r["track"] for r in before]


async def test_overdue_messages_are_released_and_parked_again(
    world: World, database: Database
) -> None:
    await queue(world, database, 3, late=25)
    await engine_on(database, ME, gateway_configured=True, now=True)
    parked = world.run(WORK)
    preview = await preview_overdue(database)
    assert preview.n == 3
    assert preview.lines[0].startswith("spread: 3 messages on 1 device, 3 in the first hour")
    done = await release_overdue(database, ME, Pace())
    start = world.now() + timedelta(seconds=10)
    assert times(world) == [start + timedelta(seconds=90) * k for k in range(3)]
    await undo(database, ME, done.operation_id)
    assert world.run(WORK) == parked
    full = await release_overdue(database, ME, Pace(Mode.FULL))
    assert await take(database) == []
    world.advance(seconds=10)
    assert len(await take(database)) == 1
    part = await undo(database, ME, full.operation_id)
    assert len(part.refused) == 1
    assert "moved on since" in part.refused[0]
    assert world.value("SELECT count(*) FROM seqconsole.progress WHERE gate = 'overdue'") == 2
    assert (await release_overdue(database, ME, Pace())).n == 2
    assert (await release_overdue(database, ME, Pace())).operation_id is None


async def test_a_refused_switch_parks_nothing(world: World, database: Database) -> None:
    await queue(world, database, 3, late=25)
    before = world.run(WORK)
    with pytest.raises(OperationRefused, match="no gateway"):
        await engine_on(database, ME, gateway_configured=False)
    assert world.run(WORK) == before
