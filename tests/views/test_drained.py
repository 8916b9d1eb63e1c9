"""When a queue will be empty: the estimate against a send by send reckoning, and in the view."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from engine.reader import Reader
from engine.rollup import roll_up_all
from engine.store import FOREVER, Database
from tests.world import World

pytestmark = pytest.mark.anyio

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
CALL = "SELECT seqconsole.drained_at(%s, %s, %s::timestamptz[], %s, %s, %s, %s, %s, %s, %s, %s, %s)"


def reckoned(
    n: int, start: datetime, ring: list[datetime], most: int, window: timedelta, gap: timedelta
) -> datetime:
    """Each send as early as the gap and the window allow."""
    sends = list(ring)
    for _ in range(n):
        at = max(start, sends[-1] + gap if len(sends) > len(ring) else start)
        if len(sends) >= most:
            at = max(at, sends[-most] + window)
        sends.append(at)
    return sends[-1]


@pytest.mark.parametrize("seed", range(40))
def test_the_estimate_is_what_gap_and_window_allow(world: World, seed: int) -> None:
    rng = Random(seed)
    most, n = rng.randint(1, 20), rng.randint(1, 100)
    window, gap = timedelta(minutes=rng.randint(1, 60)), timedelta(seconds=rng.randint(0, 60))
    used = sorted(START - rng.random() * window for _ in range(rng.randint(0, most)))
    exact = reckoned(n, START, used, most, window, gap)
    said = world.value(CALL, n, START, used, most, window, gap, *[None] * 3, None, None, "UTC")
    assert said <= exact
    assert exact - said <= max(gap * most, timedelta(seconds=1))


@pytest.mark.parametrize(
    ("n", "cap", "sent", "quiet", "expected"),
    [
        (10, None, 0, (None, None), START + timedelta(minutes=9)),
        (10, 10, 0, (None, None), START + timedelta(minutes=9)),
        (10, 10, 1, (None, None), datetime(2026, 11, 25, tzinfo=UTC)),
        (25, 10, 0, ("22:00", "08:00"), datetime(2026, 11, 26, 8, 4, tzinfo=UTC)),
        (13 * 60, None, 0, ("22:00", "08:00"), START + timedelta(minutes=13 * 60 - 1)),
        (13 * 60 + 11, None, 0, ("22:00", "08:00"), datetime(2026, 11, 25, 8, 10, tzinfo=UTC)),
        (27 * 60 + 11, None, 0, ("22:00", "08:00"), datetime(2026, 11, 26, 8, 10, tzinfo=UTC)),
        (10, 0, 0, (None, None), FOREVER),
    ],
)
def test_the_day_ends_for_a_cap_and_for_quiet_hours(
    world: World,
    n: int,
    cap: int | None,
    sent: int,
    quiet: tuple[str | None, str | None],
    expected: datetime,
) -> None:
    world.run("SET timezone = 'UTC'")
    minute, day = timedelta(minutes=1), START.date()
    said = world.value(CALL, n, START, [], 5000, minute * 60, minute, cap, day, sent, *quiet, "UTC")
    assert said == expected


async def test_a_device_says_when_its_queue_will_be_sent(world: World, database: Database) -> None:
    now = world.freeze()
    devices = {name: world.device(name, gap=(10, 20), limit=2) for name in ("held", "open", "idle")}
    for name in ("held", "open"):
        for n in range(3):
            world.message(devices[name], f"6012345678{n}")
    await roll_up_all(database)
    reader = Reader(database)

    async def drained() -> dict[str, datetime | None]:
        return {d.name: d.drained_at for d in await reader.devices()}

    hour = now + timedelta(hours=1)
    assert await drained() == {"held": hour, "open": hour, "idle": None}
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder) VALUES ('device', %s, 'operator')",
        str(devices["held"]),
    )
    assert await drained() == {"held": FOREVER, "open": hour, "idle": None}
    world.run(
        "INSERT INTO seqconsole.holds (scope, holder, until) VALUES ('all', 'operator', %s)", hour
    )
    assert (await drained())["open"] == hour + timedelta(hours=1)
