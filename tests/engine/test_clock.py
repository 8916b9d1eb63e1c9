"""Fault 25: the database's clock jumps. Nothing is sent until every window is true again."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from engine.claiming import claim
from engine.clock import ClockGuard, ClockJumped, boot_id, guard_from_start, hold_for_clock
from engine.store import Database
from engine.waiting import boot_time
from tests.engine.steps import prepare, take
from tests.world import World

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("jump", [600, -600, 3600, 3, -3])
def test_a_jump_is_seen_once(jump: int) -> None:
    guard = ClockGuard()
    guard.check(100, at(0), 100.01)
    guard.check(110, at(10), 110.01)
    with pytest.raises(ClockJumped) as seen:
        guard.check(120, at(20 + jump), 120.01)
    assert seen.value.jump.total_seconds() == pytest.approx(jump, abs=0.1)
    guard.check(130, at(30 + jump), 130.01)


def test_a_slow_answer_and_a_slow_drift_are_no_jump() -> None:
    guard = ClockGuard()
    guard.check(100, at(0), 100.01)
    guard.check(110, at(10), 125)  # 15 s on the way: it says little
    for hour in range(1, 48):  # a clock that is corrected by 1.5 s in the hour
        boot = 100 + hour * 3600
        guard.check(boot, at(hour * 3601.5), boot + 0.01)


def test_a_drift_of_more_than_the_tolerance_in_an_hour_is_one() -> None:
    guard = ClockGuard()
    guard.check(0, at(0), 0.01)

    def an_hour() -> None:
        for minute in range(1, 60):
            guard.check(minute * 60, at(minute * 60 * 1.002), minute * 60 + 0.01)

    with pytest.raises(ClockJumped):
        an_hour()


@pytest.mark.parametrize(("jump", "held"), [(600, 3600), (-600, 600)])
async def test_fault_25_a_jump_holds_everything(
    database: Database, world: World, jump: int, held: int
) -> None:
    world.engine()
    world.setting("mark", "test")
    world.message(world.device(), "60123456789")
    await prepare(database)
    guard = await guard_from_start(database)
    assert guard is not None
    world.setting("clock_offset", f"{jump} seconds")

    with pytest.raises(ClockJumped) as seen:
        await claim(database, uuid4(), 10, clock=guard)
    await hold_for_clock(database, seen.value)

    assert await take(database) == []
    [hold] = world.run("SELECT scope, holder, until - since AS lasts FROM seqconsole.holds")
    assert (hold["scope"], hold["holder"]) == ("all", "clock")
    assert hold["lasts"].total_seconds() == pytest.approx(held, abs=3)


async def test_a_worker_that_starts_sees_a_jump_since_the_last_heartbeat_here(
    database: Database, world: World
) -> None:
    world.setting("mark", "test")
    world.run(
        "INSERT INTO seqconsole.workers (id, host, pid, version, started_at, ticked_at, boot_id, booted) "
        "VALUES (gen_random_uuid(), %s, 1, '1', now(), clock_timestamp(), %s, %s)",
        socket.gethostname(),
        boot_id(),
        boot_time(),
    )
    assert await guard_from_start(database) is not None
    assert world.value("SELECT count(*) FROM seqconsole.holds") == 0

    world.setting("clock_offset", "10 minutes")
    await guard_from_start(database)
    assert world.value("SELECT reason FROM seqconsole.holds") == (
        "the database's clock jumped by +600 s"
    )


async def test_a_worker_that_starts_with_charges_in_the_future_holds_until_they_are_past(
    database: Database, world: World
) -> None:
    device = world.device()
    await prepare(database)
    charge = world.value(
        "UPDATE seqconsole.devices SET ring = array[now() + interval '20 min'] WHERE device_id = %s "
        "RETURNING ring[1]",
        device,
    )
    await guard_from_start(database)
    until = world.value("SELECT until FROM seqconsole.holds WHERE holder = 'clock'")
    assert abs((until - charge).total_seconds()) < 3
