"""Fault 7: a worker that stood still for ten minutes between its claim and its request, and goes on then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.failpoints import VARIABLE
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


def stopping(dsn: str, url: str, home: Path, clocks: Path) -> subprocess.Popen[bytes]:
    """A worker that stops itself as soon as it knows what it claimed; its boot time is in `clocks`."""
    environment = {
        **os.environ,
        "HOME": str(home),
        "SEQCONSOLE_DATABASE_URL": dsn,
        "SEQCONSOLE_GATEWAY_URL": url,
        VARIABLE: "stop after claim",
    }
    command = [sys.executable, "-m", "tests.faults.moved_clocks", str(clocks), "worker"]
    return subprocess.Popen(command, env=environment)


def stands_still(process: subprocess.Popen[bytes]) -> bool:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.large
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
async def test_fault_07_a_worker_that_stood_still_writes_nothing_past_its_deadline(
    dsn: str, world: World, tmp_path: Path, start: Start
) -> None:
    """Its message is in doubt meanwhile; what it says of it later is proof, and moves no newer attempt."""
    world.setting("clock_offset", "0 seconds")
    world.message(world.device(), "60120000001", "once")
    world.engine()
    clocks = tmp_path / "clocks"
    clocks.write_text("0 0")
    async with SimulatedGatewayProcess(
        Options(tmp_path / "wire.log", odds=Odds(latency=(0.0, 0.02)))
    ) as gateway:
        zombie = stopping(dsn, gateway.url, tmp_path, clocks)
        try:
            until(lambda: world.value("SELECT count(*) FROM seqconsole.attempts") == 1)
            until(lambda: stands_still(zombie))
            world.advance(seconds=600)
            clocks.write_text("0 600")
            world.run("UPDATE seqconsole.workers SET boot_id = 'an earlier start'")
            other = start(dsn, gateway.url, tmp_path / "j")
            until(lambda: world.statuses("broadcast_messages") == {"unknown": 1})
            assert gateway.entries() == []
            zombie.send_signal(signal.SIGCONT)
            until(lambda: world.statuses("broadcast_messages") == {"sent": 1}, 60)
            assert stop_worker(other) == 0
            zombie.terminate()
            assert zombie.wait(20) == 0
        finally:
            zombie.kill()
            zombie.wait()
        entries = gateway.entries()
    assert_once(entries)
    [first, second] = world.run(
        "SELECT id::text, outcome, code FROM seqconsole.attempts ORDER BY claimed_at"
    )
    assert (first["outcome"], first["code"]) == ("never_sent", "too_late")
    assert [e.attempt for e in entries] == [second["id"]], "the zombie's own attempt never went out"
    async with Database.open(Access(dsn)) as database:
        await roll_up_all(database)
        assert await violations(database) == {}
