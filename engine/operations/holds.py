"""Pause and resume (DESIGN 5 and 6): the operator's holds. Guarantee 4 of DESIGN 10 rests on the gate lock.

A resume ends the hold 10 s ahead, so that its undo takes it back with nothing sent. A contact's hold also
parks the rows of its open work, because the claim does not look for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.operations import journal
from engine.operations.backlog import BRIEF, Mode, Pace, Planned, is_backlog, place, scoped
from engine.operations.model import WAIT, Done, InFlight, Scope, Target
from engine.operations.targets import described, named
from engine.operations.wording import counted, listed, moment, verb
from engine.projection import project_people
from engine.store import Database, Transaction
from engine.store.retrying import again_on_conflict

OPERATOR: Final = "operator"


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a hold."""

    key: str


@dataclass(frozen=True, slots=True)
class OtherHold:
    """A hold that stays when the operator's own is lifted; `until` None = no end."""

    key: str
    scope: str
    holder: str
    reason: str | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Staying:
    """Things of a scope that something else holds: how many, how, and the first names of them."""

    what: str
    how: str
    n: int
    names: list[str]

    def line(self) -> str:
        """As a person reads it."""
        names = listed(
            [" ".join(n.split())[:60] for n in self.names] + [""] * (self.n - len(self.names))
        )
        how = self.how if self.n > 1 else self.how.replace("their", "its")
        return f"{counted(self.n, self.what)} {verb(self.n, 'stays', 'stay')} {how}: {names}."


@again_on_conflict
async def pause(database: Database, who: str, target: Target, reason: str | None) -> Done:
    """Hold a scope without an end. Then nothing of it is claimed any more; `in_flight` names what was.

    Pausing what is paused changes nothing (n = 0, no operation).
    """
    async with database.transaction(writer="operator") as tx:
        await tx.lock_gate(exclusive=True)
        now = await tx.now()
        scope = _scope(target)
        keys = [k.key for k in await tx.rows(Key, "operations/holds_to_put", **scope)]
        operation = None
        if keys:
            operation = await journal.record(
                tx,
                who=who,
                verb="pause",
                now=now,
                n=len(keys),
                summary=f"paused {described(target)}",
                reason=reason,
                target=as_json(target),
            )
            await put(tx, operation, target.scope, keys, OPERATOR, reason, until=None, now=now)
            await park(tx, target.scope, keys, now)
        flying = await tx.rows(InFlight, "operations/in_flight", **scope)
    return Done(operation, len(keys), _paused(target, keys, flying, now), in_flight=tuple(flying))


async def put(
    tx: Transaction,
    operation: int,
    scope: Scope,
    keys: Sequence[str],
    holder: str,
    reason: str | None,
    *,
    until: datetime | None,
    now: datetime,
    unit: str | None = None,
) -> None:
    """Put holds, with their images in the journal. The caller holds the gate exclusive."""
    await tx.run(
        "operations/put_holds",
        operation=operation,
        scope=scope,
        keys=list(keys),
        holder=holder,
        reason=journal.without_secrets(reason) if reason else None,
        until=until,
        now=now,
        unit=unit,
    )


@again_on_conflict
async def resume(
    database: Database,
    who: str,
    target: Target,
    reason: str | None,
    *,
    now: bool = False,
    pace: Pace | None = None,
) -> Done:
    """Lift the operator's own holds of exactly this scope, 10 s ahead (`now`: at once).

    `pace` is how all that is due goes; None: what became due during a pause of more than some minutes is
    spread where it is much, and the rest keeps its time. `refused` names what something else still holds.
    """
    async with database.transaction(writer="operator", statement_timeout="2min") as tx:
        await tx.lock_gate(exclusive=True)
        instant = await tx.now()
        until = instant if now else instant + WAIT
        scope = _scope(target)
        found = await tx.rows(Key, "operations/holds_to_lift", **scope, now=instant, until=until)
        keys = [k.key for k in found]
        others = await _others(tx, target, OPERATOR, instant)
        operation, plan = None, None
        if keys:
            operation = await journal.record(
                tx,
                who=who,
                verb="resume",
                now=instant,
                n=len(keys),
                summary=f"resumed {described(target)}",
                reason=reason,
                target=as_json(target),
            )
            free = Target(target.scope, tuple(keys))
            plan = await _paced(tx, operation, free, pace, until, instant)
            await end(tx, operation, target.scope, keys, instant, until, OPERATOR)
        stays = await stays_held(tx, target, until)
    held = tuple(_still(target, other, instant) for other in others)
    summary = _resumed(target, keys, held, until if until > instant else None, instant)
    if plan:
        summary += f"; {plan.line(Mode.SPREAD, instant)[:-1]}"
    summary += "".join(f"; {line[:-1]}" for line in stays if keys)
    sends_from = until if set(keys) - {other.key for other in others} else None
    return Done(operation, len(keys), summary, refused=held, sends_from=sends_from)


