"""Receipts: noted on attempt and ledger, in any order and any number; doubts they prove away are settled.

A receipt that no attempt explains yet waits in a table and is looked at again: it may be faster than settle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from engine.operations.suppress import put_suppressions
from engine.projection import project_people
from engine.receiving.events import Receipt
from engine.settling import Evidence, Outcome, Settlement, settle
from engine.store import Database, Transaction
from engine.store.retrying import again_on_conflict

WHO: Final = "receive"
"""Who acts in the journal where a webhook does."""
LOOK: Final = 500
"""Receipts that are looked at again at a time."""


@dataclass(frozen=True, slots=True)
class GatewayId:
    """A gateway's id of a message."""

    gateway_id: str


@dataclass(frozen=True, slots=True)
class ReceivingSettings:
    """`prove`: `id`, or `person` where a receipt may also prove a doubt as the only explanation of it."""

    prove: str
    stop_words: str | None
    acts: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """An attempt in doubt, and the receipt that proves that it was sent."""

    id: UUID
    claimed_at: datetime
    gateway_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that was not delivered after all, with what its code means (None: nothing that we know)."""

    phone_key: str
    device_id: UUID
    code: str | None
    meaning: str | None
    wait: timedelta | None


async def take_receipts(
    database: Database, receipts: Sequence[Receipt], devices: Mapping[str, UUID]
) -> None:
    """Keep what came, and do at once what follows from it. `devices`: the gateway's names -> ours."""
    if not receipts:
        return
    ids = sorted({r.gateway_id for r in receipts})
    await _settle(database, await _keep(database, receipts, devices, ids))
    await _finish(database, ids)


async def look_again(database: Database) -> int:
    """Look at receipts that wait for their attempt; returns how many messages. A portion at a time."""
    async with database.transaction() as tx:
        now = await tx.now()
        found = await tx.rows(GatewayId, "receiving/waiting", now=now, limit=LOOK)
        ids = [f.gateway_id for f in found]
        await tx.run("receiving/forget_findings", now=now)
        doubts = await _doubts(tx, ids, now) if ids else []
    if ids:
        await _settle(database, doubts)
        await _finish(database, ids)
    return len(found)


@again_on_conflict
async def _keep(
    database: Database,
    receipts: Sequence[Receipt],
    devices: Mapping[str, UUID],
    ids: Sequence[str],
) -> list[Doubt]:
    async with database.transaction(writer="engine") as tx:
        now = await tx.now()
        await tx.run(
            "receiving/keep_receipts",
            now=now,
            gateway_ids=[r.gateway_id for r in receipts],
            kinds=[r.mark.value for r in receipts],
            ats=[r.at or now for r in receipts],
            device_ids=[devices.get(r.device) for r in receipts],
            phones=[r.phone or None for r in receipts],
            attempt_ids=[r.attempt for r in receipts],
            codes=[r.code for r in receipts],
        )
        return await _doubts(tx, ids, now)


async def _doubts(tx: Transaction, ids: Sequence[str], now: datetime) -> list[Doubt]:
    settings = await tx.one(ReceivingSettings, "receiving/settings")
    by_person = settings is not None and settings.prove != "id"
    return await tx.rows(
        Doubt, "receiving/doubts", now=now, gateway_ids=list(ids), by_person=by_person
    )


async def _settle(database: Database, doubts: Sequence[Doubt]) -> None:
    await settle(
        database,
        [
            Settlement(
                d.id, d.claimed_at, Outcome.SENT, Evidence.RECEIPT, d.code, gateway_id=d.gateway_id
            )
            for d in doubts
        ],
    )


async def _finish(database: Database, ids: Sequence[str]) -> None:
    """Note what these say of settled attempts, and do what refusals ask for."""
    refusals = await _note(database, ids)
    if any(r.meaning is not None for r in refusals):
        await _obey(database, refusals)


@again_on_conflict
async def _note(database: Database, ids: Sequence[str]) -> list[Refusal]:
    async with database.transaction(writer="engine") as tx:
        await tx.run("receiving/lock_attempts", gateway_ids=list(ids))
        now = await tx.now()
        refusals = await tx.rows(Refusal, "receiving/apply", now=now, gateway_ids=list(ids))
        await tx.run("receiving/find_contradicted", now=now, gateway_ids=list(ids))
        return refusals


@again_on_conflict
async def _obey(database: Database, refusals: Sequence[Refusal]) -> None:
    """Holds that refused messages ask for: a person who opted out, one to leave alone, a stopped device."""
    async with database.transaction(writer="operator") as tx:
        await tx.lock_gate(exclusive=True)
        now = await tx.now()
        stopped = sorted({r.phone_key for r in refusals if r.meaning == "suppress"})
        codes = sorted({r.code for r in refusals if r.meaning == "suppress" and r.code})
        await put_suppressions(tx, WHO, stopped, f"opted out: {', '.join(codes)}", now)
        await _hold(tx, refusals, now)


async def _hold(tx: Transaction, refusals: Sequence[Refusal], now: datetime) -> None:
    holds = {
        **{
            ("contact", r.phone_key, "gateway"): (r.code, r.wait)
            for r in refusals
            if r.meaning == "hold_contact"
        },
        **{
            ("device", str(r.device_id), "breaker"): (r.code, None)
            for r in refusals
            if r.meaning == "stop_device"
        },
    }
    if not holds:
        return
    people = sorted(key for scope, key, _ in holds if scope == "contact")
    if people:
        await tx.run("session/lock_projection")
    ordered = sorted(holds)
    await tx.run(
        "engine/put_holds",
        scopes=[scope for scope, _, _ in ordered],
        keys=[key for _, key, _ in ordered],
        holders=[holder for _, _, holder in ordered],
        reasons=[holds[key][0] for key in ordered],
        untils=[now + wait if (wait := holds[key][1]) is not None else None for key in ordered],
        cold_onlys=[False] * len(ordered),
        now=now,
    )
    await project_people(tx, people, now=now)
