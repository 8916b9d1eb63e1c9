"""Fault 15: the database comes back without its last commits. What the journals know is put back; an operator decides."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from engine.failover import HOLDER
from engine.gateways.simulator.behaviour import Odds
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess
from engine.gateways.simulator.wirelog import WireEntry
from engine.invariants import violations
from engine.operations.lift import lift, preview_lift
from engine.operations.targets import EVERYTHING
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.engine.wire import assert_once, stop_worker, until
from tests.world import World

pytestmark = pytest.mark.anyio

Start = Callable[..., subprocess.Popen[bytes]]

DEVICES, EACH = 4, 3
HELD = "SELECT count(*) FROM seqconsole.holds WHERE holder = 'failover' AND until = 'infinity'"


class OlderCopy:
    """A copy of the database as it is now, which can take its place, as a replica without the last commits does."""

    def __init__(self, server: Callable[[str], str], dsn: str) -> None:
        self._maintenance = server("postgres")
        self._name = str(conninfo_to_dict(dsn)["dbname"])
        self._run("CREATE DATABASE {} TEMPLATE {}", f"{self._name}_copy", self._name)

    def takes_over(self) -> None:
        self._run("ALTER DATABASE {} ALLOW_CONNECTIONS false", self._name)
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                [self._name],
            )
        self._run("ALTER DATABASE {} RENAME TO {}", self._name, f"{self._name}_lost")
        self._run("ALTER DATABASE {} RENAME TO {}", f"{self._name}_copy", self._name)

    def drop(self) -> None:
        for suffix in ("_copy", "_lost"):
            self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._name + suffix)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture
def copy_of(server_dsn: Callable[[str], str]) -> Iterator[Callable[[str], OlderCopy]]:
    made: list[OlderCopy] = []

    def copy(dsn: str) -> OlderCopy:
        made.append(OlderCopy(server_dsn, dsn))
        return made[-1]

    yield copy
    for one in made:
        one.drop()


@contextmanager
def looking(dsn: str) -> Iterator[World]:
    with closing(World.at(dsn)) as world:
        yield world


def fill(world: World) -> int:
    """Campaign messages in the queue, and contacts whose first step is queued by the engine; nothing sent yet."""
    made = [world.device(f"d{n}") for n in range(DEVICES)]
    welcome = world.sequence(delays=(0, 24))
    for n in range(DEVICES * EACH):
        world.message(made[n % DEVICES], f"6012{n:07}", f"text {n}")
        world.contact(welcome, f"6013{n:07}", made[n % DEVICES], statuses=("pending", "pending"))
    return 2 * DEVICES * EACH


def attempts(dsn: str) -> dict[str, tuple[str, bool]]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT id::text, outcome, charge IS NOT NULL FROM seqconsole.attempts"
        )
        return {id: (outcome, charged) for id, outcome, charged in rows}


def assert_put_back(dsn: str, entries: Sequence[WireEntry]) -> None:
    """Whatever reached the wire is known, as sent or in doubt, and charged to its device."""
    known = attempts(dsn)
    assert {e.attempt for e in entries} <= set(known)
    assert {known[e.attempt] for e in entries} <= {("sent", True), ("unknown", True)}
    with looking(dsn) as world:
        rings = world.run(
            "SELECT device_id::text AS d, cardinality(ring) AS n FROM seqconsole.devices"
        )
    on_wire = Counter(e.device for e in entries)
    assert all(row["n"] >= on_wire[row["d"]] for row in rings)


async def judged(dsn: str) -> dict[str, list[dict[str, object]]]:
    async with Database.open(Access(dsn)) as database:
        await roll_up_all(database)
        return await violations(database)


async def lifted(dsn: str) -> None:
    """What `seqconsole holds --lift failover --all --now` does."""
    async with Database.open(Access(dsn)) as database:
        preview = await preview_lift(database, HOLDER, EVERYTHING)
        done = await lift(database, "ops", HOLDER, EVERYTHING, pinned=preview.pinned, now=True)
    assert done.n == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "killed", [False, pytest.param(True, marks=pytest.mark.large)], ids=["alive", "killed"]
)
async def test_fault_15_a_database_without_its_last_commits(
    dsn: str, tmp_path: Path, start: Start, copy_of: Callable[[str], OlderCopy], killed: bool
) -> None:
    """Everything that the worker did is missing afterwards: claims, outcomes, messages, ledger, charges."""
    with looking(dsn) as world:
        n = fill(world)
        world.engine()
    older = copy_of(dsn)
    options = Options(tmp_path / "wire.log", odds=Odds(latency=(0.1, 0.2)))
    async with SimulatedGatewayProcess(options) as gateway:
        worker = start(dsn, gateway.url, tmp_path / "j")
        until(lambda: len(gateway.entries()) >= 8)
        assert len(gateway.entries()) < n
        if killed:
            worker.kill()
            worker.wait()
        older.takes_over()
        if killed:
            worker = start(dsn, gateway.url, tmp_path / "j")
        with looking(dsn) as world:
            until(lambda: world.value(HELD) == 1)
            until(lambda: {e.attempt for e in gateway.entries()} <= set(attempts(dsn)))
            until(lambda: world.statuses("broadcast_messages").get("sending", 0) == 0)
            entries = gateway.entries()
            assert len(entries) < n
            assert_put_back(dsn, entries)
            reason = world.value("SELECT reason FROM seqconsole.holds WHERE holder = 'failover'")
            assert "the database lost commits" in reason
            seen = world.now()
            until(lambda: world.value("SELECT max(ticked_at) > %s FROM seqconsole.workers", seen))
            assert len(gateway.entries()) == len(entries), "halted until an operator looked"
            await lifted(dsn)
            ended = {"sent", "unknown"}
            until(lambda: set(world.statuses("broadcast_messages")) <= ended, 40)
            doubts = world.statuses("broadcast_messages").get("unknown", 0)
        assert stop_worker(worker) == 0
        entries = gateway.entries()
    assert_once(entries)
    assert n - doubts <= len(entries) <= n
    assert killed or not doubts
    assert_put_back(dsn, entries)
    assert await judged(dsn) == {}
