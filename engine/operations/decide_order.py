"""Decide order: the steps of a sequence whose day numbers do not order them get numbers that do (DESIGN 4).

The order is the day number, for the other application too, so it is written there: as few numbers as
can be are changed, and undo puts them back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar, Final
from uuid import UUID

from engine.operations import holds, journal
from engine.operations.model import WAIT, Done, InFlight, OperationRefused, Preview, Scope
from engine.operations.portions import retried
from engine.operations.undo_groups import ChangedRow
from engine.operations.wording import counted, listed, moment
from engine.store import Database, Transaction

STEPS: Final = "sequence_steps"
CHANGED: Final = "the steps changed since the preview; look again"


@dataclass(frozen=True, slots=True)
class OrderStep:
    """A step of the sequence; `unlinked` contact rows name no step and carry its day."""

    id: UUID
    day_number: int | None
    text: str
    unlinked: int


@dataclass(frozen=True, slots=True)
class OrderPreview(Preview):
    """The order that would be decided, and the day numbers that it takes."""

    steps: tuple[UUID, ...] = ()
    days: tuple[int, ...] = ()


def numbers(days: Sequence[int | None]) -> list[int]:
    """Strictly rising day numbers from 1 on for steps in this order, keeping as many as can be. Pure."""
    best: list[list[int]] = []
    for at, day in enumerate(days):
        longest: list[int] = []
        for before in best[:at]:
            room = before and day is not None and day - (days[before[-1]] or 0) >= at - before[-1]
            if room and len(before) > len(longest):
                longest = before
        best.append([*longest, at] if day is not None and day > at else [])
    stay: list[int] = max(best, key=len, default=[])
    found: list[int] = []
    for at, day in enumerate(days):
        last = found[-1] if found else 0
        found.append(day if at in stay and day is not None else last + 1)
    return found


async def preview_order(
    database: Database, sequence: UUID, order: Sequence[UUID] | None = None
) -> OrderPreview:
    """What deciding this order (None: the proposed one) would write. Raises OperationRefused."""
    async with database.transaction() as tx:
        steps = await tx.rows(OrderStep, "operations/order_steps", sequence=sequence)
        wanted = _ordered(steps, order)
        backwards = int(
            await tx.value(
                "operations/order_backwards", sequence=sequence, steps=[s.id for s in wanted]
            )
        )
    return _preview(wanted, backwards)


async def decide_order(
    database: Database,
    who: str,
    sequence: UUID,
    order: Sequence[UUID] | None = None,
    *,
    pinned: str,
    reason: str | None = None,
    now: bool = False,
) -> Done:
    """Write the day numbers as previewed; the sequence sends from 10 s ahead (`now`: at once).

    Raises OperationRefused; Busy where another session holds a step.
    """
    write = partial(_decide, database, who, sequence, order, pinned, reason, now)
    return await retried(write)


async def _decide(
    database: Database,
    who: str,
    sequence: UUID,
    order: Sequence[UUID] | None,
    pinned: str,
    reason: str | None,
    now: bool,
) -> Done:
    async with database.transaction(writer="operator", statement_timeout="2min") as tx:
        await tx.lock_gate(exclusive=True)
        await tx.run("operations/lock_steps", sequence=sequence)
        at = await tx.now()
        steps = await tx.rows(OrderStep, "operations/order_steps", sequence=sequence)
        wanted = _ordered(steps, order)
        if _pin(wanted) != pinned:
            raise OperationRefused(CHANGED)
        days = numbers([s.day_number for s in wanted])
        changed = [(s.id, day) for s, day in zip(wanted, days, strict=True) if s.day_number != day]
        operation = await journal.record(
            tx,
            who=who,
            verb="decide order",
            now=at,
            n=len(changed),
            summary=f"decided the order of {counted(len(wanted), 'step')}",
            reason=reason,
            target={"scope": "sequence", "key": str(sequence)},
            pinned=pinned,
        )
        ids = [id_ for id_, _ in changed]
        images = journal.Images(tx, operation, STEPS, ("day_number",))
        await images.before([str(sequence)] * len(ids), ids)
        await tx.run("operations/number_steps", ids=ids, days=[day for _, day in changed])
        await images.after(ids)
        if not now:
            await _wait(tx, operation, sequence, at, "its order was decided", "order")
    sends = at if now else at + WAIT
    told = f"decided the order of {counted(len(wanted), 'step')}; nothing is sent before {moment(sends, at)}"
    return Done(operation, len(changed), told, sends_from=sends)


async def _wait(
    tx: Transaction, operation: int, sequence: UUID, now: datetime, why: str, holder: str
) -> None:
    await holds.put(
        tx,
        operation,
        Scope.SEQUENCE,
        [str(sequence)],
        holder,
        why,
        until=now + WAIT,
        now=now,
        unit=str(sequence),
    )


def _ordered(steps: Sequence[OrderStep], order: Sequence[UUID] | None) -> list[OrderStep]:
    days = [s.day_number for s in steps]
    if not steps:
        raise OperationRefused("the sequence has no step")
    if None not in days and len(set(days)) == len(days):
        raise OperationRefused("its day numbers order its steps already: nothing is to be decided")
    if order is None:
        return list(steps)
    by_id = {s.id: s for s in steps}
    unknown = [str(i) for i in order if i not in by_id]
    if unknown:
        raise OperationRefused(f"not a step of this sequence: {listed(unknown)}")
    missing = [str(i) for i in by_id if i not in set(order)]
    if missing or len(order) != len(by_id):
        raise OperationRefused(f"name every step once; missing: {listed(missing) or 'none'}")
    return [by_id[i] for i in order]


def _pin(wanted: Sequence[OrderStep]) -> str:
    text = "\n".join(f"{s.id} {s.day_number}" for s in wanted)
    return hashlib.sha256(text.encode()).hexdigest()


def _preview(wanted: Sequence[OrderStep], backwards: int) -> OrderPreview:
    days = numbers([s.day_number for s in wanted])
    pairs = list(zip(wanted, days, strict=True))
    lines = []
    for place, (step, day) in enumerate(pairs, start=1):
        was = "none" if step.day_number is None else str(step.day_number)
        becomes = f"day {day}" if step.day_number == day else f"day {was} -> {day}"
        lines.append(f"{place}. {step.id} {becomes}: {' '.join(step.text.split())}")
    renumbered = [s for s, day in pairs if s.day_number != day]
    taken = {day for _, day in pairs}
    unlinked = sum({s.day_number: s.unlinked for s in wanted if s.day_number in taken}.values())
    if unlinked:
        lines.append(
            f"{counted(unlinked, 'row')} without a step can't be linked by day afterwards: "
            "`seqconsole link-steps` first."
        )
    if backwards:
        lines.append(
            f"{counted(backwards, 'person', 'people')} had a later step of this order already and "
            "would get an earlier one now: `seqconsole skip` first."
        )
    return OrderPreview(
        verb="decide order",
        title=f"Decide the order of {counted(len(wanted), 'step')}?",
        lines=tuple(lines),
        n=len(renumbered),
        pinned=_pin(wanted),
        steps=tuple(s.id for s in wanted),
        days=tuple(days),
    )


@dataclass(frozen=True, slots=True)
class OrderUndo:
    """Undo of `decide order`, made at `at`: the day numbers as they were, so that nothing is scheduled."""

    operation: int
    at: datetime
    noun: ClassVar[str] = "sequence"

    async def lock(self, tx: Transaction) -> None:
        """The gate: nothing of the sequence is claimed meanwhile."""
        await tx.lock_gate(exclusive=True)

    async def lock_rows(self, tx: Transaction, units: Sequence[str]) -> None:
        """The steps."""
        for unit in units:
            await tx.run("operations/lock_steps", sequence=UUID(unit))

    async def blocked(self, tx: Transaction, units: Sequence[str], now: datetime) -> dict[str, str]:
        """Steps that were changed since, and sends by this order."""
        of = {"operation": self.operation, "units": list(units), "rel": STEPS}
        found = {
            row.unit: f"step {row.id} changed since ({listed(row.columns)})"
            for row in await tx.rows(ChangedRow, "operations/changed_rows", **of)
        }
        for unit in units:
            if await tx.value("operations/sequence_tried_since", sequence=UUID(unit), at=self.at):
                found[unit] = "a message of the sequence was tried by this order since"
        return found

    async def restore(
        self, tx: Transaction, undo: int, units: Sequence[str], now: datetime
    ) -> datetime | None:
        """The day numbers and holds as they were; held until what is queued is judged by them again."""
        of = {"operation": self.operation, "units": list(units)}
        await tx.value("operations/restore_columns", **of, rel=STEPS)
        await tx.run("operations/restore_holds", **of)
        for unit in units:
            await _wait(tx, undo, UUID(unit), now, "its order was undone", "order undone")
        return None

    async def flying(self, tx: Transaction, units: Sequence[str]) -> Sequence[InFlight]:
        """What is in flight settles by itself."""
        return ()
