"""Lists holds, and lifts those that no `resume` lifts: breakers, offline devices, what a gateway asked for.

The hold ends 10 s ahead, so that its undo takes it back with nothing sent. If the cause is still there, the
engine puts it again: a lift is a try, not a promise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.operations import journal
from engine.operations.holds import OPERATOR, as_json, end, still_held
from engine.operations.model import WAIT, Done, OperationRefused, Preview, Target
from engine.operations.previews import blast_radius
from engine.operations.targets import described, named
from engine.operations.wording import counted, listed, moment
from engine.store import Database, Transaction

NOT_BY_HAND: Final[Mapping[str, str]] = {
    OPERATOR: "an operator's pause is lifted by `seqconsole resume`",
    "switch": "it is the wait of `engine on` and ends by itself",
    "limits": "it is the wait of `limits` and ends by itself",
    "limits undone": "it is the wait of an undo and ends by itself",
    "clock": "it keeps the limits until the database's clock is true again, and ends by itself",
    "another sender": "it stands while another sender is seen: stop that one, and it ends by itself",
}
"""Holders whose holds are not lifted so, each with the reason."""

CHANGED: Final = "the holds changed since the preview; look again"


@dataclass(frozen=True, slots=True)
class Hold:
    """A reason not to send. `until` None: it has no end. `key`: an id, a host, or a phone key."""

    scope: str
    key: str
    name: str | None
    holder: str
    cold_only: bool
    reason: str | None
    since: datetime
    until: datetime | None


async def list_holds(database: Database, limit: int = 1000) -> list[Hold]:
    """The holds in force, widest scope first; at most `limit` of each scope."""
    async with database.transaction(snapshot=True) as tx:
        return await tx.rows(Hold, "views/holds", now=await tx.now(), limit=limit)


async def preview_lift(database: Database, holder: str, target: Target) -> Preview:
    """What lifting this holder's hold would set free. Raises OperationRefused where it is not by hand."""
    _by_hand(holder)
    async with database.transaction() as tx:
        now = await tx.now()
        found = await _found(tx, holder, target, now)
        radius = await blast_radius(tx, target, now, holder)
        others = await still_held(tx, target, holder, now)
    lines = [f"{_named(target, hold)} {_since(hold, now)}" for hold in found[:20]]
    if len(found) > 20:
        lines.append(f"and {len(found) - 20} more.")
    lines += radius.lines() if found else [f"{holder} holds nothing there."]
    lines += [f"Still held: {other}" for other in others[:20]]
    if not radius.engine_on:
        lines.append("The engine is off: nothing is sent until it is switched on.")
    title = f"Lift the hold of {holder} on {described(target)}?"
    return Preview("lift", title, tuple(lines), len(found), _pin(found))


async def lift(
    database: Database,
    who: str,
    holder: str,
    target: Target,
    *,
    pinned: str,
    reason: str | None = None,
    now: bool = False,
) -> Done:
    """End this holder's holds of exactly this scope, 10 s ahead (`now`: at once), as previewed.

    Raises OperationRefused where they changed since, or are not lifted by hand.
    """
    _by_hand(holder)
    async with database.transaction(writer="operator") as tx:
        await tx.lock_gate(exclusive=True)
        instant = await tx.now()
        until = instant if now else instant + WAIT
        found = await _found(tx, holder, target, instant)
        if _pin(found) != pinned:
            raise OperationRefused(CHANGED)
        if not found:
            return Done(None, 0, f"{described(target)} is not held by {holder}")
        keys = [hold.key for hold in found]
        operation = await journal.record(
            tx,
            who=who,
            verb="lift",
            now=instant,
            n=len(keys),
            summary=f"lifted the hold of {holder} on {described(target)}",
            reason=reason,
            target={**as_json(target), "holder": holder},
            pinned=pinned,
        )
        await end(tx, operation, target.scope, keys, instant, until, holder)
        others = await still_held(tx, target, holder, instant)
    done = f"lifted the hold of {holder} on {described(target)}"
    done += f", sending from {moment(until, instant)}" if until > instant else ""
    done += f"; still held: {listed(others)}" if others else ""
    return Done(operation, len(keys), done, refused=others, sends_from=until)


def _by_hand(holder: str) -> None:
    if holder in NOT_BY_HAND:
        raise OperationRefused(f"the hold of {holder} is not lifted so: {NOT_BY_HAND[holder]}")


async def _found(tx: Transaction, holder: str, target: Target, now: datetime) -> list[Hold]:
    return await tx.rows(
        Hold,
        "operations/holds_of_holder",
        holder=holder,
        scope=target.scope,
        keys=list(target.keys),
        now=now,
        until=now + WAIT,
    )


def _pin(found: Sequence[Hold]) -> str:
    text = "\n".join(f"{h.scope}|{h.key}|{h.holder}|{h.since}|{h.until}|{h.reason}" for h in found)
    return hashlib.sha256(text.encode()).hexdigest()


def _named(target: Target, hold: Hold) -> str:
    name = named(target, hold.key) if hold.key else "everything"
    why = f": {journal.without_secrets(hold.reason)[:80]}" if hold.reason else ""
    cold = " for new contacts" if hold.cold_only else ""
    return f"{name} is held by {hold.holder}{cold}{why},"


def _since(hold: Hold, now: datetime) -> str:
    end = f"until {moment(hold.until, now)}" if hold.until else "without an end"
    return f"since {moment(hold.since, now)}, {end}."


def summed_up(holds: Sequence[Hold]) -> str:
    """How many there are, and how many of them have no end."""
    endless = sum(1 for hold in holds if hold.until is None)
    return f"{counted(len(holds), 'hold')}, {endless} without an end"
