"""A durable PostgreSQL of the harness's own: the safe settings that production has, in a temporary folder."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from engine import adoption
from engine.store import Access
from seqconsole.embedded import Cluster
from tests.postgres import remove_root

SETTINGS = {
    "cluster_name": "seqconsole-bench",
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "max_connections": "100",
}
"""fsync, full_page_writes and synchronous_commit stay on, as they are by default."""


_numbers = itertools.count(1)


@dataclass
class BenchServer:
    """The running server; each measurement takes a database of its own."""

    cluster: Cluster
    prefix: str = "bench"

    async def database(self, *, adopted: bool = True) -> str:
        """The conninfo of a new database, brought to our schema unless told otherwise."""
        name = f"{self.prefix}_{next(_numbers)}"
        with self.maintenance() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        dsn = self.cluster.dsn(name)
        if adopted:
            await adoption.migrate(Access(dsn), country="60", fresh=True)
        return dsn

    def drop(self, dsn: str) -> None:
        """Drop a database that `database` made."""
        name = str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])
        with self.maintenance() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def process(self) -> int:
        """The server's first process; all its others are below it."""
        return int((self.cluster.data / "postmaster.pid").read_text().split()[0])

    def backends(self, dsn: str) -> list[int]:
        """The processes that serve a database's connections."""
        name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
        with self.maintenance() as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'",
                [name],
            )
            return [row[0] for row in found]

    def version(self) -> str:
        """The server's version."""
        with self.maintenance() as connection:
            return connection.info.parameter_status("server_version") or "?"

    @contextmanager
    def maintenance(self) -> Iterator[psycopg.Connection]:
        """A connection outside of the measured databases."""
        with psycopg.connect(self.cluster.dsn("postgres"), autocommit=True) as connection:
            yield connection


@contextmanager
def running() -> Iterator[BenchServer]:
    """A server that lives as long as the block; its folder is removed."""
    root = Path(tempfile.mkdtemp(prefix="seqbench-", dir="/tmp"))
    root.chmod(0o755)
    cluster = Cluster.at(root, None, SETTINGS)
    try:
        with cluster.use():
            yield BenchServer(cluster)
    finally:
        remove_root(root)
