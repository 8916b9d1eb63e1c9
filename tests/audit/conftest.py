"""A database that nobody adopted, and one that our engine works."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from engine.store.sqlfiles import text
from tests.audit.wild import Wild
from tests.postgres import TestServer
from tests.world import World


@pytest.fixture(scope="module")
def wild_dsn(server: TestServer) -> Iterator[str]:
    """A database for the tests of a module, one after the other."""
    name = server.create("template0")
    yield server.dsn(name)
    server.drop(name)


@pytest.fixture
def wild(wild_dsn: str) -> Iterator[Wild]:
    """The operator's tables alone, empty, without keys of ours or our schema."""
    made = Wild.at(wild_dsn)
    made.run("DROP SCHEMA IF EXISTS public, sequence_archive, elsewhere, seqconsole CASCADE")
    made.run("CREATE SCHEMA public")
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
