"""A migrated database, the world that fills it, and engines on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from engine.store import Access, Database
from tests.world import World


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    made = World.at(dsn)
    yield made
    made.close()


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    async with Database.open(Access(dsn, max_connections=8)) as opened:
        yield opened
