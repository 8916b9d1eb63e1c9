"""Opening a database to work with it: reachable, adopted, and of this program's version."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from engine.store import Access, Database, Refused
from engine.store.migrations import all_migrations


class NotReady(Refused):
    """The database must be brought to this program's schema first: `seqconsole migrate`."""


@dataclass(frozen=True, slots=True)
class _Applied:
    number: int
    name: str
    checksum: str


@asynccontextmanager
async def open_adopted(access: Access) -> AsyncIterator[Database]:
    """The database with its declared zone. Raises DatabaseUnavailable, Refused, NotReady."""
    async with Database.open(access) as database:
        async with database.transaction(snapshot=True) as tx:
            if not await tx.value("adopt/ledger_exists"):
                raise NotReady(f"{access.described} is not set up yet: run `seqconsole migrate`")
            applied = await tx.rows(_Applied, "adopt/applied")
            _check_version(access, {row.number for row in applied})
            database.zone = await tx.value("session/known_zone") or "UTC"
            if not await tx.value("adopt/adopted"):
                raise NotReady(
                    f"{access.described} is half adopted: run `seqconsole migrate` again"
                )
        yield database


async def is_current(access: Access) -> bool:
    """Whether a database needs no `migrate`. Raises Refused where it is newer than this program."""
    try:
        async with open_adopted(access):
            return True
    except NotReady:
        return False


def _check_version(access: Access, applied: set[int]) -> None:
    known = {migration.number for migration in all_migrations()}
    if applied - known:
        raise Refused(
            f"{access.described} is newer than this program (migration {max(applied)}): "
            "upgrade seqconsole"
        )
    if known - applied:
        raise NotReady(
            f"{access.described} is older than this program "
            f"({len(known - applied)} migrations): run `seqconsole migrate`"
        )
