"""One migrated database for all: each test has people and devices of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count

import pytest

from engine.store import Access, Database
from tests import postgres
from tests.world import World

_PHONES = count(60_123_000_001)


@pytest.fixture(scope="package")
def dsn(server: postgres.TestServer, template_database: str) -> Iterator[str]:
    name = server.create(template_database)
    yield server.dsn(name)
    server.drop(name)


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    made = World.at(dsn)
    made.freeze()
    made.engine()
    yield made
    made.close()


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    async with Database.open(Access(dsn, max_connections=8)) as opened:
        yield opened


@pytest.fixture
def phone() -> str:
    return str(next(_PHONES))


@pytest.fixture
def new_phone() -> Callable[[], str]:
    return lambda: str(next(_PHONES))
