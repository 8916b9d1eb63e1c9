"""Sound databases to plant defects in: one not adopted, one adopted, copied for each test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import psycopg
import pytest

from engine import adoption
from engine.store import Access
from tests.dirty import Wild, new_tables
from tests.postgres import TestServer

WILD = Wild(contacts=40)


@pytest.fixture(scope="session")
def wild_template(server: TestServer) -> Iterator[str]:
    """A database as another application leaves it, and sound."""
    name = server.create("template0")
    new_tables(server.dsn(name), WILD)
    yield name
    server.drop(name)


@pytest.fixture(scope="session")
def adopted_template(server: TestServer, wild_template: str) -> Iterator[str]:
    """The same, adopted."""
    name = server.create(wild_template)
    asyncio.run(adoption.migrate(Access(server.dsn(name)), country="60"))
    yield name
    server.drop(name)


@pytest.fixture
def wild(new_database: Callable[..., str], wild_template: str) -> str:
    """The conninfo of a copy that is not adopted."""
    return new_database(template=wild_template)


@pytest.fixture
def adopted(new_database: Callable[..., str], adopted_template: str) -> str:
    """The conninfo of an adopted copy, marked as a test's."""
    dsn = new_database(template=adopted_template)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO seqconsole.settings (scope, name, value) VALUES ('database', 'mark', '\"test\"')"
        )
    return dsn
