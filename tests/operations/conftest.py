"""A migrated database with a world in it, and databases that another application made."""

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
    """The world of a database whose unique key never was built, so that duplicates can be."""
    made = World.at(dsn)
    made.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
    yield made
    made.close()


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    async with Database.open(Access(dsn, max_connections=8)) as opened:
        yield opened
