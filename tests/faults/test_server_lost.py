"""PostgreSQL goes away under working engines: nothing is sent twice, no result is lost, work goes on."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.gateways.simulator.behaviour import Odds
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess
from engine.invariants import violations
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.engine.wire import assert_once, stop_worker, until
from tests.soak.load import query
from tests.soak.server import Server
from tests.world import World

pytestmark = pytest.mark.anyio

Start = Callable[..., subprocess.Popen[bytes]]

MESSAGES = 48
STATUSES = "SELECT status, count(*) FROM broadcast_messages GROUP BY 1"
OPEN = "SELECT count(*) FROM seqconsole.attempts WHERE outcome IS NULL"
TICKED = "SELECT count(*) FROM seqconsole.workers WHERE ticked_at > %s"
CLAIMED = "SELECT count(*) FROM seqconsole.attempts"


def fill(dsn: str) -> None:
    with closing(World.at(dsn)) as world:
        devices = [world.device(f"d{n}") for n in range(8)]
        for n in range(MESSAGES):
            world.message(devices[n % 8], f"6012{n:07}", f"text {n}")
        world.engine()


async def survives(
    server: Server, dsn: str, folder: Path, start: Start, down: Callable[[], None]
) -> None:
    """Two workers with requests on the wire; the server is taken `down` and started again."""
    fill(dsn)
    options = Options(folder / "wire.log", odds=Odds(latency=(0.2, 0.4)))
    async with SimulatedGatewayProcess(options) as gateway:
        workers = [start(dsn, gateway.url, folder / "j") for _ in range(2)]
        until(lambda: query(dsn, OPEN)[0][0] >= 4 and len(gateway.entries()) >= 8)
        claimed = query(dsn, CLAIMED)[0][0]
        down()
        until(lambda: len(gateway.entries()) >= claimed)  # answers that nobody can record now
        server.start()
        up = query(dsn, "SELECT clock_timestamp()")[0][0]
        until(lambda: query(dsn, TICKED, up)[0][0] == 2, 10)
        until(lambda: query(dsn, STATUSES) == [("sent", MESSAGES)], 30)
        assert [w.poll() for w in workers] == [None, None], "no worker ended"
        assert [stop_worker(w) for w in workers] == [0, 0]
        entries = gateway.entries()
    assert len(entries) == MESSAGES
    assert_once(entries)
    later = "SELECT min(claimed_at) FROM seqconsole.attempts WHERE claimed_at > %s"
    assert (query(dsn, later, up)[0][0] - up).total_seconds() < 10
    async with Database.open(Access(dsn)) as database:
        await roll_up_all(database)
        assert await violations(database) == {}


@pytest.mark.slow
async def test_fault_08_the_postmaster_is_killed(
    mortal: Server, mortal_dsn: str, tmp_path: Path, start: Start
) -> None:
    await survives(mortal, mortal_dsn, tmp_path, start, mortal.kill)


@pytest.mark.soak
async def test_fault_08_a_long_outage_is_not_waited_for_again(
    mortal: Server, mortal_dsn: str, tmp_path: Path, start: Start
) -> None:
    """Each engine claims within seconds of the server's return, however long it was away."""

    def down() -> None:
        mortal.kill()
        time.sleep(45)

    await survives(mortal, mortal_dsn, tmp_path, start, down)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
@pytest.mark.slow
async def test_fault_09_the_server_is_shut_down(
    mortal: Server, mortal_dsn: str, tmp_path: Path, start: Start, how: signal.Signals
) -> None:
    await survives(mortal, mortal_dsn, tmp_path, start, lambda: mortal.stop(how))


@pytest.mark.slow
async def test_fault_09_the_server_restarts_again_and_again(
    mortal: Server, mortal_dsn: str, tmp_path: Path, start: Start
) -> None:
    def loop() -> None:
        for _ in range(4):
            mortal.stop(signal.SIGQUIT)
            time.sleep(0.2)
            mortal.start()
        mortal.kill()

    await survives(mortal, mortal_dsn, tmp_path, start, loop)
