"""Due steps become messages (DESIGN 5.1)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from engine.projection import Track, project
from engine.store import Database, Held, Rejected

log = logging.getLogger(__name__)

BATCH: Final = 1000
MORE: Final = 100
"""Steps queued in one batch from which on there may be more: where much is due, each device has its share."""
ONE_BY_ONE: Final = 50
"""Steps tried alone after a batch was refused."""
REFUSED_WAIT: Final = timedelta(hours=1)
HELD_WAIT: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class DueStep:
    """A due step and what became of it; `set_aside`: no device can send it, or its text is not complete."""

    track: UUID
    phone_key: str
    scheduled: bool
    set_aside: bool


async def schedule(database: Database, limit: int = BATCH) -> int:
    """Queue up to `limit` due steps; returns how many were queued.

    A row that the operator's tables refuse, or that waits for what another session holds (a row that a
    foreign key names), is found one by one and set aside, so that it stops no other.
    """
    try:
        return await _schedule(database, limit, fair=limit > 1)
    except (Rejected, Held) as error:
        if limit > 1:
            return sum([await schedule(database, 1) for _ in range(ONE_BY_ONE)])
        log.warning("schedule: %s", error)
        held = isinstance(error, Held)
        async with database.transaction(writer="engine") as tx:
            await tx.run(
                "engine/set_aside_due",
                now=await tx.now(),
                wait=HELD_WAIT if held else REFUSED_WAIT,
                gate=None if held else "refused",
                why=str(error),
            )
        return 0


async def next_due(database: Database) -> float | None:
    """Seconds until the next step falls due (negative: overdue); None: no step has a time."""
    async with database.transaction() as tx:
        seconds: float | None = await tx.value("engine/next_due", now=await tx.now())
        return seconds


async def _schedule(database: Database, limit: int, *, fair: bool) -> int:
    """A step whose delivery exists, or whose row changed meanwhile, is judged anew at once."""
    async with database.transaction(writer="engine", pipelined=True) as tx:
        await tx.queue("session/wait_briefly")
        now = await tx.now()
        steps = await tx.rows(DueStep, "engine/schedule", now=now, limit=limit, fair=fair)
        anew = [Track(s.track, s.phone_key) for s in steps if not (s.scheduled or s.set_aside)]
        await project(tx, anew, now=now)
        if anew:
            tracks, phones = [t.track for t in anew], [t.phone for t in anew]
            await tx.queue("engine/defer", now=now, tracks=tracks, phones=phones)
        queued = sum(s.scheduled for s in steps)
        if queued:
            await tx.queue("session/hint")
        return queued
