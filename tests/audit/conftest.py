"""A database that nobody adopted, and one that our engine works."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from engine.store.sqlfiles import text
from tests.audit.wild import Wild
from tests.world import World


@pytest.fixture
def wild(new_database: Callable[..., str]) -> Iterator[Wild]:
    """The operator's tables alone, without keys of ours or our schema."""
    dsn = new_database("template0")
    made = Wild.at(dsn)
    made.connection.execute(text("operator_tables").encode())
    yield made
    made.close()


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    made = World.at(dsn)
    yield made
    made.close()
