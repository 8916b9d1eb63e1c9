"""Opening a database to work with it: reachable, adopted, and of this program's version."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeVar

from engine.store import Access, Busy, Database, DatabaseUnavailable, NotAdmitted, Refused
from engine.store.migrations import all_migrations
from engine.waiting import pause

log = logging.getLogger(__name__)

Result = TypeVar("Result")

LONGEST_WAIT: Final = 10.0
"""Seconds between two tries while a database is away; there is no last try."""


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


async def patiently(
    work: Callable[[], Awaitable[Result]],
    stop: asyncio.Event,
    say: Callable[[str], None] = log.warning,
) -> Result | None:
    """`work`, again while the database is away or full; None: `stop` was set meanwhile.

    `say` hears once that it waits, and once that it goes on. Raises what waiting does not mend.
    """
    wait, said = 0.25, False
    while not stop.is_set():
        try:
            result = await work()
        except NotAdmitted:
            raise
        except (DatabaseUnavailable, Busy) as error:
            if not said:
                say(f"{error}; waiting for it")
            said = True
        else:
            if said:
                say("the database answers: going on")
            return result
        await pause(stop, wait * random.uniform(0.8, 1.2))
        wait = min(wait * 2, LONGEST_WAIT)
    return None


async def is_current(access: Access) -> bool:
    """Whether a database needs no `migrate`. Raises Refused where it is newer than this program."""
    try:
        async with open_adopted(access):
            return True
    except NotReady:
        return False


async def newer_schema(database: Database) -> Refused | None:
    """What to say where a newer program migrated the database since it was opened."""
    async with database.transaction() as tx:
        applied = {row.number for row in await tx.rows(_Applied, "adopt/applied")}
    return _newer(database.access, applied)


@cache
def _known() -> frozenset[int]:
    """The migrations of this program, as it was started: its files may be replaced under it."""
    return frozenset(migration.number for migration in all_migrations())


def _newer(access: Access, applied: set[int]) -> Refused | None:
    if not applied - _known():
        return None
    return Refused(
        f"{access.described} is newer than this program (migration {max(applied)}): "
        "upgrade seqconsole"
    )


def _check_version(access: Access, applied: set[int]) -> None:
    known = _known()
    if newer := _newer(access, applied):
        raise newer
    if known - applied:
        raise NotReady(
            f"{access.described} is older than this program "
            f"({len(known - applied)} migrations): run `seqconsole migrate`"
        )
