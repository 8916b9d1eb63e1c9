"""Faults 8 and 37 at the start: a worker that finds no database, or a full one, says so and waits."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from engine.store import Access, Database, NotAdmitted
from tests.engine.wire import until
from tests.world import World

Worker = subprocess.Popen[bytes]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: a socket's name must fit into it."""
    made = Path(tempfile.mkdtemp(prefix="f-", dir="/tmp"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def crowd(dsn: str, world: World) -> Iterator[str]:
    """A role that may hold no connection at all, as when `max_connections` is reached (53300)."""
    name = f"crowd_{conninfo_to_dict(dsn)['dbname']}"
    world.run(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT 0")
    yield name
    world.run(f"DROP ROLE {name}")


def worker(address: str, folder: Path) -> Worker:
    command = [sys.executable, "-m", "seqconsole", "worker", "--gateway-url", "http://127.0.0.1:9"]
    environment = {**os.environ, "HOME": str(folder), "SEQCONSOLE_DATABASE_URL": address}
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(command, env=environment, stderr=said)


def test_fault_08_a_worker_that_starts_waits_for_a_database_that_is_away(
    dsn: str, world: World, folder: Path
) -> None:
    """Nothing listens at its address yet: one line, then another when it goes on."""
    sockets, said = folder / "run", folder / "said"
    process = worker(make_conninfo(dsn, host=str(sockets)), folder)
    try:
        until(lambda: "waiting for it" in said.read_text())
        sockets.symlink_to(str(conninfo_to_dict(dsn)["host"]))
        until(lambda: world.value("SELECT count(*) FROM seqconsole.workers") == 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    lines = said.read_text().splitlines()
    assert [line for line in lines if "waiting for it" in line] == lines[:1]
    assert "cannot reach" in lines[0]
    assert "going on" in lines[1]


@pytest.mark.large
def test_fault_37_a_worker_that_starts_waits_for_a_connection(
    dsn: str, world: World, folder: Path, crowd: str
) -> None:
    said = folder / "said"
    process = worker(make_conninfo(dsn, user=crowd), folder)
    try:
        until(lambda: "waiting for it" in said.read_text())
        assert "too many connections" in said.read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0, "it ends when it is told to"
    finally:
        process.kill()
        process.wait()


@pytest.mark.anyio
async def test_who_is_not_let_in_is_not_waited_for(dsn: str) -> None:
    for wrong in ({"user": "nobody_of_that_name"}, {"dbname": "no_such_database"}):
        with pytest.raises(NotAdmitted, match="does not exist"):
            async with Database.open(Access(make_conninfo(dsn, **wrong))):
                pass
