"""Moves a device's future to other devices of the same user (DESIGN 5, balance).

A contact keeps its device, because people notice a changed number; so this is an act with a preview that
says who will see a new one. What is in flight, in doubt or given up stays. What could go out waits 10 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from engine.operations import journal
from engine.operations import reassign_write as move
from engine.operations.model import WAIT, Done, OperationRefused, Preview
from engine.operations.portions import HELD, TRIES, pause, retried
from engine.operations.reassign_plan import MOST, Drained, Left, Plan, Taker, Wanted, Work, plan
from engine.operations.wording import counted, listed, moment, verb
from engine.store import FOREVER, Database, Transaction

PORTION: Final = 2000
"""Open work in one transaction: what its rows are locked for stays short."""

CHANGED: Final = "the device's future changed since the preview; look again"


@dataclass(slots=True)
class _Moving:
    """One call of reassign over its portions."""

    who: str
    reason: str | None
    wait: timedelta
    plan: Plan
    pinned: str
    while_lost: bool
    operation: int | None = None
    moved: int = 0
    sends_from: datetime | None = None

    def summary(self) -> str:
        """The line for operator and journal."""
        to = listed([taker.name for taker in self.plan.takers])
        return f"moved {counted(self.moved, 'open step')} of device {self.plan.source.name} to {to}"


async def preview_reassign(database: Database, wanted: Wanted) -> Preview:
    """What would move where, who sees a new number, what stays and why. Raises OperationRefused, NotFound."""
    async with database.transaction(statement_timeout="2min") as tx:
        now = await tx.now()
        planned = await plan(tx, wanted, now)
        drained = await _drained(tx, planned, now)
    lines = (
        [_what_moves(planned), _new_number(planned)] if planned.work else ["Nothing waits for it."]
    )
    if planned.work:
        lines += [_taken(planned, t, drained, now) for t in planned.takers[:20]]
        lines += (
            [f"and {len(planned.takers) - 20} more devices."] if len(planned.takers) > 20 else []
        )
    if planned.more:
        lines.append(f"More than {len(planned.work)} wait: what is due first goes, the rest stays.")
    title = f"Move the future of device {planned.source.name}?"
    stays = _stays(planned.left)
    return Preview("reassign", title, tuple(lines), len(planned.work), planned.pinned, stays)


async def reassign(
    database: Database,
    who: str,
    wanted: Wanted,
    *,
    pinned: str,
    reason: str | None = None,
    now: bool = False,
) -> Done:
    """Move as previewed; what could go out is sent 10 s ahead at the earliest (`now`: at once).

    Raises OperationRefused where the device's future changed since the preview.
    """
    async with database.transaction(statement_timeout="2min") as tx:
        planned = await plan(tx, wanted, await tx.now())
    if planned.pinned != pinned:
        raise OperationRefused(CHANGED)
    if not planned.work:
        return Done(None, 0, f"nothing waits for device {planned.source.name}")
    wait = timedelta(0) if now else WAIT
    run = _Moving(who, reason, wait, planned, pinned, wanted.while_lost)
    ordered = sorted(planned.work, key=lambda w: (w.track, w.phone, w.run))
    left: Sequence[Work] = ordered
    for tried in range(1, TRIES + 1):
        if tried > 1:
            await pause(tried)
        held: list[Work] = []
        for start in range(0, len(left), PORTION):
            portion = left[start : start + PORTION]
            run, theirs = await retried(partial(_portion, database, run, portion))
            held += [w for w in portion if w.unit in theirs]
        left = held
        if not left:
            break
    if run.operation is None:
        raise OperationRefused(HELD if left else CHANGED)
    stays = list(_stays(planned.left))
    if left:
        stays.append(f"{counted(len(left), 'open step')}: {HELD}")
    if missed := len(ordered) - len(left) - run.moved:
        stays.append(f"{counted(missed, 'open step')} moved on meanwhile")
    return Done(run.operation, run.moved, run.summary(), tuple(stays), sends_from=run.sends_from)


async def _portion(
    database: Database, run: _Moving, work: Sequence[Work]
) -> tuple[_Moving, set[str]]:
    """Move one portion; what is counted of it counts only where it commits. And what others hold of it."""
    then = replace(run)
    async with database.transaction(writer="operator", statement_timeout="2min") as tx:
        return then, await _move(tx, then, work)


async def _move(tx: Transaction, run: _Moving, work: Sequence[Work]) -> set[str]:
    """Lock, journal and move one portion; its operation begins with the first."""
    device = run.plan.source.device_id
    locked = await move.lock(tx, device, work)
    if run.while_lost and not await tx.value("operations/reassign_still_lost", device=device):
        return set()
    if not locked.work:
        return set(locked.held)
    now = await tx.now()
    if run.operation is None:
        run.operation = await journal.record(
            tx,
            who=run.who,
            verb="reassign",
            now=now,
            n=0,
            summary=run.summary(),
            reason=run.reason,
            target=_as_json(run.plan),
            pinned=run.pinned,
        )
        run.sends_from = now + run.wait
    not_before = max(now, run.sends_from or now)
    await move.write(tx, run.operation, locked, run.plan.of, not_before, now)
    run.moved += len(locked.work)
    await tx.run(
        "operations/extend",
        operation=run.operation,
        n=len(locked.work),
        summary=journal.without_secrets(run.summary()),
    )
    return set(locked.held)


def _as_json(planned: Plan) -> dict[str, object]:
    return {
        "scope": "device",
        "keys": [str(planned.source.device_id)],
        "names": [planned.source.name],
        "to": [str(taker.device_id) for taker in planned.takers][:100],
    }


async def _drained(tx: Transaction, planned: Plan, now: datetime) -> dict[object, datetime | None]:
    shares = {t.device_id: t.queued + planned.share(t)["r"] for t in planned.takers[:20]}
    found = await tx.rows(
        Drained,
        "operations/reassign_drained",
        ids=list(shares),
        ns=list(shares.values()),
        now=now,
    )
    return {d.device_id: d.drained_at for d in found}


def _what_moves(planned: Plan) -> str:
    people = len({w.phone for w in planned.work})
    parked = sum(1 for w in planned.work if w.parked)
    queued = sum(1 for w in planned.work if w.state == "r" and not w.parked)
    waiting = len(planned.work) - parked - queued
    return (
        f"{counted(people, 'contact')} {verb(people, 'moves', 'move')}: {queued} queued, "
        f"{waiting} waiting for a later step, {parked} parked."
    )


def _new_number(planned: Plan) -> str:
    n = len({w.phone for w in planned.work if w.seen})
    if not n:
        return "None of them has had a message from this number."
    return (
        f"{n} of them {verb(n, 'has', 'have')} had a message from this number: "
        f"{verb(n, 'it sees', 'they see')} a new one."
    )


def _taken(
    planned: Plan, taker: Taker, drained: dict[object, datetime | None], now: datetime
) -> str:
    share = planned.share(taker)
    people = len({w.phone for w in planned.work if planned.of[w.phone] == taker.device_id})
    text = f"{taker.name}: {counted(people, 'contact')}, {taker.queued + share['r']} queued then"
    at = drained.get(taker.device_id)
    if at == FOREVER or (not taker.steady and taker.free_in is None):
        text += f", never sent as it is: {taker.held or 'it may send nothing'}"
    elif at is not None:
        text += f", sent by about {moment(at, now)}"
    return text + "."


def _stays(left: Left) -> tuple[str, ...]:
    """What is left behind, and why."""
    kinds = (
        (left.in_flight, "in flight: it may still arrive from the old number"),
        (left.in_doubt, "in doubt: nobody knows whether it went out"),
        (left.given_up, "given up: retry or skip it, then move it"),
    )
    return tuple(f"{n} stay{verb(n, 's', '')}, {why}" for n, why in kinds if n)


__all__ = ["MOST", "Wanted", "preview_reassign", "reassign"]
