"""After a failover to a server that lacks the last commits: what the journals know is put back (FAULTS 15).

Attempts that the database does not have come back as evidence with their charges, sent or in doubt, so that
nothing of them is sent again; and everything is held until an operator has looked.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from engine.claiming import LEASE, Claim
from engine.gateways.protocol import Answer, Verdict
from engine.journal_evidence import Witness, witnesses
from engine.lineage import Server
from engine.projection import Track, project
from engine.settling import Evidence, Settlement, settle
from engine.store import Database, Transaction
from engine.verdicts import settlement

log = logging.getLogger(__name__)

REACHES_BACK: Final = timedelta(hours=48)
"""How old an attempt may be that is looked for; below the shortest retention of attempts."""

PORTION: Final = 1000
HOLDER: Final = "failover"
LOST = Answer(Verdict.UNKNOWN, "lost_by_database", body="the database lost this attempt")


@dataclass(frozen=True, slots=True)
class KnownAttempt:
    """An attempt that the database has."""

    id: UUID
    outcome: str | None


@dataclass(frozen=True, slots=True)
class OpenAgain:
    """A lost attempt whose message is being sent again until it is settled."""

    id: UUID
    message_id: UUID


@dataclass(frozen=True, slots=True)
class _Work:
    track: UUID
    phone: str
    campaign: bool


async def compare(
    database: Database, directory: Path, server: Server, in_flight: Set[UUID]
) -> Counter[str]:
    """Put back what the database lacks; returns how many attempts, by outcome. Nothing lost: empty.

    `in_flight` are this worker's own attempts under way: they are put back and left open.
    """
    known = await asyncio.to_thread(witnesses, directory, server.adopted, server.now - REACHES_BACK)
    lost: list[Witness] = []
    behind: list[Settlement] = []
    for start in range(0, len(known), PORTION):
        portion = known[start : start + PORTION]
        outcomes = await _outcomes(database, portion)
        for one in portion:
            attempt = one.claim.attempt_id
            if attempt not in outcomes:
                if attempt in in_flight or not one.unwritten:
                    lost.append(one)
            elif outcomes[attempt] is None and attempt not in in_flight and one.answer:
                behind.append(_settlement(one, one.claim.message_id))
    for start in range(0, len(behind), PORTION):
        await settle(database, behind[start : start + PORTION])
    if not lost:
        return Counter()
    counts = Counter("under way" if w.claim.attempt_id in in_flight else _word(w) for w in lost)
    await hold(database, counts)
    for wave in _waves(lost):
        await _restore(database, wave, in_flight)
    return counts


async def _outcomes(database: Database, portion: Sequence[Witness]) -> dict[UUID, str | None]:
    async with database.transaction() as tx:
        found = await tx.rows(
            KnownAttempt,
            "engine/known_attempts",
            ids=[w.claim.attempt_id for w in portion],
            claimed_ats=[w.claim.claimed_at for w in portion],
        )
    return {one.id: one.outcome for one in found}


async def hold(database: Database, counts: Counter[str]) -> None:
    """Hold everything until an operator lifts it."""
    what = ", ".join(f"{n} {word}" for word, n in sorted(counts.items()))
    reason = (
        f"the database lost commits; after a look: seqconsole holds --lift {HOLDER} --all "
        f"({counts.total()} attempts put back from a worker's journal: {what})"
    )
    log.error("%s: everything is held until an operator lifts it", reason)
    async with database.transaction(writer="engine") as tx:
        await tx.lock_gate(exclusive=True)
        await tx.run(
            "engine/put_holds",
            scopes=["all"],
            keys=[""],
            holders=[HOLDER],
            reasons=[reason],
            untils=[None],
            cold_onlys=[False],
            now=await tx.now(),
        )


async def hold_briefly(database: Database, server: Server) -> None:
    """Give all workers a moment to compare, once for each start of a server."""
    async with database.transaction(writer="engine") as tx:
        await tx.lock_gate(exclusive=True)
        await tx.run("engine/hold_for_server", now=await tx.now(), started=server.started)


def _waves(lost: Sequence[Witness]) -> list[list[Witness]]:
    """In each at most one attempt a person, in the order of their claims; each is of bounded size."""
    waves: list[list[Witness]] = []
    met: defaultdict[str, int] = defaultdict(int)
    for one in lost:
        at = max(met[one.claim.phone], 0)
        while at < len(waves) and len(waves[at]) >= PORTION:
            at += 1
        if at == len(waves):
            waves.append([])
        waves[at].append(one)
        met[one.claim.phone] = at + 1
    return waves


async def _restore(database: Database, wave: Sequence[Witness], in_flight: Set[UUID]) -> None:
    async with database.transaction(writer="engine") as tx:
        await tx.lock_gate(exclusive=True)
        await tx.run("session/lock_projection")
        devices = sorted({w.claim.device_id for w in wave})
        await tx.run("engine/sync_devices", ids=devices, now=await tx.now())
        await tx.run("engine/lock_devices", ids=devices)
        now = await tx.now()
        await _queue_again(tx, wave, now)
        again = await tx.rows(
            OpenAgain,
            "engine/restore_attempts",
            **_columns(wave),
            workers=[w.worker_id for w in wave],
            outcomes=[_settlement(w, w.claim.message_id).outcome.value for w in wave],
            lease=LEASE,
            now=now,
        )
    message_of = {one.id: one.message_id for one in again}
    await settle(
        database,
        [
            _settlement(w, message_of[w.claim.attempt_id])
            for w in wave
            if w.claim.attempt_id in message_of and w.claim.attempt_id not in in_flight
        ],
    )


async def _queue_again(tx: Transaction, wave: Sequence[Witness], now: datetime) -> None:
    columns = _columns(wave)
    del columns["ids"]
    work = await tx.rows(_Work, "engine/restore_queue", **columns, now=now)
    await project(tx, [Track(w.track, w.phone) for w in work if not w.campaign], now=now)
    if campaigns := [w.track for w in work if w.campaign]:
        await tx.run("engine/project_campaigns", ids=campaigns, now=now)


def _columns(wave: Sequence[Witness]) -> dict[str, list[object]]:
    claims = [w.claim for w in wave]
    return {
        "ids": [c.attempt_id for c in claims],
        "claimed_ats": [c.claimed_at for c in claims],
        "messages": [c.message_id for c in claims],
        "phones": [c.phone for c in claims],
        "steps": [c.step_id or c.message_id for c in claims],
        "devices": [c.device_id for c in claims],
    }


def _settlement(witness: Witness, message_id: UUID) -> Settlement:
    c = witness.claim
    claim = Claim(
        attempt_id=c.attempt_id,
        claimed_at=c.claimed_at,
        message_id=message_id,
        phone=c.phone,
        step_id=c.step_id or message_id,
        device_id=c.device_id,
        tries=0,
        lease_until=c.claimed_at + LEASE,
        failures=0,
        message_type="",
        content="",
        media_url=None,
    )
    return settlement(claim, witness.answer or LOST, Evidence.JOURNAL)


def _word(witness: Witness) -> str:
    outcome = _settlement(witness, witness.claim.message_id).outcome.value
    return "in doubt" if outcome == "unknown" else outcome
