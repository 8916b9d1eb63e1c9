"""What a resume would do, and the ways to choose from (DESIGN 5, pause): spread, full rate, skip the old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from engine.operations.backlog import (
    BRIEF,
    Mode,
    Pace,
    Planned,
    done_by,
    is_backlog,
    place,
    scoped,
)
from engine.operations.holds import OPERATOR, Key, resume, stays_held, still_held
from engine.operations.model import WAIT, Done, Preview, Target
from engine.operations.previews import BlastRadius, blast_radius
from engine.operations.stale import skip_stale, stale_in
from engine.operations.targets import described
from engine.operations.wording import counted, verb
from engine.store import Database, Transaction

AGES: Final = (timedelta(hours=24), timedelta(hours=6), timedelta(hours=1))
"""What `older than` may mean where nobody types it."""


class Way(StrEnum):
    """How what waited goes on."""

    SPREAD = "spread"
    FULL = "full"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to resume, in plain words; `older` is the age that SKIP leaves out."""

    way: Way
    line: str
    older: timedelta | None = None


@dataclass(frozen=True, slots=True)
class ResumePreview(Preview):
    """What a resume would do; `choices` where there is something to choose, the default first.

    `lines` are all of it: those `before` the choices, the choices, those `after` them.
    """

    choices: tuple[Choice, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


async def preview_resume(
    database: Database, target: Target, pace: Pace | None = None
) -> ResumePreview:
    """What resuming a target sets free, when, and what stays held (`pace`: by that one).

    `n` is the number of due messages that nothing else holds; 0 where no operator paused it.
    """
    async with database.transaction() as tx:
        now = await tx.now()
        ours = await _paused(tx, target, now)
        free = Target(target.scope, ours)
        radius = await blast_radius(tx, free, now)
        plan = await _plan(tx, free, pace, now)
        stays = [f"Still held: {o}." for o in (await still_held(tx, target, OPERATOR, now))[:5]]
        stays += await stays_held(tx, target, now + WAIT)
        choices = await _choices(tx, free, plan, now, bool(stays)) if ours and not pace else ()
    if not radius.engine_on:
        stays.append("The engine is off: nothing is sent until it is switched on.")
    lines = [f"{described(target)} is not paused by an operator."]
    if ours:
        lines = _lines(radius, plan, pace, choices, now)
    n, title = radius.due if ours else 0, f"Resume {described(target)}?"
    shown = (*lines, *(f"  {c.line}" for c in choices), *stays)
    return ResumePreview("resume", title, shown, n, "", (), choices, tuple(lines), tuple(stays))


async def resume_so(
    database: Database, who: str, target: Target, reason: str | None, choice: Choice | None
) -> Done:
    """Resume in one of the ways. What is too old is skipped first, by an operation of its own."""
    if choice is None or choice.way is Way.SPREAD:
        return await resume(database, who, target, reason)
    if choice.way is Way.FULL:
        return await resume(database, who, target, reason, pace=Pace(Mode.FULL))
    assert choice.older is not None  # the preview named it
    skipped = await skip_stale(database, who, target, choice.older, reason=reason)
    done = await resume(database, who, target, reason)
    summary = f"{done.summary}; {skipped.summary}"
    return replace(done, summary=summary, refused=(*done.refused, *skipped.refused))


async def _paused(tx: Transaction, target: Target, now: datetime) -> tuple[str, ...]:
    of = {"scope": target.scope, "keys": list(target.keys), "now": now, "until": now + WAIT}
    return tuple(k.key for k in await tx.rows(Key, "operations/holds_to_lift", **of))


async def _plan(
    tx: Transaction, target: Target, pace: Pace | None, now: datetime
) -> Planned | None:
    if not scoped(target):
        return None
    brief = BRIEF if pace is None else None
    start = now + WAIT
    return await place(
        tx, target, pace or Pace(), operation=None, start=start, now=now, brief=brief
    )


async def _choices(
    tx: Transaction, target: Target, plan: Planned | None, now: datetime, others: bool
) -> tuple[Choice, ...]:
    """The ways, where a backlog waited or something is old."""
    if plan is None:
        return ()
    waited = is_backlog(plan)
    full = Choice(Way.FULL, plan.line(Mode.FULL, now))
    choices = [Choice(Way.SPREAD, plan.line(Mode.SPREAD, now)), full] if waited else [full]
    seen = 0
    for age in AGES:
        n = await stale_in(tx, target, age, now)
        if n > seen:
            hours = counted(round(age.total_seconds() / 3600), "hour")
            says = (
                f"Skip older than {hours}: {counted(n, 'message')} {verb(n, 'is', 'are')} skipped"
            )
            says += ", also of what stays held" if others else ""
            choices.append(Choice(Way.SKIP, f"{says}; the rest goes as above.", age))
            seen = n
    return tuple(choices) if len(choices) > 1 else ()


def _lines(
    radius: BlastRadius,
    plan: Planned | None,
    pace: Pace | None,
    choices: Sequence[Choice],
    now: datetime,
) -> list[str]:
    if not radius.due:
        return ["Nothing that it holds is due."]
    n, on = radius.due, counted(radius.devices, "device")
    lines = [f"{counted(n, 'message')} {verb(n, 'is', 'are')} due on {on}."]
    if radius.without_device:
        lines.append(f"{counted(radius.without_device, 'message')} without a device yet.")
    if pace is not None and plan is not None:
        lines.append(plan.line(pace.mode, now))
    elif not choices:
        how = "They go on in their turn, within the limits"
        lines.append(f"{how}, {done_by(plan.full_at, now)}." if plan else f"{how}.")
    return lines
