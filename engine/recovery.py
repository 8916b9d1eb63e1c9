"""Recover: a lease is over and nobody said what came of it (DESIGN 5.5)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from engine.projection import Track, project
from engine.settling import Outcome, Settlement, settle_free
from engine.store import Database, Rejected

log = logging.getLogger(__name__)

BATCH: Final = 500
ONE_BY_ONE: Final = 100
"""Steps tried alone after a batch was refused."""


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
    ends = [
        Settlement(e.id, e.claimed_at, Outcome.UNKNOWN, None, "no answer before the lease ended")
        for e in expired
    ]
    try:
        return len((await settle_free(database, ends)).recorded)
    except Rejected:
        return sum([await _recover_one(database, end) for end in ends])


async def _recover_one(database: Database, end: Settlement) -> int:
    """What the operator's tables refuse stays in flight, and stops no other."""
    try:
        return len((await settle_free(database, [end])).recorded)
    except Rejected as error:
        log.warning("recover, attempt %s: %s", end.attempt_id, error)
        return 0


async def expire(database: Database) -> int:
    """Skip the steps whose validity is over (DESIGN 5, fairness); returns how many were looked at.

    One that the operator's tables refuse to change is passed over; no claim takes it either.
    """
    try:
        return await _expire(database, BATCH, 0)
    except Rejected:
        looked = refused = 0
        for _ in range(ONE_BY_ONE):
            try:
                found = await _expire(database, 1, refused)
            except Rejected as error:
                log.warning("expire: %s", error)
                refused += 1
            else:
                looked += found
                if not found:
                    break
        return looked


async def _expire(database: Database, limit: int, passed_over: int) -> int:
    async with database.transaction(writer="engine") as tx:
        now = await tx.now()
        late = await tx.rows(Track, "engine/expire", now=now, limit=limit, passed_over=passed_over)
        await project(tx, late, now=now)
        return len(late)


async def plan_ahead(database: Database) -> int:
    """Park what a throttle or a hold of cold contacts refuses, so that no claim meets it again."""
    async with database.transaction(writer="engine") as tx:
        now = await tx.now()
        slots = await tx.run("engine/park_slots", now=now, limit=10 * BATCH)
        return slots + int(await tx.value("engine/park_cold", now=now, limit=BATCH) or 0)
