"""Fault 36: no space left, for a worker's journal and for PostgreSQL's data and log. Both go on when there is some."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from engine.gateways.simulator.behaviour import Odds
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess
from engine.invariants import violations
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.engine.wire import assert_once, stop_worker, until
from tests.postgres import prepare_template
from tests.soak.load import query
from tests.soak.server import Server
from tests.world import World

pytestmark = pytest.mark.anyio

Start = Callable[..., subprocess.Popen[bytes]]

NO_PRLIMIT = not hasattr(resource, "prlimit")
ATTEMPTS = "SELECT count(*) FROM seqconsole.attempts"


async def judged(dsn: str) -> dict[str, list[dict[str, object]]]:
    async with Database.open(Access(dsn)) as database:
        await roll_up_all(database)
        return await violations(database)


def ticked_since(world: World, seen: datetime) -> bool:
    found: bool = world.value("SELECT max(ticked_at) > %s FROM seqconsole.workers", seen)
    return found


@pytest.mark.slow
@pytest.mark.skipif(NO_PRLIMIT, reason="limits of another process are Linux's")
async def test_fault_36_a_worker_that_cannot_write_its_journal_takes_no_work(
    dsn: str, world: World, tmp_path: Path, start: Start
) -> None:
    device = world.device()
    world.message(device, "60120000001", "first")
    world.engine()
    journals = tmp_path / "j"
    async with SimulatedGatewayProcess(
        Options(tmp_path / "wire.log", odds=Odds(latency=(0.0, 0.02)))
    ) as gateway:
        worker = start(dsn, gateway.url, journals, stderr=subprocess.DEVNULL)
        until(lambda: world.statuses("broadcast_messages") == {"sent": 1})
        [journal] = journals.glob("*.journal")
        hard = resource.prlimit(worker.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (journal.stat().st_size, hard))
        for n in range(3):
            world.message(device, f"6013000000{n}", f"text {n}")
        later = world.now() + timedelta(seconds=1)
        until(lambda: ticked_since(world, later))
        assert world.value(ATTEMPTS) == 1, "nothing is claimed"
        assert worker.poll() is None
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (hard, hard))
        until(lambda: world.statuses("broadcast_messages") == {"sent": 4})
        assert stop_worker(worker) == 0
        entries = gateway.entries()
    assert_once(entries)
    assert len(entries) == 4
    assert await judged(dsn) == {}


@pytest.fixture
def small_server() -> Iterator[Server]:
    """A server on a disk of 220 MB."""
    root = Path(tempfile.mkdtemp(prefix="full-", dir="/tmp"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=220m,mode=755", "tmpfs", str(root)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        root.rmdir()
        pytest.skip("a small disk needs the right to mount one")
    server = None
    try:
        server = Server.create(root)
        server.start()
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE small")
        prepare_template(server.dsn("small"))
        yield server
    finally:
        if server is not None:
            server.stop()
        subprocess.run(["umount", "-l", str(root)], check=True)
        shutil.rmtree(root, ignore_errors=True)


def fill_the_disk(server: Server, dsn: str) -> Path:
    """A file takes most of it; writes of another application find the rest and its end."""
    ballast = server.root / "ballast"
    free = shutil.disk_usage(server.root).free
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(0, free - 8 * 1024 * 1024))
    with suppress(psycopg.Error), psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE junk (t text)")
        for _ in range(100):
            connection.execute(
                "INSERT INTO junk SELECT repeat(md5(i::text), 60) FROM generate_series(1, 2000) i"
            )
        raise AssertionError("the disk never became full")
    return ballast


@pytest.mark.large
async def test_fault_36_the_disk_of_postgresql_is_full(
    small_server: Server, tmp_path: Path, start: Start
) -> None:
    dsn, n = small_server.dsn("small"), 400
    with closing(World.at(dsn)) as world:
        devices = [world.device(f"d{d}") for d in range(8)]
        for number in range(n):
            world.message(devices[number % 8], f"6012{number:07}", f"text {number}")
        world.engine()
    options = Options(tmp_path / "wire.log", odds=Odds(latency=(0.05, 0.1)))
    async with SimulatedGatewayProcess(options) as gateway:
        workers = [start(dsn, gateway.url, tmp_path / "j") for _ in range(2)]
        until(lambda: len(gateway.entries()) >= 16)
        ballast = fill_the_disk(small_server, dsn)
        assert len(gateway.entries()) < n
        ballast.unlink()
        small_server.start()
        with closing(World.at(dsn)) as world:
            world.run("DROP TABLE IF EXISTS junk")
            until(lambda: world.statuses("broadcast_messages") == {"sent": n}, 90)
        assert [w.poll() for w in workers] == [None, None], "no worker ended"
        assert [stop_worker(w) for w in workers] == [0, 0]
        entries = gateway.entries()
    log = (small_server.root / "server.log").read_text()
    assert "No space left on device" in log
    assert_once(entries)
    assert len(entries) == n
    assert query(dsn, "SELECT count(*) FROM seqconsole.attempts WHERE outcome IS NULL") == [(0,)]
    assert await judged(dsn) == {}
