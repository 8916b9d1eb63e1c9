"""Workers as processes, killed where it hurts; judged by the gateway's own log."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from engine.gateways.simulator.behaviour import Odds
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess
from engine.invariants import violations
from engine.rollup import roll_up_all
from engine.store import Database
from tests.engine.wire import assert_once, assert_window, start_worker, stop_worker, until
from tests.world import World

pytestmark = pytest.mark.anyio

QUICK = Odds(latency=(0.0, 0.02))


def fill(world: World, devices: int, messages: int, *, limit: int = 80) -> None:
    made = [world.device(f"d{n}", limit=limit) for n in range(devices)]
    for n in range(messages):
        world.message(made[n % devices], f"6012{n:07}", f"text {n}")


@pytest.mark.slow
async def test_the_window_on_the_real_clock_with_four_workers(
    dsn: str, world: World, database: Database, tmp_path: Path
) -> None:
    """8 per 10 s and device, four workers, judged by when the wire saw each message."""
    world.setting("send_window", "10 seconds", "default")
    fill(world, 3, 120, limit=8)
    world.engine()
    async with SimulatedGatewayProcess(Options(tmp_path / "wire.log", odds=QUICK)) as gateway:
        workers = [start_worker(dsn, gateway.url, tmp_path / "j") for _ in range(4)]
        until(lambda: len(gateway.entries()) >= 3 * 8 * 2, 40)
        assert [stop_worker(w) for w in workers] == [0] * 4
        entries = gateway.entries()
    assert_window(entries, 8, 10.0)
    assert_once(entries)
    span = max(e.t for e in entries) - min(e.t for e in entries)
    assert span < 18, "the second eight follow as soon as the first leave the window"
    await roll_up_all(database)
    assert await violations(database) == {}


@pytest.mark.parametrize(
    ("failpoint", "statuses", "on_wire"),
    [
        ("before claim", {"sent": 1}, 1),
        ("in claim", {"sent": 1}, 1),
        ("after claim", {"sent": 1}, 1),
        ("before write", {"unknown": 1}, 0),
        ("after answer", {"unknown": 1}, 1),
        ("before settle", {"sent": 1}, 1),
        ("after settle", {"sent": 1}, 1),
    ],
)
async def test_fault_01_to_06_a_worker_killed_at_each_point(
    dsn: str,
    world: World,
    database: Database,
    tmp_path: Path,
    failpoint: str,
    statuses: dict[str, int],
    on_wire: int,
) -> None:
    """The next worker proves what it can from the journal; what cannot be proven stays in doubt."""
    world.setting("clock_offset", "0 seconds")
    fill(world, 1, 1)
    world.engine()
    async with SimulatedGatewayProcess(Options(tmp_path / "wire.log", odds=QUICK)) as gateway:
        doomed = start_worker(dsn, gateway.url, tmp_path / "j", failpoint=failpoint)
        assert doomed.wait(20) == -signal.SIGKILL
        world.advance(seconds=200)
        # Time passed; the clock did not jump while this machine ran.
        world.run("UPDATE seqconsole.workers SET boot_id = 'an earlier start'")
        survivor = start_worker(dsn, gateway.url, tmp_path / "j")
        until(
            lambda: world.value(
                "SELECT count(*) FROM seqconsole.workers WHERE pid = %s", survivor.pid
            )
        )
        until(lambda: world.statuses("broadcast_messages") == statuses)
        assert stop_worker(survivor) == 0
        entries = gateway.entries()
    assert len(entries) == on_wire
    assert_once(entries)
    await roll_up_all(database)
    assert await violations(database) == {}


@pytest.mark.smoke
async def test_sigterm_drains_and_nothing_is_in_doubt(
    dsn: str, world: World, database: Database, tmp_path: Path
) -> None:
    fill(world, 20, 20)
    world.engine()
    odds = Odds(latency=(0.5, 1.0))
    async with SimulatedGatewayProcess(Options(tmp_path / "wire.log", odds=odds)) as gateway:
        worker = start_worker(dsn, gateway.url, tmp_path / "j")
        until(lambda: world.statuses("broadcast_messages").get("sending", 0) > 0)
        assert stop_worker(worker) == 0
    statuses = world.statuses("broadcast_messages")
    assert set(statuses) <= {"sent", "pending"}
    assert statuses["sent"] == len(gateway.entries())
    assert world.value("SELECT count(*) FROM seqconsole.workers") == 0
    assert not list((tmp_path / "j").glob("*.journal"))
