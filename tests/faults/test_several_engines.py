"""Connections cut one by one, six engines at one slot, two engines by mistake."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.gateways.simulator.behaviour import Odds
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess
from engine.invariants import violations
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.engine.wire import assert_once, stop_worker, until
from tests.world import World

pytestmark = pytest.mark.anyio

Start = Callable[..., subprocess.Popen[bytes]]

ENGINES = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name = 'seqconsole' ORDER BY backend_start, pid"
)


def fill(world: World, devices: int, messages: int, *, limit: int = 80) -> None:
    made = [world.device(f"d{n}", limit=limit) for n in range(devices)]
    for n in range(messages):
        world.message(made[n % devices], f"6012{n:07}", f"text {n}")


async def judged(dsn: str) -> dict[str, list[dict[str, object]]]:
    async with Database.open(Access(dsn)) as database:
        await roll_up_all(database)
        return await violations(database)


@pytest.mark.slow
async def test_fault_10_each_connection_is_terminated_in_turn(
    dsn: str, world: World, tmp_path: Path, start: Start
) -> None:
    """Twice each, in whatever the engine does there at that moment, with requests on the wire."""
    fill(world, 8, 400)
    options = Options(tmp_path / "wire.log", odds=Odds(latency=(0.02, 0.1)))
    async with SimulatedGatewayProcess(options) as gateway:
        workers = [start(dsn, gateway.url, tmp_path / "j") for _ in range(2)]
        world.engine()
        until(lambda: len(gateway.entries()) >= 10)
        ended: set[int] = set()
        while len(ended) < 16:
            pid = next((r["pid"] for r in world.run(ENGINES) if r["pid"] not in ended), None)
            if pid is not None:
                world.run("SELECT pg_terminate_backend(%s, 5000)", pid)
                ended.add(pid)
            assert world.statuses("broadcast_messages").get("sent", 0) < 400, "too little to do"
        until(lambda: world.statuses("broadcast_messages") == {"sent": 400}, 60)
        assert [w.poll() for w in workers] == [None, None], "no worker ended"
        assert [stop_worker(w) for w in workers] == [0, 0]
        entries = gateway.entries()
    assert len(entries) == 400
    assert_once(entries)
    assert await judged(dsn) == {}


@pytest.mark.slow
async def test_fault_33_six_workers_one_device_one_free_slot(
    dsn: str, world: World, tmp_path: Path, start: Start
) -> None:
    fill(world, 1, 6, limit=1)
    async with SimulatedGatewayProcess(Options(tmp_path / "wire.log")) as gateway:
        await gateway.set_latency(0.0, 0.02)
        workers = [start(dsn, gateway.url, tmp_path / "j") for _ in range(6)]
        until(lambda: world.value("SELECT count(*) FROM seqconsole.workers") == 6)
        world.engine()
        until(lambda: gateway.entries())
        seen = world.now()
        until(
            lambda: world.value(
                "SELECT min(ticked_at) > %s + interval '1 second' FROM seqconsole.workers", seen
            )
        )
        assert [stop_worker(w) for w in workers] == [0] * 6
        assert len(gateway.entries()) == 1
    assert world.value("SELECT count(*) FROM seqconsole.attempts") == 1
    assert await judged(dsn) == {}


@pytest.mark.slow
async def test_fault_52_two_engines_by_mistake(
    dsn: str, world: World, tmp_path: Path, start: Start
) -> None:
    """The same database, gateway and journal folder: both work, both are shown, all is sent once."""
    fill(world, 10, 200)
    options = Options(tmp_path / "wire.log", odds=Odds(latency=(0.01, 0.05)))
    async with SimulatedGatewayProcess(options) as gateway:
        workers = [start(dsn, gateway.url, tmp_path / "j", concurrency=5) for _ in range(2)]
        pids = "SELECT array_agg(pid ORDER BY pid) FROM seqconsole.workers"
        until(lambda: world.value(pids) == sorted(w.pid for w in workers))
        world.engine()
        until(lambda: world.statuses("broadcast_messages") == {"sent": 200}, 40)
        assert [stop_worker(w) for w in workers] == [0, 0]
        entries = gateway.entries()
    assert len(entries) == 200
    assert_once(entries)
    by_worker = "SELECT count(DISTINCT worker_id) FROM seqconsole.attempts WHERE outcome = 'sent'"
    assert world.value(by_worker) == 2
    assert await judged(dsn) == {}
