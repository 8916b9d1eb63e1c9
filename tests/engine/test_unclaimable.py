"""Due but claimable by nobody: a finding exactly where explain names a gate that nothing opens by itself."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import anyio
import pytest

from engine.alarms import find_unclaimable
from engine.reader import GateView, Reader
from engine.recovery import plan_ahead
from engine.store import Access, Database
from tests.engine.inprocess import RecordingGateway, working
from tests.engine.steps import prepare, take
from tests.world import World

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
OWN = "own pause"
ROW_GATES = {"due time", "retry wait", "one person"}


@dataclass
class Scene:
    """One contact whose first step is due."""

    world: World
    database: Database
    chance: random.Random
    device: UUID
    sequence: list[UUID]
    row: UUID

    def hold(
        self,
        scope: str,
        key: object = "",
        holder: str = "breaker",
        ends: bool = False,
        cold: bool = False,
    ) -> None:
        until = self.world.now() + timedelta(hours=1) if ends else None
        self.world.run(
            "INSERT INTO seqconsole.holds (scope, key, holder, reason, until, cold_only) "
            "VALUES (%s, %s, %s, %s, coalesce(%s::timestamptz, 'infinity'), %s) ON CONFLICT DO NOTHING",
            scope, str(key), holder, OWN if holder == "operator" else f"{holder} says so", until, cold,
        )  # fmt: skip

    def device_row(self, assignment: str) -> None:
        self.world.run(
            f"UPDATE seqconsole.devices SET {assignment} WHERE device_id = %s", self.device
        )


def homeless(s: Scene) -> None:
    """The contact's device is gone before its step was queued, and the user has no other."""
    s.world.run("UPDATE seqconsole.progress SET at = at + interval '1 minute' WHERE state = 'w'")
    s.world.run("DELETE FROM user_devices")


Plant = Callable[[Scene], object]
PLANTS: dict[str, Plant] = {
    "nothing": lambda s: None,
    "breaker without an end": lambda s: s.hold("device", s.device),
    "offline": lambda s: s.hold("device", s.device, "gateway"),
    "timelock without an end": lambda s: s.hold("device", s.device, "timelock", cold=True),
    "host": lambda s: (s.device_row("host = 'main'"), s.hold("host", "main")),
    "user": lambda s: s.hold("user", s.world.user, "schedule"),
    "everything": lambda s: s.hold("all", "", "failover"),
    "sequence": lambda s: s.hold("sequence", s.sequence[0], "schedule"),
    "limit 0": lambda s: s.device_row("send_limit = 0"),
    "daily cap 0": lambda s: s.device_row("daily_cap = 0"),
    "warm-up of 0": lambda s: s.device_row(
        "warm_from = seqconsole.now(), warm_days = '{3}', warm_limits = '{0}'"
    ),
    "device unknown to the engine": lambda s: s.world.run("TRUNCATE seqconsole.devices"),
    "device gone": lambda s: s.world.run("DELETE FROM user_devices"),
    "breaker with an end": lambda s: s.hold("device", s.device, ends=True),
    "host with an end": lambda s: (s.device_row("host = 'main'"), s.hold("host", "main", ends=True)),
    "own pause of the device": lambda s: s.hold("device", s.device, "operator"),
    "own pause of the sequence": lambda s: s.hold("sequence", s.sequence[0], "operator"),
    "own pause of the user": lambda s: s.hold("user", s.world.user, "operator"),
    "own pause of everything": lambda s: s.hold("all", "", "operator"),
    "gap": lambda s: s.device_row("slot_at = seqconsole.now() + interval '5 minutes'"),
    "not due": lambda s: s.world.run("UPDATE seqconsole.progress SET at = at + interval '1 hour'"),
    "switched off": lambda s: s.world.engine(False),
}  # fmt: skip
STUCK = {
    "breaker without an end", "offline", "timelock without an end", "host", "user", "everything", "sequence",
    "limit 0", "daily cap 0", "warm-up of 0", "device unknown to the engine", "device gone",
}  # fmt: skip


@pytest.fixture
def chance() -> random.Random:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    return random.Random(seed)


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    made = World.at(dsn)
    yield made
    made.close()


@pytest.fixture
async def database(world: World, dsn: str) -> AsyncIterator[Database]:
    async with Database.open(Access(dsn, max_connections=4)) as opened:
        yield opened


async def scene(world: World, database: Database, chance: random.Random) -> Scene:
    tables = (
        "seqconsole.holds sequence_contacts broadcast_messages user_devices seqconsole.progress seqconsole.devices "
        "seqconsole.attempts seqconsole.deliveries seqconsole.findings seqconsole.changes"
    )
    world.run("; ".join(f"DELETE FROM {table}" for table in tables.split()))
    now = world.freeze(NOON)
    world.engine()
    device = world.device(f"d{chance.random()}")
    sequence = world.sequence(f"s{chance.random()}", [0])
    [row] = world.contact(sequence, f"601{chance.randint(10**8, 10**9 - 1)}", device, due=now)
    await prepare(database)
    await prepare(database)  # what the new sequence put into the feed
    return Scene(world, database, chance, device, sequence, row)


def found(world: World) -> list[str]:
    rows = world.run("SELECT key FROM seqconsole.findings WHERE kind = 'unclaimable' ORDER BY key")
    return [row["key"] for row in rows]


def stuck_by(gates: list[GateView]) -> bool:
    """Explain: due, and behind a gate that nothing opens by itself and that is no act of the operator."""
    shut = [g for g in gates if g.passes is False]
    endless = [g for g in shut if g.opens_at is None]
    known = any(g.name == "engine" or OWN in g.value for g in endless)
    return bool(endless) and not known and not any(g.name in ROW_GATES for g in shut)


