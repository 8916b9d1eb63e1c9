"""When a queue will be empty: the estimate against a send by send reckoning, and in the view."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from engine.reader import Reader
from engine.rollup import roll_up_all
from engine.store import FOREVER, Database
from tests.engine.steps import prepare, send_all
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


async def etas(database: Database) -> dict[str, datetime | None]:
    return {s.name: s.drained_at for s in await Reader(database).sequences()}


async def queue(world: World, database: Database, **counts: int) -> None:
    """Due first steps on the devices there are, so many of each sequence."""
    world.engine()
    devices = world.run("SELECT id FROM user_devices ORDER BY device_name")
    for letter, (name, n) in enumerate(counts.items(), start=1):
        sequence = world.sequence(name, (0, 24))
        for i in range(n):
            device = devices[i % len(devices)]["id"]
            world.contact(sequence, f"6012{letter}{i:05}", device, due=world.now())
    await prepare(database)


async def test_a_sequence_says_when_what_is_queued_will_be_sent(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.device("one", gap=(10, 20), limit=2)
    await queue(world, database, idle=0, few=2, many=7)
    hour = timedelta(hours=1)
    # two of many go between the two of few: four sends, two an hour
    assert await etas(database) == {
        "idle": None,
        "few": now + hour + timedelta(seconds=15),
        "many": now + 4 * hour,
    }
    world.setting(
        "weight", 10, "sequence", str(world.value("SELECT id FROM sequences WHERE name = 'few'"))
    )
    # of many one at most goes between
    assert (await etas(database))["few"] == now + hour
    many = world.value("SELECT id::text FROM sequences WHERE name = 'many'")
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, until) VALUES ('sequence', %s, 'operator', %s)",
        many,
        now + 10 * hour,
    )
    assert (await etas(database))["many"] == now + 14 * hour
    world.run("UPDATE seqconsole.holds SET until = 'infinity'")
    assert (await etas(database))["many"] == FOREVER


async def test_the_last_of_its_devices_decides(world: World, database: Database) -> None:
    now = world.freeze()
    world.device("one", limit=60)
    two = world.device("two", limit=1)
    await queue(world, database, both=6)
    assert await etas(database) == {"both": now + timedelta(hours=2)}
    world.run(
        "UPDATE seqconsole.devices SET daily_cap = 1, day_sent = 1, day = seqconsole.now()::date "
        "WHERE device_id = %s",
        two,
    )
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0)
    assert await etas(database) == {"both": tomorrow + timedelta(days=2)}
    world.run("DELETE FROM user_devices WHERE id = %s", two)
    await roll_up_all(database)
    assert await etas(database) == {"both": FOREVER}


async def test_what_is_spread_is_not_sent_before_its_time(world: World, database: Database) -> None:
    now = world.freeze()
    world.device("one")
    await queue(world, database, one=3)
    world.run(
        "UPDATE seqconsole.progress SET at = %s, gate = 'spread' WHERE phone_key = '6012100001'",
        now + timedelta(hours=5),
    )
    world.run("UPDATE seqconsole.progress SET at = 'infinity' WHERE phone_key = '6012100002'")
    assert await etas(database) == {"one": now + timedelta(hours=5)}


async def test_a_long_lane_shares_the_rest_of_its_devices_queue(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = world.freeze()
    world.device("one", gap=(60, 60), limit=1000)
    await queue(world, database, few=2, many=20)
    exact = await etas(database)
    monkeypatch.setattr("engine.estimates.LANE_LIMIT", 5)
    assert await etas(database) == exact
    assert exact == {"few": now + timedelta(minutes=3), "many": now + timedelta(minutes=21)}


@pytest.mark.parametrize("seed", range(3))
async def test_the_estimate_of_a_sequence_is_what_the_engine_does(
    world: World, database: Database, seed: int
) -> None:
    """Sent by the engine at the gap of the device, lanes by weight: the last of each within a gap a lane."""
    rng = Random(seed)
    now = world.freeze()
    world.device("one", gap=(60, 60), limit=1000)
    counts = {name: rng.randint(1, 9) for name in ("a", "b", "c")}
    await queue(world, database, **counts)
    for name in counts:
        key = world.value("SELECT id::text FROM sequences WHERE name = %s", name)
        world.setting("weight", rng.choice([1, 1, 2, 3]), "sequence", key)
    said = await etas(database)
    while await send_all(database):
        world.advance(seconds=60)
    for name in counts:
        last = world.value(
            "SELECT max(m.sent_at) FROM broadcast_messages m JOIN sequences q ON q.id = m.sequence_id WHERE q.name = %s",
            name,
        )
        at = said[name]
        assert at is not None
        assert abs(at - last) <= timedelta(minutes=3), (seed, counts, name, last - now, at - now)


@pytest.mark.large
async def test_the_estimates_of_a_large_fleet_take_a_moment(
    world: World, database: Database
) -> None:
    """3,000 devices with six lanes each, 900,000 messages, some lanes fuller than is counted."""
    world.engine()
    world.run(
        "INSERT INTO user_devices (user_id, device_name) SELECT %s, 'd' || n FROM generate_series(1, 3000) n",
        world.user,
    )
    for n in range(6):
        world.sequence(f"s{n}", (0,))
    await roll_up_all(database)
    world.run(
        "INSERT INTO seqconsole.progress (track, phone_key, sequence_id, message_id, device_id, state, at) "
        "SELECT gen_random_uuid(), '6012' || n, q.id, gen_random_uuid(), d.device_id, 'r', now() "
        "FROM seqconsole.devices d "
        "CROSS JOIN (SELECT id, row_number() OVER (ORDER BY name) AS nth FROM sequences) q "
        "CROSS JOIN LATERAL generate_series(1, CASE q.nth WHEN 1 THEN 250 ELSE 10 END) n"
    )
    world.run(
        "INSERT INTO seqconsole.counters (scope, key, state, n, version) "
        "SELECT 'device', device_id, 'pending', 300, 1 FROM seqconsole.devices"
    )
    world.run("ANALYZE seqconsole.progress, seqconsole.devices, seqconsole.counters")
    times = []
    for _ in range(5):
        begun = time.monotonic()
        assert None not in (await etas(database)).values()
        times.append(time.monotonic() - begun)
    print(f"estimates of 18,000 lanes: median {sorted(times)[2] * 1000:.0f} ms, each {times}")
    assert sorted(times)[2] < 5
