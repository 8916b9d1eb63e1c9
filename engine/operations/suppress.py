"""Suppress: a person who said stop gets nothing more, in any sequence, under any spelling of the number.

A hold of the contact without an end, of the holder `suppression`; the claim's gate knows it. Only an operator
lifts it (`engine.operations.lift`), 10 s ahead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.operations import holds, journal
from engine.operations.model import Done, InFlight, OperationRefused, Preview, Scope, Target
from engine.operations.targets import described
from engine.operations.wording import counted, listed, moment, verb
from engine.store import Database, Transaction
from engine.store.retrying import again_on_conflict

HOLDER: Final = "suppression"
CHANGED: Final = "who is suppressed changed since the preview; look again"


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a person."""

    key: str


@dataclass(frozen=True, slots=True)
class PhoneKey:
    """A phone as it was given, and its key; None: it can't be a phone."""

    phone: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A person who gets nothing more: since when, why, and by which operation (None: a gateway's answer)."""

    key: str
    since: datetime
    reason: str | None
    operation_id: int | None
    who: str | None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Open work of people: steps that wait, messages that are queued."""

    waiting: int
    queued: int


async def people(database: Database, phones: Sequence[str]) -> Target:
    """The persons of these numbers, known or not. Raises OperationRefused for what is no phone."""
    found = await database.read(
        PhoneKey, "operations/phone_keys", phones=[p.replace("\0", "") for p in phones]
    )
    wrong = [f.phone for f in found if f.key is None]
    if wrong:
        shown = listed([repr(text[:40]) for text in wrong])
        raise OperationRefused(
            f"{shown} can't be a phone number; write it with its country code, +60123456789"
        )
    keys = sorted({f.key for f in found if f.key is not None})
    if not keys:
        raise OperationRefused("no phone number was named")
    return Target(Scope.CONTACT, tuple(keys))


async def list_suppressed(database: Database, limit: int = 1000) -> list[Suppressed]:
    """Who is suppressed, the latest first."""
    async with database.transaction(snapshot=True) as tx:
        return await tx.rows(Suppressed, "views/suppressed", now=await tx.now(), limit=limit)


async def preview_suppress(database: Database, target: Target) -> Preview:
    """Whom it would suppress, and what of theirs would not be sent."""
    async with database.transaction() as tx:
        now = await tx.now()
        keys = await _new(tx, target.keys)
        back = await tx.one(HeldBack, "operations/held_back", keys=keys)
        flying = await tx.rows(InFlight, "operations/in_flight", scope=target.scope, keys=keys)
    assert back is not None  # an aggregate always answers
    lines = [
        f"{counted(back.queued, 'queued message')} and {counted(back.waiting, 'waiting step')} "
        f"{verb(back.queued + back.waiting, 'is', 'are')} not sent while it stands."
    ]
    if len(keys) < len(target.keys):
        lines.append(f"{counted(len(target.keys) - len(keys), 'is', 'are')} suppressed already.")
    if flying:
        last = moment(max(f.until for f in flying), now)
        lines.append(f"{counted(len(flying), 'message')} in flight may still arrive, until {last}.")
    title = f"Suppress {described(target)}, in every sequence?"
    return Preview("suppress", title, tuple(lines), len(keys), _pin(keys))


@again_on_conflict
async def suppress(
    database: Database, who: str, target: Target, *, pinned: str, reason: str | None = None
) -> Done:
    """Suppress these people at once, as previewed. Raises OperationRefused where that changed."""
    async with database.transaction(writer="operator") as tx:
        await tx.lock_gate(exclusive=True)
        now = await tx.now()
        keys = await _new(tx, target.keys)
        if _pin(keys) != pinned:
            raise OperationRefused(CHANGED)
        operation = await put_suppressions(tx, who, keys, reason, now, pinned=pinned)
        flying = await tx.rows(InFlight, "operations/in_flight", scope=target.scope, keys=keys)
    if operation is None:
        return Done(None, 0, f"{described(target)}: suppressed already")
    done = f"suppressed {described(Target(Scope.CONTACT, tuple(keys)))}"
    if flying:
        done += f"; {len(flying)} in flight, done by {moment(max(f.until for f in flying), now)}"
    return Done(operation, len(keys), done, in_flight=tuple(flying))


async def put_suppressions(
    tx: Transaction,
    who: str,
    keys: Sequence[str],
    reason: str | None,
    now: datetime,
    *,
    pinned: str | None = None,
) -> int | None:
    """Suppress who of these is not yet; returns the operation. The caller holds the gate exclusive."""
    new = await _new(tx, keys)
    if not new:
        return None
    target = Target(Scope.CONTACT, tuple(new))
    operation = await journal.record(
        tx,
        who=who,
        verb="suppress",
        now=now,
        n=len(new),
        summary=f"suppressed {described(target)}",
        reason=reason,
        target=holds.as_json(target),
        pinned=pinned,
    )
    await holds.put(tx, operation, Scope.CONTACT, new, HOLDER, reason, until=None, now=now)
    await holds.park(tx, Scope.CONTACT, new, now)
    return operation


def _pin(keys: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


async def _new(tx: Transaction, keys: Sequence[str]) -> list[str]:
    return [k.key for k in await tx.rows(Key, "operations/not_suppressed", keys=list(keys))]