async def look(s: Scene) -> list[GateView]:
    """The engine's moves, then the look for the alarm; the gates as they are then."""
    await prepare(s.database)
    await plan_ahead(s.database)
    claims = await take(s.database)
    await find_unclaimable(s.database)
    gates = await Reader(s.database).explain_contact(s.row)
    assert not (claims and stuck_by(gates))
    return gates


async def test_each_gate_alone(world: World, database: Database, chance: random.Random) -> None:
    for name, plant in PLANTS.items():
        s = await scene(world, database, chance)
        plant(s)
        gates = await look(s)
        shut = [g for g in gates if g.passes is False]
        assert stuck_by(gates) == (name in STUCK), (name, shut)
        assert bool(found(world)) == (name in STUCK), (name, found(world))


async def draws(world: World, database: Database, chance: random.Random, n: int) -> None:
    for _ in range(n):
        s = await scene(world, database, chance)
        names = chance.sample(sorted(PLANTS), chance.randint(2, 3))
        for name in names:
            PLANTS[name](s)
        gates = await look(s)
        assert bool(found(world)) == stuck_by(gates), (names, found(world), gates)


async def test_gates_together(world: World, database: Database, chance: random.Random) -> None:
    await draws(world, database, chance, 12)


@pytest.mark.large
async def test_gates_together_many_times(
    world: World, database: Database, chance: random.Random
) -> None:
    await draws(world, database, chance, 1000)


async def test_a_due_step_whose_user_has_no_device(
    world: World, database: Database, chance: random.Random
) -> None:
    """It is found while it waits for one, also between two looks, and goes when one comes."""
    world.freeze(NOON)
    world.engine()
    sequence = world.sequence("s", [0])
    [row] = world.contact(sequence, "60123456789", None, due=world.now())
    s = Scene(world, database, chance, uuid4(), sequence, row)
    for _ in range(3):
        gates = await look(s)
        assert [g.name for g in gates if g.passes is False] == ["device assigned"]
        assert found(world) == [f"homeless|{world.user}"]
        world.advance(seconds=45)
    device = world.device("one")
    s.hold("device", device, "operator")
    await look(s)
    assert found(world) == []
    world.run("DELETE FROM seqconsole.holds")
    world.advance(minutes=2)
    await prepare(database)
    assert [c.device_id for c in await take(database)] == [device]


async def test_a_finding_is_one_gate_and_goes_when_it_heals(
    world: World, database: Database, chance: random.Random
) -> None:
    s = await scene(world, database, chance)
    for n in range(3):
        other = world.device(f"other {n}")
        world.message(other, f"6019876543{n}")
        world.run("UPDATE seqconsole.devices SET host = 'main' WHERE device_id = %s", other)
    await prepare(database)
    world.run("UPDATE seqconsole.devices SET host = 'main'")
    s.hold("host", "main")
    await find_unclaimable(database)
    assert found(world) == ["host|main|breaker"]
    row = world.run("SELECT cardinality(ids) AS n, detail FROM seqconsole.findings")[0]
    assert row == {
        "n": 4,
        "detail": {"scope": "host", "name": "main", "holder": "breaker", "why": "breaker says so"},
    }
    assert await find_unclaimable(database) == 0
    world.run("DELETE FROM seqconsole.holds")
    assert await find_unclaimable(database) == 1
    assert found(world) == []


async def test_a_worker_finds_it_within_two_looks(
    world: World, database: Database, tmp_path: Path
) -> None:
    world.engine()
    device = world.device("one")
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder) VALUES ('device', %s, 'breaker')",
        str(device),
    )
    async with working(database, RecordingGateway(), tmp_path):
        world.message(device, "60123456789")
        with anyio.fail_after(10):
            while not found(world):
                await anyio.sleep(0.02)
        raised = world.value("SELECT since FROM seqconsole.findings WHERE kind = 'unclaimable'")
        queued = world.value("SELECT created_at FROM broadcast_messages")
        assert raised - queued < timedelta(seconds=5)
        world.run("DELETE FROM seqconsole.holds")
        with anyio.fail_after(10):
            while found(world):
                await anyio.sleep(0.02)


@pytest.mark.large
@pytest.mark.parametrize("held", [0, 3000])
async def test_the_look_costs_devices_not_messages(
    world: World, database: Database, held: int
) -> None:
    """3,000 devices, six lanes each, 1.2 million messages, a half of them parked: a look, in the steady state."""
    world.engine()
    world.run(
        "INSERT INTO user_devices (user_id, device_name) SELECT %s, 'd' || n FROM generate_series(1, 3000) n",
        world.user,
    )
    await prepare(database)
    world.run(
        "INSERT INTO seqconsole.progress (track, phone_key, sequence_id, message_id, device_id, state, at) "
        "SELECT gen_random_uuid(), '6012' || n, ('00000000-0000-0000-0000-00000000000' || n %% 6)::uuid, "
        "gen_random_uuid(), d.device_id, 'r', CASE WHEN n %% 400 < 200 THEN 'infinity' ELSE now() END "
        "FROM seqconsole.devices d, generate_series(1, 400) n"
    )
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder) "
        "SELECT 'device', device_id::text, 'gateway' FROM seqconsole.devices LIMIT %s",
        held,
    )
    world.run("ANALYZE seqconsole.progress, seqconsole.devices, seqconsole.holds")
    await find_unclaimable(database)
    assert len(found(world)) == held
    times = []
    for _ in range(7):
        begun = time.monotonic()
        assert await find_unclaimable(database) == 0
        times.append(time.monotonic() - begun)
    print(f"{held} held: median {sorted(times)[3] * 1000:.0f} ms, each {times}")
    assert sorted(times)[3] < 2
