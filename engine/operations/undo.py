"""Undo (DESIGN 6): an operation read backwards, unit by unit, each all or none. It is itself an operation.

A unit is refused where something was tried for it later, or where a row is not as the operation left it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Protocol

from engine.enrolling.undo import EnrolUndo
from engine.operations import journal
from engine.operations.decide_order import OrderUndo
from engine.operations.model import Done, InFlight, OperationRefused, Preview, Scope, Target
from engine.operations.portions import HELD, retried
from engine.operations.previews import blast_radius
from engine.operations.reassign_undo import ReassignUndo
from engine.operations.reply_settings import RepliesUndo
from engine.operations.stale import StaleUndo
from engine.operations.targets import NotFound
from engine.operations.undo_chains import ChainUndo
from engine.operations.undo_groups import ResolveUndo
from engine.operations.undo_holds import HoldsUndo, SwitchUndo
from engine.operations.undo_limits import LimitsUndo
from engine.operations.undo_placement import PlacementUndo
from engine.operations.wording import counted
from engine.sequences.undo import SequenceUndo
from engine.store import Database, Transaction

BATCH: Final = 500
LOOKED_AT: Final = 5000
"""Units that one statement of a preview judges, so that none is ended for its length."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the journal."""

    id: int
    at: datetime
    who: str
    verb: str
    reason: str | None
    summary: str
    n: int
    target: str
    undoes: int | None
    undone_by: int | None

    @property
    def scope(self) -> Scope:
        """The scope of a pause, resume or lift."""
        return Scope(json.loads(self.target).get("scope", "all"))

    @property
    def held(self) -> Target:
        """What a pause held."""
        return Target(self.scope, tuple(json.loads(self.target).get("keys", ("",))))

    @property
    def steps(self) -> tuple[str, ...]:
        """The step whose limits were set, if it was one."""
        target = json.loads(self.target)
        return (target["key"],) if target.get("scope") == "step" else ()


@dataclass(frozen=True, slots=True)
class Unit:
    """What is undone together: a group, a hold, the switch."""

    unit: str


class Reversal(Protocol):
    """How one verb is undone."""

    @property
    def noun(self) -> str:
        """What a unit is called."""

    async def lock(self, tx: Transaction) -> None:
        """Take the gate or the projection lock, whichever the restored rows need."""

    async def lock_rows(self, tx: Transaction, units: Sequence[str]) -> None:
        """Lock what these units are judged by, before the clock is read."""

    async def blocked(
        self, tx: Transaction, units: Sequence[str], now: datetime
    ) -> Mapping[str, str]:
        """The units that can't be undone, each with the reason."""

    async def restore(
        self, tx: Transaction, undo: int, units: Sequence[str], now: datetime
    ) -> datetime | None:
        """Put the units back; returns from when something may be sent as a result."""

    async def flying(self, tx: Transaction, units: Sequence[str]) -> Sequence[InFlight]:
        """What an undo that closes a gate can't stop any more."""


def reversal(operation: Operation) -> Reversal:
    """The reversal of an operation. Raises OperationRefused where its verb has none."""
    match operation.verb:
        case "pause" | "resume" | "lift":
            return HoldsUndo(operation.id, operation.scope)
        case "suppress" | "hold replied":
            return HoldsUndo(operation.id, operation.scope, waits=True)
        case "resolve":
            return ResolveUndo(operation.id, operation.at)
        case "engine on" | "engine off":
            return SwitchUndo(operation.id, on=operation.verb == "engine off")
        case "limits":
            return LimitsUndo(operation.id, operation.steps)
        case "park overdue" | "resume overdue":
            return PlacementUndo(operation.id, sends=operation.verb == "park overdue")
        case "reassign":
            return ReassignUndo(operation.id, operation.at)
        case "skip stale":
            return StaleUndo(operation.id, operation.at)
        case (
            "retry"
            | "skip"
            | "mark sent"
            | "mark not sent"
            | "release"
            | "link steps"
            | "keep active"
        ):
            return ChainUndo(operation.id, operation.at)
        case "enroll":
            return EnrolUndo(operation.id)
        case "import sequence" | "change sequence" | "sequence on" | "sequence off":
            return SequenceUndo(operation.id)
        case "decide order":
            return OrderUndo(operation.id, operation.at)
        case "replies":
            return RepliesUndo(operation.id)
        case "undo":
            raise OperationRefused(
                f"operation {operation.id} is an undo; do the thing itself again"
            )
        case "note":
            raise OperationRefused(f"operation {operation.id} is a note: there is nothing to undo")
        case other:
            raise OperationRefused(f"operation {operation.id} ({other}) can't be undone")


