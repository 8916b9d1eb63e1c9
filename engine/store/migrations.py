"""Applies `sql/migrations` in order, once each (DESIGN 3). A DBA can do the same with psql.

A file runs in one transaction together with its row in `seqconsole.migrations`. A file that starts with
`-- no transaction` runs statement by statement and can be run again after an interruption.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import AsyncClientCursor, AsyncConnection, errors
from psycopg.rows import tuple_row

from engine.store.database import Access
from engine.store.errors import Busy, Refused, translated
from engine.store.sqlfiles import as_query, names_in, query, text

LOCK_TRIES = 20
STATEMENT_END = re.compile(r";\s*$", re.M)


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `sql/migrations`: its number, name, text, and how it must be run."""

    name: str

    @property
    def number(self) -> int:
        """Its place in the order; 0 for the unique key, which is built when nothing forbids it."""
        first = self.name.rsplit("/", 1)[-1].split("_", 1)[0]
        return int(first) if first.isdigit() else 0

    @property
    def sql(self) -> str:
        return text(self.name)

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.replace("\r\n", "\n").encode()).hexdigest()

    @property
    def transactional(self) -> bool:
        return not self.sql.startswith("-- no transaction")

    @property
    def locks(self) -> str:
        """What the file says of its locks, for `migrate --plan`."""
        found = re.search(r"^-- locks: (.+)$", self.sql, re.M)
        return found[1] if found else "none"

    @property
    def skip_when(self) -> str | None:
        """A query that tells that the step is not needed on this database."""
        found = re.search(r"^-- skip when: (\S+)$", self.sql, re.M)
        return found[1] if found else None

    @property
    def statements(self) -> list[str]:
        bare = re.sub(r"^--.*$", "", self.sql, flags=re.M)
        return [part.strip() for part in STATEMENT_END.split(bare) if part.strip()]


UNIQUE_KEY = Migration("adopt/unique_key")


def all_migrations() -> list[Migration]:
    """Every migration of this version, in order."""
    return [Migration(name) for name in names_in("migrations")]


class Migrator:
    """A direct connection that holds the migration lock."""

    def __init__(self, conn: AsyncConnection[Any], params: dict[str, str]) -> None:
        self._conn = conn
        self._params = params

    async def value(self, name: str) -> Any:
        """The first column of the first row of a query file."""
        async with self._conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(query(name), self._params)
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
        """Apply one migration; waits a bounded time for its locks, several times."""
        for attempt in range(LOCK_TRIES):
            try:
                await self._apply_once(migration)
                return
            except (errors.LockNotAvailable, errors.DeadlockDetected) as error:
                if attempt == LOCK_TRIES - 1:
                    raise Busy(f"{migration.name}: its lock could not be had; try again") from error
                await asyncio.sleep(0.5)
            except psycopg.errors.UniqueViolation as error:
                raise Refused(f"{migration.name}: {error.diag.message_detail or error}") from error

    async def _apply_once(self, migration: Migration) -> None:
        record = {
            "number": migration.number,
            "name": migration.name,
            "checksum": migration.checksum,
        }
        if migration.transactional:
            async with self._conn.transaction():
                await self._conn.execute(as_query(migration.sql), self._params)
                await self._conn.execute(query("adopt/record"), record)
            return
        if migration.skip_when is None or not await self.value(migration.skip_when):
            for statement in migration.statements:
                await self._conn.execute(as_query(statement), self._params)
        if migration.number:
            await self._conn.execute(query("adopt/record"), record)

    async def ensure_ledger(self) -> None:
        """The table that says what was applied."""
        await self._conn.execute(query("adopt/ledger"))

    async def create_operator_tables(self) -> None:
        """The operator's six tables, for a database that has none."""
        async with self._conn.transaction():
            await self._conn.execute(as_query(text("operator_tables")))


@asynccontextmanager
async def migrator(
    access: Access, *, country: str, zone: str, lock: bool
) -> AsyncIterator[Migrator]:
    """A direct connection for migrations; with `lock`, the only one at a time (polled, 60 s)."""
    with translated(access.described):
        async with await AsyncConnection.connect(
            access.conninfo,
            autocommit=True,
            application_name="seqconsole migrate",
            cursor_factory=AsyncClientCursor,
            connect_timeout=10,
        ) as conn:
            params = {"country": country, "timezone": zone}
            await conn.execute(query("session/migrate"), {"schema": access.search_path})
            if lock:
                await _take_lock(conn)
            yield Migrator(conn, params)


async def _take_lock(conn: AsyncConnection[Any]) -> None:
    for _ in range(300):
        cursor = await conn.execute(query("adopt/try_lock"))
        found = await cursor.fetchone()
        if found and found[0]:
            return
        await asyncio.sleep(0.2)
    raise Busy(
        "another `seqconsole migrate` is at work on this database; try again when it has ended"
    )
