"""The one user of psycopg: a pool, and transactions that carry their own settings.

Nothing depends on the session, so PgBouncer in transaction mode works (DESIGN 3).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, LiteralString, TypeVar

import psycopg
from psycopg import AsyncConnection, AsyncPipeline, errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import class_row, dict_row, tuple_row
from psycopg_pool import AsyncConnectionPool

from engine.failpoints import failpoint
from engine.store.deadline import CHECK_LIMIT, GRACE, Deadline, seconds
from engine.store.errors import DatabaseUnavailable, Refused, missing_grant, translated
from engine.store.infinity import register
from engine.store.sqlfiles import as_query, query, text

Row = TypeVar("Row")

CONNECTION: Final[Mapping[str, Any]] = {
    "autocommit": True,
    "prepare_threshold": None,
    "connect_timeout": 10,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 10000,
}
"""Every connection of ours; a dead peer is noticed within 15 s. `tcp_user_timeout` is in ms."""

FRESH: Final = 1.0
"""Seconds after its last use for which a connection is taken to stand without asking the server."""

OPERATOR: Final = "operator"
"""The writer whose commits wake the engines."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a process reaches its database. `server` names it where the address says little."""

    conninfo: str
    schema: str = "public"
    application: str = "seqconsole"
    read_only: bool = False
    max_connections: int = 4
    server: str = ""

    @property
    def described(self) -> str:
        """Where this leads, without user's secrets: `dbname on host`."""
        return _described(self)

    @property
    def search_path(self) -> str:
        """The operator's schema, quoted, then nothing that a stranger could fill."""
        return f'"{self.schema.replace(chr(34), chr(34) * 2)}", pg_temp'


@lru_cache(maxsize=64)
def _described(access: Access) -> str:
    """Every transaction says where it leads: an address is taken apart once."""
    try:
        parts = conninfo_to_dict(access.conninfo)
    except psycopg.ProgrammingError:
        return "the database at an address that cannot be read"
    host = str(parts.get("host") or parts.get("service") or "local socket")
    place = access.server or ("a local socket" if host.startswith("/") else host)
    return f"{parts.get('dbname') or parts.get('service') or 'default'} on {place}"


class Pooled(AsyncConnection[Any]):
    """A connection of the pool; `used_at` is when it last answered (the event loop's clock)."""

    used_at: float = float("-inf")


async def _configure(conn: Pooled) -> None:
    register(conn)


async def _check(conn: Pooled) -> None:
    if asyncio.get_running_loop().time() - conn.used_at < FRESH:
        return
    with Deadline(conn, CHECK_LIMIT):
        await AsyncConnectionPool.check_connection(conn)