async def preview_undo(database: Database, who: str, operation_id: int | None) -> Preview:
    """What undo would put back; `refused` names the units that can't be. None = my latest operation.

    `pinned` is the operation's id. Of a pause the lines say what goes out at once.
    """
    async with database.transaction() as tx:
        operation = await _find(tx, who, operation_id)
        how = reversal(operation)
        now = await tx.now()
        blocked: dict[str, str] = {}
        free, after = 0, ""
        while units := await _units(tx, operation, after, LOOKED_AT):
            found = await how.blocked(tx, units, now)
            blocked |= found
            free, after = free + len(units) - len(found), units[-1]
        lines = [f"Operation {operation.id} of {operation.who}: {operation.summary}."]
        if operation.verb == "pause":
            lines.append(f"Lifts {counted(free, how.noun)} at once, without the 10 s of a resume.")
            lines += (await blast_radius(tx, operation.held, now)).lines()
        else:
            lines.append(f"Puts back {counted(free, how.noun)}.")
    refused = tuple(dict.fromkeys(blocked.values()))
    title, pinned = f"Undo operation {operation.id}?", str(operation.id)
    return Preview("undo", title, tuple(lines), free, pinned, refused)


async def undo(database: Database, who: str, operation_id: int | None) -> Done:
    """Undo an operation (None = my latest that is not undone). Raises OperationRefused with the reason."""
    async with database.transaction() as tx:
        operation = await _find(tx, who, operation_id)
    how = reversal(operation)
    run = _Undoing(who, operation, how)
    after: str | None = ""
    while after is not None:
        run, after = await retried(partial(_portion, database, run, after))
    if run.undo is None:
        raise OperationRefused(run.refused[0] if run.refused else "there is nothing left to undo")
    flying = f"; {len(run.in_flight)} in flight" if run.in_flight else ""
    return Done(
        run.undo,
        run.n,
        run.summary() + flying,
        tuple(run.refused),
        tuple(run.in_flight),
        run.sends_from,
    )


async def _portion(database: Database, run: _Undoing, after: str) -> tuple[_Undoing, str | None]:
    """One portion in one transaction: what is counted of it counts only where it commits."""
    then = run.copy()
    async with database.transaction(writer="operator", statement_timeout="2min") as tx:
        last = await then.portion(tx, after)
    return then, last


async def _find(tx: Transaction, who: str, operation_id: int | None) -> Operation:
    if operation_id is None:
        found = await tx.one(
            Operation, "operations/latest_operation", who=journal.without_secrets(who)
        )
        if found is None:
            raise OperationRefused(f"there is no operation of {who} to undo")
        return found
    found = await tx.one(Operation, "operations/operation", id=operation_id)
    if found is None:
        raise NotFound(f"there is no operation {operation_id}")
    return _open(found)


def _open(operation: Operation) -> Operation:
    if operation.undone_by is not None:
        raise OperationRefused(
            f"operation {operation.id} is already undone, by operation {operation.undone_by}"
        )
    return operation


async def _units(tx: Transaction, operation: Operation, after: str, limit: int) -> list[str]:
    found = await tx.rows(
        Unit, "operations/units_left", operation=operation.id, after=after, limit=limit
    )
    return [u.unit for u in found]


class _Undoing:
    """One call of undo over its portions."""

    def __init__(self, who: str, operation: Operation, how: Reversal) -> None:
        self.who = who
        self.operation = operation
        self.how = how
        self.undo: int | None = None
        self.n = 0
        self.units = 0
        self.refused: list[str] = []
        self.sends_from: datetime | None = None
        self.in_flight: list[InFlight] = []

    def copy(self) -> _Undoing:
        """The same, to go on from."""
        then = copy(self)
        then.refused, then.in_flight = list(self.refused), list(self.in_flight)
        return then

    async def portion(self, tx: Transaction, after: str) -> str | None:
        """Undo the next units; returns where to go on, None at the end."""
        await self.how.lock(tx)
        locked = await tx.one(Operation, "operations/lock_operation", id=self.operation.id)
        assert locked is not None  # operations are never deleted
        if self.undo is None:
            _open(locked)
        units = await _units(tx, self.operation, after, BATCH)
        await self.how.lock_rows(tx, units)
        held = await tx.rows(
            Unit, "operations/lock_journaled", operation=self.operation.id, units=units
        )
        now = await tx.now()
        blocked = {**await self.how.blocked(tx, units, now), **{u.unit: HELD for u in held}}
        self.refused += dict.fromkeys(blocked.values())
        free = [unit for unit in units if unit not in blocked]
        if free:
            await self._put_back(tx, free, now)
        if len(units) == BATCH:
            return units[-1]
        if self.undo is not None and not self.refused:
            await tx.run("operations/mark_undone", operation=self.operation.id, undo=self.undo)
        return None

    async def _put_back(self, tx: Transaction, units: list[str], now: datetime) -> None:
        self.units += len(units)
        if self.undo is None:
            self.undo = await journal.record(
                tx,
                who=self.who,
                verb="undo",
                now=now,
                n=0,
                summary=self.summary(),
                target={"operation": self.operation.id},
                undoes=self.operation.id,
            )
        n = await tx.run(
            "operations/journal_undo",
            undo=self.undo,
            operation=self.operation.id,
            units=units,
        )
        self.n += n
        await tx.run("operations/extend", operation=self.undo, n=n, summary=self.summary())
        sends = await self.how.restore(tx, self.undo, units, now)
        self.sends_from = self.sends_from or sends
        self.in_flight += await self.how.flying(tx, units)

    def summary(self) -> str:
        """The line for operator and journal."""
        text = f"undid operation {self.operation.id} ({self.operation.summary})"
        if self.refused:
            text += f" in part: {counted(self.units, self.how.noun)} put back; {self.refused[0]}"
        return text
