"""Settle: what came of attempts, recorded once, with all that follows from it (DESIGN 5.4)."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from engine.gateways.protocol import evidence
from engine.projection import Track, project, project_people
from engine.store import Busy, Database, Transaction
from engine.store.retrying import again_on_conflict

NOT_REACHED: Final = "connect_failed"
"""The code of a gateway that no connection could be made to."""

TRIES: Final = 10
"""How often `settle` asks for rows that another session holds, within a few seconds."""


class Outcome(StrEnum):
    """How an attempt ended (DESIGN 4). `unknown` is never sent again by itself."""

    SENT = "sent"
    FAILED = "failed"
    RETRY = "retry"
    NEVER_SENT = "never_sent"
    UNKNOWN = "unknown"


class Evidence(StrEnum):
    """What proves an outcome; lapse of a lease proves nothing and has none."""

    GATEWAY = "gateway"
    JOURNAL = "journal"
    RECEIPT = "receipt"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Stop:
    """A hold that an answer asks for: scope, key, why, and how long (None: until it is lifted).

    `cold_only` leaves contacts alone whom the device has written to before.
    """

    scope: str
    key: str
    holder: str
    reason: str
    wait: timedelta | None
    cold_only: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of one attempt, as its worker, the journal or recover knows it.

    `counted`: a retry counts as a try of the message; not where its device or contact is held for it.
    """

    attempt_id: UUID
    claimed_at: datetime
    outcome: Outcome
    evidence: Evidence | None
    code: str
    gateway_id: str | None = None
    body: str = ""
    wait: timedelta | None = None
    stop: Stop | None = None
    host: str | None = None
    counted: bool = True

    @property
    def reason(self) -> str:
        """Why it failed, for people: the code with the message of a JSON answer, else the answer as it is."""
        with suppress(ValueError):
            answer = json.loads(self.body)
            if isinstance(answer, dict) and isinstance(text := answer.get("message"), str):
                return f"{self.code}: {evidence(text.encode('utf-8', 'replace'))}"
        return self.body or self.code


@dataclass(frozen=True, slots=True)
class Recorded:
    """An outcome that took effect; a late or repeated report matches no row."""

    id: UUID
    claimed_at: datetime
    message_id: UUID
    phone_key: str
    device_id: UUID
    outcome: str
    old_charge: datetime | None
    charge: datetime | None
    was_unknown: bool
    retry_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenWork:
    """The track of a settled message."""

    track: UUID
    campaign: bool
    phone_key: str


