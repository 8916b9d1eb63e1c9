"""Databases as another application made them, and the migrator in processes that can be killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from engine.store.sqlfiles import text
from tests.world import World

TABLES = text("operator_tables")


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> str:
    """An empty database: no table, no schema of ours."""
    return new_database(template="template0")


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    """The operator's tables, empty, without anything of ours."""
    made = World.at(dsn)
    made.run(TABLES)
    yield made
    made.close()
