"""A database of the shared server, a proxy before it, and a PostgreSQL of our own that may be killed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from engine.store import Access, Database
from tests.engine.wire import start_worker
from tests.faults.proxy import Proxy
from tests.postgres import prepare_template
from tests.soak.server import Server
from tests.world import World


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    with closing(World.at(dsn)) as made:
        yield made


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """Straight to the server, for the test's own questions."""
    async with Database.open(Access(dsn)) as opened:
        yield opened


@pytest.fixture
async def proxy(dsn: str) -> AsyncIterator[Proxy]:
    async with Proxy(dsn) as running:
        yield running


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """`start_worker`; a worker that the test left behind is killed after it."""
    started: list[subprocess.Popen[bytes]] = []

    def worker(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(start_worker(*args, **options))
        return started[-1]

    yield worker
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture(scope="module")
def mortal() -> Iterator[Server]:
    """A running server whose postmaster is our child, with a template database `made`."""
    root = Path(tempfile.mkdtemp(prefix="fault-", dir="/tmp"))
    server = Server.create(root)
    try:
        server.start()
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE made")
        prepare_template(server.dsn("made"))
        yield server
    finally:
        server.stop()
        shutil.rmtree(root)


@pytest.fixture
def mortal_dsn(mortal: Server, request: pytest.FixtureRequest) -> str:
    """A new database on it."""
    name = f"db{abs(hash(request.node.name))}"
    with psycopg.connect(mortal.dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE made")
    return mortal.dsn(name)
