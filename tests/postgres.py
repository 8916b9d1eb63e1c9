"""The PostgreSQL of a test session: one cluster, shared by all xdist workers, a database a test."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from engine import adoption
from engine.store import Access
from seqconsole.embedded import Cluster

ROOT_VARIABLE = "SEQCONSOLE_TEST_ROOT"  # set by the controlling process, inherited by the workers
BIN_VARIABLE = "SEQCONSOLE_TEST_PG_BIN"
TEMPLATE = "tpl"
SETTINGS = {
    "cluster_name": "seqconsole-test",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum_naptime": "1h",
    "wal_compression": "off",  # each new database is written to the log whole
}


def prepare_template(dsn: str) -> None:
    """Bring the empty template database to what every test's database starts from: fresh, marked test."""

    async def migrate() -> None:
        await adoption.migrate(Access(dsn), country="60", fresh=True)

    asyncio.run(migrate())
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO seqconsole.settings (scope, name, value) VALUES ('database', 'mark', '\"test\"')"
        )


def make_root() -> Path:
    """A new folder for the session's cluster: a short path, open to the demoted server."""
    root = Path(tempfile.mkdtemp(prefix="seqtest-", dir="/tmp"))
    root.chmod(0o755)
    os.environ[ROOT_VARIABLE] = str(root)
    return root


def remove_root(root: Path) -> None:
    """Wait until the server is gone (the last worker has left it) and remove the folder."""
    lock = root / "keeper.lock"
    deadline = time.monotonic() + 30
    while lock.exists() and not is_free(lock) and time.monotonic() < deadline:
        time.sleep(0.02)
    shutil.rmtree(root, ignore_errors=True)


def session_cluster() -> Cluster:
    """The cluster that all workers of this session share."""
    named = os.environ.get(BIN_VARIABLE)
    root = Path(os.environ[ROOT_VARIABLE])
    return Cluster.at(root, Path(named) if named else None, SETTINGS)


@dataclass
class TestServer:
    """The running server, and the databases made on it."""

    __test__ = False

    cluster: Cluster
    owner: str  # the worker: part of the names it makes
    _made: int = field(default=0, init=False)

    def dsn(self, database: str) -> str:
        """The conninfo of a database."""
        return self.cluster.dsn(database)

    def make_template(self) -> str:
        """The name of the prepared template; the first worker to ask makes it."""
        with (self.cluster.root / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with self._maintenance() as connection:
                found = connection.execute(
                    "SELECT FROM pg_database WHERE datname = %s AND datistemplate", [TEMPLATE]
                )
                if found.fetchone() is None:
                    self._drop(connection, TEMPLATE)
                    name = sql.Identifier(TEMPLATE)
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
                    prepare_template(self.dsn(TEMPLATE))
                    closed = "ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false"
                    connection.execute(sql.SQL(closed).format(name))
        return TEMPLATE

    def create(self, template: str = TEMPLATE) -> str:
        """Make a database from `template` and return its name."""
        self._made += 1
        name = f"{self.owner}_{os.getpid()}_{self._made}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log")
        with self._maintenance() as connection:
            names = sql.Identifier(name), sql.Identifier(template)
            connection.execute(statement.format(*names))
        return name

    def drop(self, database: str) -> None:
        """Drop a database, whoever is connected to it."""
        with self._maintenance() as connection:
            self._drop(connection, database)

    @staticmethod
    def _drop(connection: psycopg.Connection, database: str) -> None:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(statement.format(sql.Identifier(database)))

    @contextmanager
    def _maintenance(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            yield connection


def is_free(lock: Path) -> bool:
    """Whether nobody holds the lock file exclusively."""
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