class Transaction:
    """One open transaction; statements are named by their file below `sql/`."""

    def __init__(
        self,
        conn: AsyncConnection[Any],
        deadline: Deadline,
        place: str,
        pipeline: AsyncPipeline | None = None,
    ) -> None:
        self._conn = conn
        self._deadline = deadline
        self._place = place
        self._pipeline = pipeline
        self.last = ""

    def _statement(self, name: str) -> LiteralString:
        self.last = name
        return query(name)

    async def run(self, name: str, **params: Any) -> int:
        """Run a statement; returns the number of rows it changed or found."""
        self._deadline.renew()
        cursor = await self._conn.execute(self._statement(name), params)
        if self._pipeline is not None:
            await self._pipeline.sync()
        return cursor.rowcount

    async def queue(self, name: str, **params: Any) -> None:
        """Run a statement without waiting for its end; an error of it is raised by what follows."""
        self._deadline.renew()
        await self._conn.execute(self._statement(name), params)

    async def rows(self, row: type[Row], name: str, **params: Any) -> list[Row]:
        """The result, each row as an instance of a dataclass."""
        self._deadline.renew()
        async with self._conn.cursor(row_factory=class_row(row)) as cursor:
            await cursor.execute(self._statement(name), params)
            return await cursor.fetchall()

    async def one(self, row: type[Row], name: str, **params: Any) -> Row | None:
        """The first row of the result as an instance of a dataclass, if there is one."""
        found = await self.rows(row, name, **params)
        return found[0] if found else None

    async def dicts(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """The result as dictionaries, for output that goes on as JSON."""
        self._deadline.renew()
        async with self._conn.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(self._statement(name), params)
            return await cursor.fetchall()

    async def alone(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """The result of a statement put together from several files, in a savepoint of its own.

        Where it fails the transaction goes on. Raises Busy (also: out of time), Refused, Rejected.
        """
        self._deadline.renew()
        with translated(self._place):
            async with (
                self._conn.transaction(),
                self._conn.cursor(row_factory=dict_row) as cursor,
            ):
                await cursor.execute(as_query(sql), params)
                return await cursor.fetchall()

    async def value(self, name: str, **params: Any) -> Any:
        """The first column of the first row, or None."""
        self._deadline.renew()
        async with self._conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(self._statement(name), params)
            found = await cursor.fetchone()
            return found[0] if found else None

    async def copy(self, name: str, rows: Iterable[Sequence[Any]]) -> None:
        """COPY ... FROM STDIN by the statement `name`; for loading, never on a shared table under load."""
        self._deadline.renew()
        async with self._conn.cursor() as cursor, cursor.copy(self._statement(name)) as copy:
            for row in rows:
                await copy.write_row(row)

    async def now(self) -> datetime:
        """The database's clock (DESIGN 3). Call it once, after the transaction's locks."""
        found: datetime = await self.value("session/now")
        return found

    async def lock_gate(self, *, exclusive: bool) -> None:
        """The gate of DESIGN 5.2: shared by a claim, exclusive for whatever closes a gate."""
        await self.queue(f"session/lock_gate_{'exclusive' if exclusive else 'shared'}")


class Database:
    """A pool on one database. Belongs to the event loop that opened it."""

    def __init__(self, access: Access, pool: AsyncConnectionPool[Pooled]) -> None:
        self.access = access
        self.zone = "UTC"
        self._pool = pool

    @classmethod
    @asynccontextmanager
    async def open(cls, access: Access, *, prove: bool = True) -> AsyncIterator[Database]:
        """Open the pool. `prove`: with one connection first; raises DatabaseUnavailable in one clear line."""
        options = {**CONNECTION, "application_name": access.application}
        if prove:
            with translated(access.described):
                await (await AsyncConnection.connect(access.conninfo, **options)).close()
        pool: AsyncConnectionPool[Pooled] = AsyncConnectionPool(
            access.conninfo,
            connection_class=Pooled,
            min_size=1,
            max_size=access.max_connections,
            kwargs=options,
            open=False,
            check=_check,
            timeout=10,
            reconnect_timeout=5,  # its back-off doubles until then: after a long outage, too long
            configure=_configure,
            name=access.application,
        )
        try:
            await pool.open()
            yield cls(access, pool)
        finally:
            await pool.close(timeout=5)

    @asynccontextmanager
    async def transaction(
        self,
        *,
        writer: str = "",
        statement_timeout: str = "30s",
        lock_timeout: str = "5s",
        snapshot: bool = False,
        repeatable: bool = False,
        pipelined: bool = False,
    ) -> AsyncIterator[Transaction]:
        """A transaction with this database's zone and tables. `writer` names us to the change feed.

        `repeatable` reads everything at one instant (REPEATABLE READ); `snapshot` also writes nothing.
        `pipelined` waits for the server only where a result is read, to be quick from afar (no COPY).
        The database ends a statement after `statement_timeout`; where not even that is heard, the connection
        is cut `GRACE` later. Raises DatabaseUnavailable, Refused or psycopg's error for a fault of ours.
        """
        with translated(self.access.described):
            async with self._pool.connection() as conn:
                with Deadline(conn, seconds(statement_timeout) + GRACE) as deadline:
                    async with (
                        self._mode(conn, snapshot, repeatable),
                        conn.pipeline() if pipelined else nullcontext() as pipeline,
                        conn.transaction(),
                    ):
                        await conn.execute(
                            query("session/begin"),
                            {
                                "zone": self.zone,
                                "schema": self.access.search_path,
                                "writer": writer,
                                "statement_timeout": statement_timeout,
                                "lock_timeout": lock_timeout,
                            },
                        )
                        tx = Transaction(conn, deadline, self.access.described, pipeline)
                        try:
                            yield tx
                        except errors.InsufficientPrivilege as error:
                            lacks = missing_grant(error, text(tx.last) if tx.last else "")
                            raise Refused(
                                f"missing privilege on {self.access.described}: {lacks}"
                            ) from error
                        deadline.renew()
                        if writer == OPERATOR:
                            await conn.execute(query("session/hint"))
                            failpoint("operation before commit")
                    conn.used_at = asyncio.get_running_loop().time()
                    if writer == OPERATOR:
                        failpoint("operation after commit")

    @asynccontextmanager
    async def _mode(
        self, conn: AsyncConnection[Any], snapshot: bool, repeatable: bool
    ) -> AsyncIterator[None]:
        if snapshot or repeatable:
            await conn.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
        if snapshot or self.access.read_only:
            await conn.set_read_only(True)
        try:
            yield
        finally:
            if not conn.closed and (snapshot or repeatable or self.access.read_only):
                await conn.set_isolation_level(None)
                await conn.set_read_only(None)

    async def read(self, row: type[Row], name: str, **params: Any) -> Sequence[Row]:
        """One query in a transaction of its own."""
        async with self.transaction() as tx:
            return await tx.rows(row, name, **params)


__all__ = ["Access", "Database", "DatabaseUnavailable", "Transaction"]
