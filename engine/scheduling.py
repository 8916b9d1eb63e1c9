"""Due steps become messages (DESIGN 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from engine.projection import Track, project
from engine.store import Database

BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class DueStep:
    """A due step and what became of it."""

    track: UUID
    phone_key: str
    scheduled: bool
    without_device: bool


async def schedule(database: Database, limit: int = BATCH) -> int:
    """Queue up to `limit` due steps; returns how many were queued.

    A step whose delivery exists, or whose row changed meanwhile, is judged anew in the same transaction.
    """
    async with database.transaction(writer="engine") as tx:
        now = await tx.now()
        steps = await tx.rows(DueStep, "engine/schedule", now=now, limit=limit)
        anew = [Track(s.track, s.phone_key) for s in steps if not (s.scheduled or s.without_device)]
        await project(tx, anew, now=now)
        return sum(s.scheduled for s in steps)
