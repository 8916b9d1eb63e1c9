"""Recover: a lease is over and nobody said what came of it (DESIGN 5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from engine.projection import Track, project
from engine.settling import Outcome, Settlement, settle_free
from engine.store import Database

BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class ExpiredLease:
    """An attempt without an outcome whose lease has ended."""

    id: UUID
    claimed_at: datetime


async def recover(database: Database) -> int:
    """Turn what is in doubt into `unknown`; it stays charged and is never sent again by itself.

    What another session holds is left for the next round.
    """
    async with database.transaction() as tx:
        expired = await tx.rows(
            ExpiredLease, "engine/expired_leases", now=await tx.now(), limit=BATCH
        )
    settled = await settle_free(
        database,
        [
            Settlement(
                e.id, e.claimed_at, Outcome.UNKNOWN, None, "no answer before the lease ended"
            )
            for e in expired
        ],
    )
    return len(settled.recorded)


async def expire(database: Database) -> int:
    """Skip the steps whose validity is over (DESIGN 5, fairness); returns how many were looked at."""
    async with database.transaction(writer="engine") as tx:
        now = await tx.now()
        late = await tx.rows(Track, "engine/expire", now=now, limit=BATCH)
        await project(tx, late, now=now)
        return len(late)


async def plan_ahead(database: Database) -> int:
    """Park what a throttle or a hold of cold contacts refuses, so that no claim meets it again."""
    async with database.transaction(writer="engine") as tx:
        now = await tx.now()
        slots = await tx.run("engine/park_slots", now=now, limit=10 * BATCH)
        return slots + int(await tx.value("engine/park_cold", now=now, limit=BATCH) or 0)
