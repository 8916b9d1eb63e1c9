"""The databases that tests are given."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import psycopg
import pytest

from tests.postgres import TestServer


def databases(server: TestServer) -> set[str]:
    with psycopg.connect(server.dsn("postgres")) as connection:
        return {row[0] for row in connection.execute("SELECT datname FROM pg_database")}


@pytest.mark.parametrize("turn", range(2))
def test_each_database_is_new(new_database: Callable[..., str], turn: int) -> None:
    dsns = {new_database(), new_database(), new_database(template="template0")}
    assert len(dsns) == 3
    for dsn in dsns:
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE TABLE only_once (n int)")


def test_a_dropped_database_is_gone_although_it_is_in_use(
    server: TestServer, template_database: str
) -> None:
    name = server.create(template_database)
    with closing(psycopg.connect(server.dsn(name))) as connection:
        connection.execute("SELECT 1")
        assert name in databases(server)
        server.drop(name)
        assert name not in databases(server)


def test_the_template_takes_no_connection(server: TestServer, template_database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        psycopg.connect(server.dsn(template_database))


@pytest.mark.anyio
async def test_async_tests_run_on_asyncio(anyio_backend: str) -> None:
    assert anyio_backend == "asyncio"
