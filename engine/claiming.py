"""The claim, which is the gate (DESIGN 5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from engine.clock import ClockGuard
from engine.failpoints import failpoint
from engine.lineage import Lineage, Server
from engine.refused import set_aside_heads
from engine.store import Database, Rejected
from engine.waiting import boot_time

LEASE: Final = timedelta(seconds=150)
"""How long a claim holds; longer than the request's own deadline (FAULTS, rule 4)."""

REQUEST_TIMEOUT: Final = timedelta(seconds=60)
"""The whole of a request; longer than gowa's own 45 s."""

ROUNDS: Final = 5
"""Tries of a claim that the operator's tables refuse; the next one goes on where this one stopped."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this worker, and nobody else, may now put on the wire once."""

    attempt_id: UUID
    claimed_at: datetime
    message_id: UUID
    phone: str
    step_id: UUID
    device_id: UUID
    tries: int
    lease_until: datetime
    failures: int
    message_type: str
    content: str
    media_url: str | None


async def claim(
    database: Database,
    worker: UUID,
    limit: int,
    *,
    lease: timedelta = LEASE,
    clock: ClockGuard | None = None,
    lineage: Lineage | None = None,
) -> list[Claim]:
    """Up to `limit` messages, at most one a device, charged, leased and marked `sending`; committed.

    The shared gate lock comes first and in its own statement: a hold that was put before is then seen. With a
    cap per person claims take turns, so that each sees what the others claimed. What the operator's tables
    refuse to make `sending` is found and set aside, so that it stops no other.
    Raises ClockJumped, ServerChanged.
    """
    for _ in range(ROUNDS):
        try:
            return await _claim(database, worker, limit, lease, clock, lineage)
        except Rejected:
            if not await set_aside_heads(database):
                raise
    return []


async def _claim(
    database: Database,
    worker: UUID,
    limit: int,
    lease: timedelta,
    clock: ClockGuard | None,
    lineage: Lineage | None,
) -> list[Claim]:
    async with database.transaction(writer="engine", statement_timeout="10s", pipelined=True) as tx:
        await tx.lock_gate(exclusive=False)
        await tx.queue("engine/lock_persons")
        before = boot_time()
        server = await tx.one(Server, "session/server")
        now = server.now if server is not None else await tx.now()
        if lineage is not None:
            lineage.check(server)
        if clock is not None:
            clock.check(before, now, boot_time())
        claims = await tx.rows(
            Claim, "engine/claim", now=now, limit=limit, lease=lease, worker=worker
        )
        if claims:
            failpoint("in claim")
        return claims
