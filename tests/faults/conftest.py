"""A database of the shared server, a proxy before it, and a PostgreSQL of our own that may be killed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from engine.store import Access, Database
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
