"""Applies migrations, one migrator at a time; waits for locks briefly and often, and says for whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from random import random
from typing import Any, Final, TypeVar

import psycopg
from psycopg import AsyncClientCursor, AsyncConnection, errors
from psycopg.rows import class_row, tuple_row

from engine.store.database import Access
from engine.store.errors import Busy, Refused, translated
from engine.store.migrations import (
    BUILT_INDEX,
    DROPPED_INDEX,
    Migration,
    Mode,
    all_migrations,
)
from engine.store.sqlfiles import as_query, query, text

LOCK_WAIT: Final = "500ms"
"""Who wants the table meanwhile waits behind us no longer; less than PostgreSQL takes to see a deadlock."""

LOCK_TRIES: Final = 40
"""With the pauses between them about five minutes."""

LOOK: Final = 2.0
"""Seconds between two looks at an index that is being built."""

OTHER_MIGRATOR: Final = 60.0
"""Seconds to wait for another migrator."""

Row = TypeVar("Row")
Report = Callable[[str], None]


class AlreadyThere(Refused):
    """An index of this name stands, and it is another one."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A session that holds a lock; `seconds`: how long its transaction has been open."""

    pid: int
    application: str
    tables: str
    seconds: int

    def __str__(self) -> str:
        return f"{self.tables} (pid {self.pid}, {self.application}, open for {self.seconds} s)"


@dataclass(frozen=True, slots=True)
class OtherMigrator:
    """The session that holds the lock of migrations."""

    pid: int
    application: str
    seconds: int


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """How far the build of an index is, and whom it waits for."""

    phase: str | None
    percent: int | None
    pid: int | None
    application: str | None
    seconds: int

    def __str__(self) -> str:
        if self.pid:
            return (
                f"waits until pid {self.pid} ({self.application}) ends its transaction, "
                f"open for {self.seconds} s"
            )
        share = f", {self.percent} %" if self.percent is not None else ""
        return f"{self.phase}{share}" if self.phase else ""


