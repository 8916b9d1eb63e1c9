"""What became due while nothing was sent (DESIGN 5, pause): spread over time, or as fast as limits let it.

What was due for more than a day when the engine was switched on is parked, and released by an operation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from engine.operations import journal
from engine.operations.model import WAIT, Done, Preview, Scope, Target
from engine.operations.targets import EVERYTHING
from engine.operations.wording import counted, moment, verb
from engine.store import FOREVER, Database, Transaction

MOMENT: Final = 5
"""A device with more messages that waited than this has a backlog worth spreading."""

BRIEF: Final = timedelta(minutes=5)
"""A hold that stood for less has no backlog: what waited goes on in its turn."""

PORTION: Final = 2000


class Mode(StrEnum):
    """How a backlog goes out."""

    SPREAD = "spread"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Pace:
    """A mode, and for `spread` the least time that the backlog takes; None: half of each device's rate."""

    mode: Mode = Mode.SPREAD
    length: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """When a backlog of `n` messages on `devices` goes; `written` rows were placed.

    `ahead` were due before the hold and keep their time. `last_at` is when all is sent as planned,
    `full_at` when it would be as fast as the limits let it.
    """

    n: int
    devices: int
    ahead: int
    last_at: datetime | None
    full_at: datetime | None
    written: int

    def line(self, mode: Mode, now: datetime) -> str:
        """The plan as a person reads it."""
        if mode is Mode.FULL:
            return f"Full rate: as fast as the limits allow, {done_by(self.full_at, now)}."
        if not self.n:
            return "Spread: nothing waited."
        goes = verb(self.n, "goes", "go")
        ahead = f", after {self.ahead} that {verb(self.ahead, 'was', 'were')} due before"
        return (
            f"Spread: the {counted(self.n, 'message')} that waited {goes} out evenly until "
            f"{_said(self.last_at, now)}{ahead if self.ahead else ''}."
        )


def done_by(at: datetime | None, now: datetime) -> str:
    """When that many are sent, as a person reads it."""
    return "never done: a limit is 0" if at == FOREVER else f"done by {_said(at, now)}"


def _said(at: datetime | None, now: datetime) -> str:
    if at is None or at == FOREVER:
        return "nobody knows when"
    return moment(at, now)


@dataclass(frozen=True, slots=True)
class Overdue:
    """Messages due for more than a day (`late`), and those parked for that already."""

    late: int
    parked: int


async def overdue(tx: Transaction, now: datetime) -> Overdue:
    """What a switched on engine parks, and what is parked."""
    found = await tx.one(Overdue, "operations/overdue", now=now)
    assert found is not None  # an aggregate always answers
    return found


async def place(
    tx: Transaction,
    target: Target,
    pace: Pace,
    *,
    operation: int | None,
    start: datetime,
    now: datetime,
    parked: bool = False,
    brief: timedelta | None = None,
) -> Planned:
    """Plan the backlog of a scope (`parked`: what is overdue) from `start` on; an operation writes it.

    With `brief` it is what became due while the operator's hold stood, for longer than that; without,
    all that is due. The hold must still be there.
    """
    stretched = pace.mode is Mode.SPREAD
    found = await tx.one(
        Planned,
        "operations/pace_backlog",
        operation=operation,
        scope=target.scope,
        keys=list(target.keys),
        overdue=parked,
        mode=pace.mode,
        times=2 if stretched and pace.length is None else 1,
        length=(pace.length if stretched else None) or timedelta(0),
        start=start,
        now=now,
        brief=brief,
    )
    assert found is not None  # an aggregate always answers
    return found


async def preview_overdue(database: Database, length: timedelta | None = None) -> Preview:
    """What releasing the parked messages sends when, by each mode."""
    async with database.transaction() as tx:
        now = await tx.now()
        plans = [
            (m, await place(tx, EVERYTHING, Pace(m, length), operation=None, start=now, now=now, parked=True))
            for m in Mode
        ]  # fmt: skip
    n = plans[0][1].n
    lines = tuple(plan.line(mode, now) for mode, plan in plans)
    return Preview("resume overdue", "Release the overdue messages?", lines, n, "")


async def release_overdue(
    database: Database, who: str, pace: Pace, *, reason: str | None = None, now: bool = False
) -> Done:
    """Release what was parked as overdue, from 10 s ahead (`now`: at once)."""
    async with database.transaction(writer="operator", statement_timeout="2min") as tx:
        await tx.lock_gate(exclusive=True)
        instant = await tx.now()
        start = instant if now else instant + WAIT
        n = (await overdue(tx, instant)).parked
        if not n:
            return Done(None, 0, "no message is parked as overdue")
        summary = f"released {counted(n, 'overdue message')}, {pace.mode}"
        operation = await journal.record(
            tx, who=who, verb="resume overdue", now=instant, n=n, summary=summary, reason=reason
        )
        plan = await place(
            tx, EVERYTHING, pace, operation=operation, start=start, now=instant, parked=True
        )
    last = f", the last at {moment(plan.last_at, instant)}" if plan.last_at else ""
    return Done(operation, plan.written, summary + last, sends_from=start)


async def park_overdue(database: Database, who: str) -> tuple[int | None, int]:
    """Park what is due for more than a day, while the engine is off; its operation and how many.

    In portions, all of one operation, so that no lock is held for long.
    """
    operation, n, late = None, 0, None
    while True:
        async with database.transaction(writer="operator") as tx:
            await tx.lock_gate(exclusive=True)
            now = await tx.now()
            if late is None:
                late = (await overdue(tx, now)).late
            if not late or await tx.value("operations/engine_is_on"):
                return operation, n
            operation = operation or await journal.record(
                tx, who=who, verb="park overdue", now=now, n=0, summary=_parked(late)
            )
            taken = await tx.run(
                "operations/park_overdue", operation=operation, now=now, limit=PORTION
            )
            if not taken:
                return operation, n
            n += taken
            await tx.run("operations/extend", operation=operation, n=taken, summary=_parked(n))


def _parked(n: int) -> str:
    return f"parked {counted(n, 'message')} that {verb(n, 'is', 'are')} due for more than 24 h"


def is_backlog(plan: Planned) -> bool:
    """Is it more than a moment's worth a device?"""
    return plan.n > MOMENT * max(1, plan.devices)


def scoped(target: Target) -> bool:
    """Can the backlog of this scope be paced? A contact has one message at a time."""
    return target.scope is not Scope.CONTACT
