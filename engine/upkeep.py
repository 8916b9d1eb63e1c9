"""What an engine does now and then: days of attempts come and go, silent workers too; counters are proven."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from typing import Final

from engine.store import Busy, Database, Refused

log = logging.getLogger(__name__)

PORTION: Final = 5000
"""Attempts without a day of their own that are deleted in one transaction."""

RECOUNT_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class OldDay:
    """A day of attempts that may go."""

    day: date


async def upkeep(database: Database) -> None:
    """Everything once. What is locked or not allowed waits for the next time, and stops nothing else.

    Raises DatabaseUnavailable.
    """
    for what, part in (
        ("days of attempts", make_days),
        ("silent workers", forget_workers),
        ("old attempts", drop_old_attempts),
        ("attempts without a day", delete_old_attempts),
        ("recount", recount_if_due),
    ):
        try:
            await part(database)
        except (Busy, Refused) as error:
            log.warning("upkeep, %s: %s", what, error)


async def make_days(database: Database) -> None:
    """The coming days of attempts get their partitions."""
    async with database.transaction() as tx:
        await tx.run("engine/make_partitions", now=await tx.now())


async def forget_workers(database: Database) -> None:
    """Engines that have been silent for a day are no longer shown."""
    async with database.transaction() as tx:
        await tx.run("upkeep/forget_workers", now=await tx.now())


async def drop_old_attempts(database: Database) -> int:
    """Drop the days that are older than `attempts_retention`; returns how many.

    A day with an attempt of a message in flight or in doubt stays: it is the proof.
    """
    async with database.transaction() as tx:
        days = await tx.rows(OldDay, "upkeep/old_days", now=await tx.now())
    dropped = 0
    for old in days:
        try:
            async with database.transaction() as tx:
                await tx.run("upkeep/drop_day", day=old.day)
        except (Busy, Refused) as error:
            log.warning("attempts of %s stay for now: %s", old.day, error)
            break
        dropped += 1
    return dropped


async def delete_old_attempts(database: Database) -> None:
    """The same for attempts whose day had no partition when they were made."""
    while True:
        async with database.transaction() as tx:
            deleted = await tx.run("upkeep/delete_old_attempts", now=await tx.now(), limit=PORTION)
        if deleted < PORTION:
            return


async def recount(database: Database, *, only_if_due: bool = False) -> int | None:
    """Compare the counters with the rows; correct what drifted and record it as the finding `drift`.

    Returns how many counters were wrong; None: another process is at it, or it is not due. Raises
    Busy where they change faster than they can be counted.
    """
    for _ in range(RECOUNT_TRIES):
        try:
            async with database.transaction(
                writer="engine", repeatable=True, statement_timeout="10min"
            ) as tx:
                now = await tx.now()
                if not await tx.value("upkeep/try_lock"):
                    return None
                if only_if_due and not await tx.value("upkeep/recount_is_due", now=now):
                    return None
                wrong = int(await tx.value("upkeep/repair_counters", now=now))
                await tx.run("upkeep/recounted", now=now)
        except Busy:
            continue
        if wrong:
            log.warning("%d counters had drifted and were corrected", wrong)
        return wrong
    raise Busy("the counters change faster than they can be counted; try again")


async def recount_if_due(database: Database) -> int | None:
    """`recount`, once a day whatever the number of engines."""
    return await recount(database, only_if_due=True)
