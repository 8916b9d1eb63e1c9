"""What became due during a pause or before the engine was switched on: spread, parked, released, taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from engine.operations.backlog import Mode, Pace, preview_overdue, release_overdue
from engine.operations.engine_switch import engine_on, preview_engine_on
from engine.operations.holds import pause, resume
from engine.operations.model import OperationRefused, Scope
from engine.operations.resuming import preview_resume, resume_so
from engine.operations.targets import EVERYTHING, find
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import end, prepare, take
from tests.operations.scene import ME
from tests.world import World

pytestmark = pytest.mark.anyio

WORK = "SELECT track, at, gate, state FROM seqconsole.progress ORDER BY track"
WHOLE = "SELECT p::text FROM seqconsole.progress p ORDER BY track, phone_key"


async def queue(
    world: World, database: Database, n: int, *, late: float = 0.0, gap: tuple[int, int] = (0, 0)
) -> UUID:
    """A device with so many due messages, `late` hours overdue."""
    now = world.freeze(world.now().replace(hour=9, minute=0, second=0, microsecond=0))
    device = world.device("one", gap=gap)
    for k in range(n):
        world.message(device, f"601234567{k:02}")
    world.run("UPDATE broadcast_messages SET scheduled_at = %s", now - timedelta(hours=late))
    await prepare(database)
    return device


def times(world: World) -> list[datetime]:
    return [row["at"] for row in world.run("SELECT at FROM seqconsole.progress ORDER BY at")]


async def paused(world: World, database: Database, n: int, *, minutes: float = 20) -> UUID:
    """So many messages became due a minute after everything was paused, so long ago."""
    world.engine()
    device = await queue(world, database, n, late=-1 / 60)
    await pause(database, ME, EVERYTHING, None)
    world.advance(minutes=minutes)
    return device


async def test_a_backlog_is_spread_at_half_the_rate_and_undo_puts_it_back(
    world: World, database: Database
) -> None:
    await paused(world, database, 8)
    before = world.run(WHOLE)
    shown = (await preview_resume(database, EVERYTHING)).choices[0].line
    done = await resume(database, ME, EVERYTHING, None)
    start = world.now() + timedelta(seconds=10)
    assert times(world) == [start + timedelta(seconds=90) * k for k in range(8)]
    last = f"{start + timedelta(seconds=90) * 7:%H:%M:%S}"
    assert shown == f"Spread: the 8 messages that waited go out evenly until {last}."
    assert shown[:-1] in done.summary
    assert await take(database) == []
    await undo(database, ME, done.operation_id)
    assert world.run(WHOLE) == before
    world.advance(hours=1)
    assert await take(database) == []


async def test_a_pause_of_moments_plans_nothing_anew(world: World, database: Database) -> None:
    await paused(world, database, 8, minutes=4)
    before = world.run(WHOLE)
    preview = await preview_resume(database, EVERYTHING)
    assert preview.choices == ()
    done = await resume(database, ME, EVERYTHING, None, now=True)
    assert world.run(WHOLE) == before
    end = f"{world.now() + timedelta(seconds=10):%H:%M:%S}"
    assert "Spread" not in done.summary
    assert preview.lines == (
        "8 messages are due on 1 device.",
        f"They go on in their turn, within the limits, done by {end}.",
    )


async def test_what_was_due_before_keeps_its_time_and_goes_ahead(
    world: World, database: Database
) -> None:
    device = await paused(world, database, 8)
    early = [world.message(device, f"6013333333{k}") for k in range(2)]
    world.run(
        "UPDATE broadcast_messages SET scheduled_at = %s WHERE id = any(%s)",
        world.now() - timedelta(minutes=30),
        early,
    )
    await prepare(database)
    done = await resume(database, ME, EVERYTHING, None)
    start = world.now() + timedelta(seconds=10)
    first = start + 2 * timedelta(seconds=45)
    assert times(world)[2:] == [first + timedelta(seconds=90) * k for k in range(8)]
    assert times(world)[:2] == [world.now() - timedelta(minutes=30)] * 2
    assert "after 2 that were due before" in done.summary


@pytest.mark.parametrize("scope", ["device", "user", "host", "sequence"])
async def test_what_another_hold_keeps_is_left_alone_and_named(
    world: World, database: Database, scope: str
) -> None:
    device = await paused(world, database, 8)
    other = world.device("other", gap=(0, 0))
    for k in range(8):
        world.message(other, f"6014444444{k}")
    world.run("UPDATE broadcast_messages SET scheduled_at = %s", world.now() - timedelta(minutes=9))
    await prepare(database)
    world.run("UPDATE seqconsole.devices SET host = 'h1' WHERE device_id = %s", device)
    world.run(
        "UPDATE seqconsole.devices SET user_id = gen_random_uuid() WHERE device_id = %s", other
    )
    world.run(
        "UPDATE seqconsole.progress SET sequence_id = gen_random_uuid() WHERE device_id = %s",
        device,
    )
    key = {
        "device": str(device),
        "user": str(world.user),
        "host": "h1",
        "sequence": world.value(
            "SELECT sequence_id::text FROM seqconsole.progress WHERE device_id = %s LIMIT 1", device
        ),
    }[scope]
    if scope == "sequence":
        world.run(
            "UPDATE seqconsole.progress SET sequence_id = %s WHERE device_id = %s", key, device
        )
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder) VALUES (%s, %s, 'operator')", scope, key
    )
    held = "SELECT at, gate FROM seqconsole.progress WHERE device_id = %s ORDER BY track"
    before = world.run(held, device)
    preview = await preview_resume(database, EVERYTHING)
    done = await resume(database, ME, EVERYTHING, None)
    assert world.run(held, device) == before
    assert {r["gate"] for r in world.run(held, other)} == {"spread"}
    assert preview.n == 8
    assert "the 8 messages that waited" in preview.choices[0].line
    if scope != "sequence":
        assert "1 device stays paused: one." in preview.after
        assert "; 1 device stays paused: one" in done.summary


async def test_each_way_does_what_its_line_says(world: World, database: Database) -> None:
    await paused(world, database, 8)
    world.run("UPDATE seqconsole.progress SET due_at = due_at - interval '2 hours' "
              "WHERE phone_key < '60123456703'")  # fmt: skip
    spread, full, skip = (await preview_resume(database, EVERYTHING)).choices
    assert full.line.startswith("Full rate: as fast as the limits allow, done by ")
    assert skip.line.startswith("Skip older than 1 hour: 3 messages are skipped; the rest")
    done = await resume_so(database, ME, EVERYTHING, None, full)
    assert max(times(world)) <= world.now()
    await undo(database, ME, done.operation_id)
    await resume_so(database, ME, EVERYTHING, None, skip)
    assert world.statuses("broadcast_messages") == {"pending": 5, "skipped": 3}
    assert spread.line.startswith("Spread: the 8 messages")


async def test_what_is_not_paused_is_not_resumed(world: World, database: Database) -> None:
    await queue(world, database, 8)
    device = await find(database, Scope.DEVICE, ["one"])
    preview = await preview_resume(database, device)
    assert (preview.n, preview.choices) == (0, ())
    assert preview.lines[0] == "device one is not paused by an operator."


async def test_spread_messages_stay_spread_when_they_are_judged_anew(
    world: World, database: Database
) -> None:
    await paused(world, database, 8)
    await resume(database, ME, EVERYTHING, None, now=True)
    spread = times(world)
    world.run("UPDATE broadcast_messages SET recipient_name = 'Aqil'")
    await prepare(database)
    assert times(world)[1:] == spread[1:]
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
    world.engine()
    await queue(world, database, 8)
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
    assert preview.lines[0].startswith("Spread: the 3 messages that waited go out evenly until")
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
