"""Limits set by an operator: what they change, the wait of a raised one, their undo."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.operations.limit_values import BadLimit, LimitScope
from engine.operations.limits import (
    DEFAULTS,
    limits_in_force,
    preview_limits,
    set_limits,
    subject_of,
)
from engine.operations.model import OperationRefused
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import end, prepare, take
from tests.operations.scene import ME
from tests.world import World

pytestmark = pytest.mark.anyio

THROTTLE = (
    "SELECT send_limit, send_window, gap_min, gap_max, daily_cap, quiet_from, quiet_to, zone, warm_from, "
    "warm_days, warm_limits FROM seqconsole.devices ORDER BY device_id"
)
SETTINGS = "SELECT * FROM seqconsole.settings WHERE scope <> 'database' ORDER BY scope, key, name"


async def fleet(world: World, database: Database, limit: int | None = None) -> Any:
    """Two devices of one user, the first with three due messages."""
    world.freeze()
    world.engine()
    devices = [world.device("one", limit=limit), world.device("two")]
    for n in range(3):
        world.message(devices[0], f"6012345678{n}")
    await prepare(database)
    return devices


async def test_a_device_gets_all_its_limits_and_undo_restores_them(
    world: World, database: Database
) -> None:
    await fleet(world, database)
    before = world.run(THROTTLE), world.run(SETTINGS)
    subject = await subject_of(database, LimitScope.DEVICE, "one")
    given = {
        "send_limit": "40", "send_window": "30m", "gap": "7-9", "daily_cap": "500",
        "quiet_hours": "22:00-08:00", "timezone": "Asia/Kuala_Lumpur", "warm_up": "3:20,7:40",
        "warm_from": "2026-11-20",
    }  # fmt: skip
    done = await set_limits(database, ME, subject, given)
    assert done.n == 9
    row = world.run(
        "SELECT send_limit, gap_min, gap_max, daily_cap, zone, warm_days, warm_limits, warm_from::date::text AS d "
        "FROM seqconsole.devices WHERE device_id = %s",
        subject.key,
    )[0]
    assert row == {
        "send_limit": 40, "gap_min": timedelta(seconds=7), "gap_max": timedelta(seconds=9), "daily_cap": 500,
        "zone": "Asia/Kuala_Lumpur", "warm_days": [3, 7], "warm_limits": [20, 40], "d": "2026-11-20",
    }  # fmt: skip
    await undo(database, ME, done.operation_id)
    world.advance(seconds=11)
    assert (world.run(THROTTLE), world.run(SETTINGS)) == before


async def test_a_raised_limit_waits_and_undo_sends_nothing(
    world: World, database: Database
) -> None:
    await fleet(world, database, limit=1)
    await end(database, await take(database))
    world.advance(minutes=1)
    assert await take(database) == []
    subject = await subject_of(database, LimitScope.DEVICE, "one")
    done = await set_limits(database, ME, subject, {"send_limit": "2"})
    assert done.sends_from == world.now() + timedelta(seconds=10)
    assert await take(database) == []
    await undo(database, ME, None)
    world.advance(seconds=30)
    assert await take(database) == []
    await set_limits(database, ME, subject, {"send_limit": "2"})
    assert await take(database) == []
    world.advance(seconds=10)
    assert len(await take(database)) == 1


async def test_undo_of_a_lowered_limit_waits_too(world: World, database: Database) -> None:
    await fleet(world, database)
    subject = await subject_of(database, LimitScope.DEVICE, "one")
    done = await set_limits(database, ME, subject, {"send_limit": "0"})
    assert done.sends_from is None
    assert await take(database) == []
    back = await undo(database, ME, done.operation_id)
    assert back.sends_from == world.now() + timedelta(seconds=10)
    assert await take(database) == []
    world.advance(seconds=10)
    assert len(await take(database)) == 1


async def test_above_the_ceiling_is_never_silent(world: World, database: Database) -> None:
    await fleet(world, database)
    before = world.run(THROTTLE), world.run(SETTINGS)
    for given in ({"send_limit": "81"}, {"send_window": "59m"}):
        preview = await preview_limits(database, DEFAULTS, given)
        assert "above the ceiling of 80 an hour" in preview.refused[0]
        with pytest.raises(OperationRefused, match=r"above the ceiling of 80 an hour.*--yes"):
            await set_limits(database, ME, DEFAULTS, given)
    assert (world.run(THROTTLE), world.run(SETTINGS)) == before
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0
    await set_limits(database, ME, DEFAULTS, {"send_limit": "100"}, confirmed=True)
    assert world.value("SELECT min(send_limit) FROM seqconsole.devices") == 100
    assert world.value("SELECT count(*) FROM seqconsole.holds WHERE scope = 'device'") == 2


async def test_a_default_above_the_ceiling_is_refused_without_a_device(
    world: World, database: Database
) -> None:
    with pytest.raises(OperationRefused, match="the default 100"):
        await set_limits(database, ME, DEFAULTS, {"send_limit": "100"})


async def test_a_preview_changes_nothing(world: World, database: Database) -> None:
    await fleet(world, database, limit=10)
    before = world.run(THROTTLE), world.run(SETTINGS)
    subject = await subject_of(database, LimitScope.DEVICE, "one")
    preview = await preview_limits(database, subject, {"send_limit": "20", "daily_cap": "none"})
    assert preview.lines == (
        "send_limit: 20",
        "daily_cap: none",
        "1 device may send sooner than now.",
    )
    assert (world.run(THROTTLE), world.run(SETTINGS)) == before
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0


async def test_undo_is_refused_once_the_limits_were_set_again(
    world: World, database: Database
) -> None:
    await fleet(world, database)
    first = await set_limits(database, ME, DEFAULTS, {"daily_cap": "9"})
    await set_limits(database, "bob@desk", DEFAULTS, {"daily_cap": "8"})
    with pytest.raises(OperationRefused, match="these limits were set again since"):
        await undo(database, ME, first.operation_id)
    again = await set_limits(database, ME, DEFAULTS, {"daily_cap": "8"})
    assert (again.n, again.operation_id) == (0, None)


async def test_none_hides_the_wider_limit_and_default_forgets_the_own(
    world: World, database: Database
) -> None:
    await fleet(world, database)
    subject = await subject_of(database, LimitScope.DEVICE, "one")
    await set_limits(database, ME, DEFAULTS, {"daily_cap": "9"})
    none = await set_limits(database, ME, subject, {"daily_cap": "none"})
    caps = "SELECT d.daily_cap FROM seqconsole.devices d WHERE d.device_id = %s"
    assert world.value(caps, subject.key) is None
    in_force = {f.name: (f.value, f.source) for f in await limits_in_force(database, subject)}
    assert in_force["daily_cap"] == (None, "device")
    assert in_force["send_limit"] == ("80", "default")
    assert in_force["gap_min"] == ("0 seconds", "column")
    own = await set_limits(database, ME, subject, {"daily_cap": "default"})
    assert world.value(caps, subject.key) == 9
    await undo(database, ME, own.operation_id)
    assert world.value(caps, subject.key) is None
    await undo(database, ME, none.operation_id)
    assert world.value(caps, subject.key) == 9


async def test_a_step_is_valid_for_so_long_at_once(world: World, database: Database) -> None:
    now = world.freeze()
    sequence = world.sequence(delays=(0,))
    world.contact(sequence, "60123456789", world.device(), due=now)
    await prepare(database)
    subject = await subject_of(database, LimitScope.STEP, str(sequence[1]))
    done = await set_limits(database, ME, subject, {"valid_for": "48h"})
    expiry = "SELECT expires_at - due_at FROM seqconsole.progress"
    assert world.value(expiry) == timedelta(hours=48)
    await undo(database, ME, done.operation_id)
    assert world.value(expiry) is None


async def test_a_shorter_gap_between_a_persons_messages_waits(
    world: World, database: Database
) -> None:
    await fleet(world, database)
    longer = await set_limits(database, ME, DEFAULTS, {"person_gap": "24h"})
    assert longer.sends_from is None
    shorter = await set_limits(database, ME, DEFAULTS, {"person_gap": "none"})
    assert shorter.sends_from == world.now() + timedelta(seconds=10)
    assert await take(database) == []
    await undo(database, ME, shorter.operation_id)
    assert world.value("SELECT seqconsole.person_gap()") == timedelta(hours=24)


@pytest.mark.parametrize(
    ("scope", "given", "why"),
    [
        (LimitScope.DEFAULT, {"send_limit": "-1"}, "a whole number from 0 to 10000"),
        (LimitScope.DEFAULT, {"send_limit": "none"}, "a whole number"),
        (LimitScope.DEFAULT, {"send_limit": "default"}, "must have a value"),
        (LimitScope.DEFAULT, {"send_window": "1 fortnight"}, "is no length of time"),
        (LimitScope.DEFAULT, {"send_window": "1s"}, "lies between"),
        (LimitScope.DEFAULT, {"gap": "15-5"}, "a gap is seconds"),
        (LimitScope.DEFAULT, {"quiet_hours": "22:00-25:00"}, "two times of day"),
        (LimitScope.DEFAULT, {"quiet_hours": "22:00-22:00"}, "two times of day"),
        (LimitScope.DEFAULT, {"timezone": "Asia/Kuala_Lumpr"}, "no zone that the database knows"),
        (LimitScope.DEFAULT, {"warm_up": "7:40,3:20"}, "a warm-up is days"),
        (LimitScope.DEFAULT, {"warm_up": "3:20,"}, "a warm-up is days"),
        (LimitScope.DEVICE, {"warm_from": "soon"}, "is no date"),
        (LimitScope.DEVICE, {"weight": "2"}, "weight can't be set for a device"),
        (LimitScope.SEQUENCE, {"weight": "0"}, "a number from 0.01"),
    ],
)  # fmt: skip
async def test_nonsense_is_refused_in_one_line(
    world: World, database: Database, scope: LimitScope, given: dict[str, str], why: str
) -> None:
    world.device("one")
    world.sequence("one")
    before = world.run(SETTINGS)
    subject = await subject_of(database, scope, "one")
    with pytest.raises(BadLimit, match=why):
        await set_limits(database, ME, subject, given)
    assert world.run(SETTINGS) == before
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0