@dataclass(frozen=True, slots=True)
class Named:
    """The id of an attempt or of a message."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Settled:
    """What took effect, and what waits: another session holds its message or contact row."""

    recorded: list[Recorded]
    held: list[Settlement]


async def settle(database: Database, settlements: Sequence[Settlement]) -> list[Recorded]:
    """Record outcomes and what follows; what another session holds is asked for again for a few seconds.

    Returns those that took effect. Raises Busy where rows are still held; the others are recorded.
    """
    done = await settle_free(database, settlements)
    recorded = done.recorded
    for tried in range(1, TRIES):
        if not done.held:
            return recorded
        await asyncio.sleep(0.05 * tried * random.uniform(0.5, 1.5))
        done = await settle_free(database, done.held)
        recorded += done.recorded
    if done.held:
        raise Busy(f"another session holds rows of {len(done.held)} outcomes; try again")
    return recorded


@again_on_conflict
async def settle_free(database: Database, settlements: Sequence[Settlement]) -> Settled:
    """Record the outcomes whose rows are free, and what follows, in one transaction.

    Lock order: gate (only where a hold will be put), devices, open work, then the rows behind them, which
    are never waited for: waiting with locks in hand would deadlock with an application of another order.
    """
    if not settlements:
        return Settled([], [])
    async with database.transaction(writer="engine", pipelined=True) as tx:
        stops = [s.stop for s in settlements if s.stop is not None]
        of_hosts = [s for s in settlements if s.stop is not None or s.code == NOT_REACHED]
        if of_hosts:
            await tx.lock_gate(exclusive=True)
        if any(stop.scope == "contact" for stop in stops):
            await tx.queue("session/lock_projection")
        attempts = {
            "ids": [s.attempt_id for s in settlements],
            "claimed_ats": [s.claimed_at for s in settlements],
        }
        await tx.queue("engine/lock_attempt_devices", **attempts)
        await tx.queue("engine/lock_attempt_progress", **attempts)
        await tx.queue("session/wait_briefly")
        now = await tx.now()
        recorded = await _record(tx, settlements, now)
        held = await _held(tx, settlements, recorded)
        await _follow(tx, recorded, now, {s.attempt_id: s for s in settlements})
        await _put(tx, stops, now)
        await _put_on_hosts(tx, of_hosts, now)
        return Settled(recorded, held)


async def _held(
    tx: Transaction, settlements: Sequence[Settlement], recorded: Sequence[Recorded]
) -> list[Settlement]:
    known = {r.id for r in recorded}
    rest = [s for s in settlements if s.attempt_id not in known]
    if not rest:
        return []
    held = await tx.rows(
        Named,
        "engine/still_held",
        ids=[s.attempt_id for s in rest],
        claimed_ats=[s.claimed_at for s in rest],
        outcomes=[s.outcome.value for s in rest],
    )
    waiting = {a.id for a in held}
    return [s for s in rest if s.attempt_id in waiting]


async def _record(
    tx: Transaction, settlements: Sequence[Settlement], now: datetime
) -> list[Recorded]:
    return await tx.rows(
        Recorded,
        "engine/record_outcomes",
        now=now,
        ids=[s.attempt_id for s in settlements],
        claimed_ats=[s.claimed_at for s in settlements],
        outcomes=[s.outcome.value for s in settlements],
        evidences=[s.evidence.value if s.evidence else None for s in settlements],
        codes=[s.code for s in settlements],
        gateway_ids=[s.gateway_id for s in settlements],
        bodies=[s.body for s in settlements],
        retry_ats=[now + s.wait if s.wait is not None else None for s in settlements],
    )


async def _follow(
    tx: Transaction, recorded: Sequence[Recorded], now: datetime, ends: Mapping[UUID, Settlement]
) -> None:
    if not recorded:
        return
    work = await tx.rows(
        OpenWork,
        "engine/settle",
        now=now,
        ids=[r.id for r in recorded],
        claimed_ats=[r.claimed_at for r in recorded],
        old_charges=[r.old_charge for r in recorded],
        was_unknown=[r.was_unknown for r in recorded],
        retry_ats=[r.retry_at for r in recorded],
        counted=[ends[r.id].counted for r in recorded],
        reasons=[ends[r.id].reason for r in recorded],
    )
    await _yield_to_another(tx, recorded, now)
    campaigns = [w.track for w in work if w.campaign]
    if campaigns:
        await tx.queue("engine/end_campaigns", ids=campaigns, now=now)
        await tx.queue("engine/project_campaigns", ids=campaigns, now=now)
    await project(tx, [Track(w.track, w.phone_key) for w in work if not w.campaign], now=now)


async def _yield_to_another(tx: Transaction, recorded: Sequence[Recorded], now: datetime) -> None:
    """What comes back into the queue and was sent by another sender meanwhile is not sent again."""
    back = [r.message_id for r in recorded if r.outcome in (Outcome.RETRY, Outcome.NEVER_SENT)]
    if not back:
        return
    theirs = [m.id for m in await tx.rows(Named, "engine/sent_by_another", ids=back)]
    if theirs:
        await tx.run("engine/adopt_messages", ids=theirs, now=now)
        await tx.run("engine/skip_superseded", ids=theirs, now=now)


async def _put(tx: Transaction, stops: Sequence[Stop], now: datetime) -> None:
    if not stops:
        return
    unique = {(s.scope, s.key, s.holder): s for s in stops}
    ordered = [unique[key] for key in sorted(unique)]
    await tx.queue(
        "engine/put_holds",
        scopes=[s.scope for s in ordered],
        keys=[s.key for s in ordered],
        holders=[s.holder for s in ordered],
        reasons=[s.reason for s in ordered],
        untils=[now + s.wait if s.wait is not None else None for s in ordered],
        cold_onlys=[s.cold_only for s in ordered],
        now=now,
    )
    await project_people(tx, [s.key for s in ordered if s.scope == "contact"], now=now)


async def _put_on_hosts(tx: Transaction, troubled: Sequence[Settlement], now: datetime) -> None:
    if troubled:
        await tx.queue(
            "engine/hold_hosts",
            ids=[s.attempt_id for s in troubled],
            claimed_ats=[s.claimed_at for s in troubled],
            hosts=[s.host for s in troubled],
            now=now,
        )