class Migrator:
    """A direct connection that holds the migration lock."""

    def __init__(
        self,
        conn: AsyncConnection[Any],
        access: Access,
        params: dict[str, str],
        report: Report = lambda _: None,
    ) -> None:
        self._conn = conn
        self._access = access
        self._params = params
        self._report = report

    async def value(self, name: str, **params: Any) -> Any:
        """The first column of the first row of a query file."""
        async with self._conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(query(name), {**self._params, **params})
            found = await cursor.fetchone()
            return found[0] if found else None

    async def pending(self) -> list[Migration]:
        """What is still to be applied; raises Refused where files and database disagree.

        Indexes of the operator's tables come last: they are built with the functions as they are in the end.
        """
        known: dict[int, str] = {}
        if await self.value("adopt/ledger_exists"):
            cursor = await self._conn.execute(query("adopt/applied"))
            known = {number: checksum for number, _, checksum in await cursor.fetchall()}
        files = all_migrations()
        changed = [m.name for m in files if known.get(m.number, m.checksum) != m.checksum]
        if changed:
            raise Refused(f"edited after they were applied: {', '.join(changed)}")
        ahead = set(known) - {m.number for m in files}
        if ahead:
            raise Refused(
                f"this database is newer than this program (migration {max(ahead)}): upgrade seqconsole"
            )
        todo = [m for m in files if m.number not in known]
        return sorted(todo, key=lambda m: (not m.transactional, m.number))

    async def apply(self, migration: Migration) -> None:
        """Apply one migration, or what an interrupted run left of it. Raises Busy, Refused."""
        try:
            if migration.transactional:
                await self._patiently(migration, lambda: self._as_transaction(migration))
            else:
                await self._as_statements(migration)
        except psycopg.errors.UniqueViolation as error:
            raise Refused(f"{migration.name}: {error.diag.message_detail or error}") from error

    async def _patiently(self, migration: Migration, step: Callable[[], Any]) -> None:
        """Try until the locks are had, with pauses in which everyone else goes on."""
        for attempt in range(LOCK_TRIES):
            try:
                await self._wait_for_locks(LOCK_WAIT)
                await step()
                return
            except (errors.LockNotAvailable, errors.DeadlockDetected) as error:
                who = await self._holders(migration)
                if attempt == LOCK_TRIES - 1:
                    raise Busy(
                        f"{migration.short}: no lock, because of {who}; try again"
                    ) from error
                self._report(f"{migration.short} waits for {who}")
                await asyncio.sleep(min(10.0, 0.2 * 2**attempt) * (0.5 + random()))

    async def _holders(self, migration: Migration) -> str:
        modes = {lock.mode for lock in migration.locks}
        holders = await self._rows(
            Holder,
            "adopt/lock_holders",
            tables=[lock.table for lock in migration.locks],
            reads=Mode.ACCESS_EXCLUSIVE in modes,
        )
        return "; ".join(str(h) for h in holders) or "a transaction that has just ended"

    async def _as_transaction(self, migration: Migration) -> None:
        async with self._conn.transaction():
            await self._conn.execute(as_query(migration.sql), self._params)
            await self._record(migration)

    async def _as_statements(self, migration: Migration) -> None:
        if migration.skip_when is None or not await self.value(migration.skip_when):
            for statement in migration.statements:
                await self._one_statement(migration, statement)
        if migration.number:
            await self._record(migration)

    async def _one_statement(self, migration: Migration, statement: str) -> None:
        """An index that already stands is neither dropped nor built again; an INVALID one is both."""
        named = BUILT_INDEX.match(statement) or DROPPED_INDEX.match(statement)
        if named is None:
            await self._patiently(
                migration, lambda: self._conn.execute(as_query(statement), self._params)
            )
            return
        if await self.value("adopt/index_is_valid", index=named[1]):
            if not migration.number:
                raise AlreadyThere(
                    f"an index {named[1]} stands that is not this key: drop index concurrently {named[1]}"
                )
            return
        await self._wait_for_locks("0")
        async with self._watched(migration):
            await self._conn.execute(as_query(statement), self._params)

    async def clear(self, migration: Migration) -> None:
        """Drop the INVALID index that a failed build left: it would go on to refuse other writers' rows."""
        for statement in migration.statements:
            named = DROPPED_INDEX.match(statement)
            if named and await self.value("adopt/index_is_valid", index=named[1]) is False:
                await self._conn.execute(as_query(statement))

    @asynccontextmanager
    async def _watched(self, migration: Migration) -> AsyncIterator[None]:
        """Say how far an index is, and whom it waits for, from a connection of its own."""
        looking = asyncio.create_task(self._watch(migration, self._conn.info.backend_pid))
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.wait([looking])

    async def _watch(self, migration: Migration, pid: int) -> None:
        said = ""
        await asyncio.sleep(LOOK)
        with suppress(psycopg.Error):  # nothing is built better for being looked at
            async with await connected(self._access) as conn:
                watcher = Migrator(conn, self._access, {})
                while True:
                    for seen in await watcher._rows(IndexProgress, "adopt/index_progress", pid=pid):
                        if (line := str(seen)) and line != said:
                            said = line
                            self._report(f"{migration.short}: {line}")
                    await asyncio.sleep(LOOK)

    async def _wait_for_locks(self, at_most: str) -> None:
        await self._conn.execute(query("session/lock_timeout"), {"lock_timeout": at_most})

    async def _record(self, migration: Migration) -> None:
        record = {
            "number": migration.number,
            "name": migration.name,
            "checksum": migration.checksum,
        }
        await self._conn.execute(query("adopt/record"), record)

    async def _rows(self, row: type[Row], name: str, **params: Any) -> list[Row]:
        async with self._conn.cursor(row_factory=class_row(row)) as cursor:
            await cursor.execute(query(name), params)
            return await cursor.fetchall()

    async def ensure_ledger(self) -> None:
        """The table that says what was applied."""
        await self._conn.execute(query("adopt/ledger"))

    async def create_operator_tables(self) -> None:
        """The operator's six tables, for a database that has none."""
        async with self._conn.transaction():
            await self._conn.execute(as_query(text("operator_tables")))

    async def take_lock(self) -> None:
        """Be the only migrator; polled, because a waiter's snapshot would block an index that is built."""
        tries = int(OTHER_MIGRATOR / 0.2)
        for attempt in range(tries):
            if await self.value("adopt/try_lock"):
                return
            if attempt == 0:
                self._report(f"waits for {await self._other()}")
            await asyncio.sleep(0.2)
        raise Busy(
            f"{await self._other()} is at work on this database; try again when it has ended"
        )

    async def _other(self) -> str:
        for other in await self._rows(OtherMigrator, "adopt/other_migrator"):
            return f"another migrator (pid {other.pid}, {other.application}, for {other.seconds} s)"
        return "another migrator"


async def connected(access: Access) -> AsyncConnection[Any]:
    """A direct connection as the migrator needs it."""
    conn = await AsyncConnection.connect(
        access.conninfo,
        autocommit=True,
        application_name="seqconsole migrate",
        cursor_factory=AsyncClientCursor,
        connect_timeout=10,
    )
    await conn.execute(query("session/migrate"), {"schema": access.search_path})
    return conn


@asynccontextmanager
async def migrator(
    access: Access, *, country: str, zone: str, lock: bool, report: Report = lambda _: None
) -> AsyncIterator[Migrator]:
    """A direct connection for migrations; with `lock`, the only one at a time."""
    with translated(access.described):
        async with await connected(access) as conn:
            tool = Migrator(conn, access, {"country": country, "timezone": zone}, report)
            if lock:
                await tool.take_lock()
            yield tool
