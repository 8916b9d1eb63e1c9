"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import postgres

_ROOT = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # not in the workers of xdist: they share one folder
        config.stash[_ROOT] = postgres.make_root()


def pytest_unconfigure(config: pytest.Config) -> None:
    root = config.stash.get(_ROOT, None)
    if root is not None:
        postgres.remove_root(root)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio: the driver knows nothing else."""
    return "asyncio"


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[postgres.TestServer]:
    """The session's PostgreSQL, without fsync; SEQCONSOLE_TEST_PG_BIN names other programs."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    cluster = postgres.session_cluster()
    with cluster.use():
        yield postgres.TestServer(cluster, worker)


@pytest.fixture(scope="session")
def server_dsn(server: postgres.TestServer) -> Callable[[str], str]:
    """database -> its conninfo; `postgres` is there for maintenance."""
    return server.dsn


@pytest.fixture(scope="session")
def template_database(server: postgres.TestServer) -> str:
    """The name of the template that `new_database` copies (postgres.prepare_template)."""
    return server.make_template()


@pytest.fixture
def new_database(
    server: postgres.TestServer, template_database: str
) -> Iterator[Callable[..., str]]:
    """() -> the conninfo of a new database, dropped after the test.

    `template="template0"` gives an empty one.
    """
    made: list[str] = []

    def create(template: str = template_database) -> str:
        made.append(server.create(template))
        return server.dsn(made[-1])

    yield create
    for name in made:
        server.drop(name)