async def _paced(
    tx: Transaction,
    operation: int,
    target: Target,
    pace: Pace | None,
    start: datetime,
    now: datetime,
) -> Planned | None:
    """Spread what became due while it was held, where that is much; where asked for, all that is due."""
    if not scoped(target) or (pace and pace.mode is Mode.FULL):
        return None
    if pace is not None:
        return await place(tx, target, pace, operation=operation, start=start, now=now)
    plan = await place(tx, target, Pace(), operation=None, start=start, now=now, brief=BRIEF)
    if not is_backlog(plan):
        return None
    return await place(tx, target, Pace(), operation=operation, start=start, now=now, brief=BRIEF)


async def end(
    tx: Transaction,
    operation: int,
    scope: Scope,
    keys: list[str],
    now: datetime,
    until: datetime,
    holder: str,
) -> None:
    """End a holder's holds at `until`, with their images in the journal. The caller holds the gate exclusive.

    A contact's wait stands in the `at` of its work, every other one in the end of the hold.
    """
    of = {"operation": operation, "scope": scope, "keys": keys, "holder": holder}
    if until > now and scope is not Scope.CONTACT:
        await tx.run("operations/end_holds", **of, until=until)
    else:
        await tx.run("operations/remove_holds", **of)
    await park(tx, scope, keys, now, not_before=until if until > now else None)


async def park(
    tx: Transaction,
    scope: Scope,
    keys: Sequence[str],
    now: datetime,
    *,
    not_before: datetime | None = None,
) -> None:
    """Derive the open work of contacts anew after their hold was put or lifted; other scopes need nothing."""
    if scope is not Scope.CONTACT:
        return
    await tx.run("session/lock_projection")
    await project_people(tx, keys, now=now, not_before=not_before)


def _scope(target: Target) -> dict[str, object]:
    return {"scope": target.scope, "keys": list(target.keys)}


async def _others(tx: Transaction, target: Target, holder: str, now: datetime) -> list[OtherHold]:
    of = _scope(target)
    return await tx.rows(OtherHold, "operations/still_held", **of, holder=holder, now=now)


async def still_held(
    tx: Transaction, target: Target, holder: str, now: datetime
) -> tuple[str, ...]:
    """What keeps a target held when this holder's own hold is lifted, as a person reads it."""
    return tuple(_still(target, o, now) for o in await _others(tx, target, holder, now))


async def stays_held(tx: Transaction, target: Target, start: datetime) -> tuple[str, ...]:
    """What of a wide scope other holds keep, as a person reads it: `2 devices stay paused: A and B.`"""
    if target.scope in (Scope.DEVICE, Scope.CONTACT):
        return ()
    found = await tx.rows(Staying, "operations/stays_held", **_scope(target), start=start)
    return tuple(each.line() for each in found)


def as_json(target: Target) -> dict[str, object]:
    """What the journal keeps of a target: ids, and names that are no phone number."""
    names = [] if target.scope is Scope.CONTACT else list(target.names)[:100]
    return {"scope": target.scope, "keys": list(target.keys), "names": names}


def _paused(target: Target, keys: Sequence[str], flying: Sequence[InFlight], now: datetime) -> str:
    done = f"paused {described(target)}" if keys else f"{described(target)}: already paused"
    if keys and len(keys) < len(target.keys):
        done += f" ({counted(len(target.keys) - len(keys), 'was', 'were')} already)"
    if not flying:
        return f"{done}; nothing is in flight"
    last = max(f.until for f in flying)
    where = listed(sorted({f.device_name for f in flying}))
    return f"{done}; {len(flying)} in flight on {where}, done by {moment(last, now)}"


def _resumed(
    target: Target,
    keys: Sequence[str],
    held: Sequence[str],
    until: datetime | None,
    now: datetime,
) -> str:
    if keys:
        done = f"resumed {described(target)}"
        done += f", sending from {moment(until, now)}" if until else ""
        still = f"; still held: {listed(held)}" if held else ""
        return done + still
    if held:
        return f"{described(target)} is not paused by an operator, but held: {listed(held)}"
    return f"{described(target)}: not paused"


def _still(target: Target, other: OtherHold, now: datetime) -> str:
    what = named(target, other.key) if target.scope is not Scope.ALL else "everything"
    wide = "" if other.scope == target.scope else f" ({other.scope} hold)"
    end = f" until {moment(other.until, now)}" if other.until else ""
    why = f": {journal.without_secrets(other.reason)[:80]}" if other.reason else ""
    return f"{what} by {other.holder}{wide}{end}{why}"
