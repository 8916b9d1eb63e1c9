"""A sequence out into a file and in from one: new and switched off, or changed in place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from engine.operations import journal
from engine.operations.model import WAIT, Done, OperationRefused, Preview
from engine.operations.wording import counted, listed
from engine.sequences.file import SequenceText, StepText
from engine.sequences.own_settings import differences, write_own
from engine.sequences.standing import (
    CHANGED,
    NO_ORDER,
    SEQUENCES,
    STEPS,
    StandingStep,
    held,
    record,
    standing_of,
)
from engine.store import Database, Transaction

WRITTEN: Final = ("trigger_delay_hours", "message_type", "content", "media_url", "caption")


@dataclass(frozen=True, slots=True)
class _Name:
    name: str


async def export(database: Database, sequence: UUID) -> SequenceText:
    """The sequence as a file says it. Raises OperationRefused where its days don't order its steps."""
    async with database.transaction(snapshot=True) as tx:
        standing, steps = await standing_of(tx, sequence)
        columns = await tx.rows(_Name, "sequences/columns", sequence=sequence)
    if len({s.day for s in steps if s.day is not None}) != len(steps):
        raise OperationRefused(NO_ORDER)
    return SequenceText(
        standing.name,
        standing.trigger,
        tuple(s.text for s in steps),
        tuple(c.name for c in columns),
        standing.own,
    )


async def preview_new(database: Database, wanted: SequenceText, user: UUID | None) -> Preview:
    """A sequence of this user's that a file would make. Raises OperationRefused."""
    async with database.transaction() as tx:
        owner = await _owner(tx, user)
        await _refuse_new(tx, wanted, owner)
    lines = [
        f"{counted(len(wanted.steps), 'step')} over {sum(_wait(s) for s in wanted.steps) / 24:.1f} days.",
        "It stays off until you switch it on: seqconsole sequence on.",
    ]
    if wanted.trigger is None:
        lines.append("It has no trigger: people come in by `seqconsole enroll` only.")
    return Preview(
        "import sequence", f"Import {wanted.name}?", tuple(lines), 1, _pin(wanted, owner)
    )


async def make(
    database: Database,
    who: str,
    wanted: SequenceText,
    user: UUID | None,
    *,
    pinned: str,
    reason: str | None = None,
) -> Done:
    """Make the sequence, switched off. Raises OperationRefused."""
    async with database.transaction(writer="operator") as tx:
        await tx.run("session/lock_projection")
        owner = await _owner(tx, user)
        await _refuse_new(tx, wanted, owner)
        if _pin(wanted, owner) != pinned:
            raise OperationRefused(CHANGED)
        sequence, now = uuid4(), await tx.now()
        summary = f"imported {wanted.name} with {counted(len(wanted.steps), 'step')}"
        operation = await record(tx, who, "import sequence", now, summary, sequence, reason, pinned)
        await tx.run(
            "sequences/insert",
            sequence=sequence,
            user=owner,
            title=wanted.name,
            trigger=wanted.trigger,
            operation=operation,
        )
        await _add_steps(tx, operation, sequence, wanted.steps)
        await write_own(tx, operation, sequence, (), wanted.settings)
        await _know(tx, operation, sequence, wanted.columns)
    return Done(operation, 1 + len(wanted.steps), f"{summary}, switched off; its id is {sequence}")


async def preview_change(database: Database, sequence: UUID, wanted: SequenceText) -> Preview:
    """What a file would change of a sequence that stands. Raises OperationRefused."""
    async with database.transaction() as tx:
        standing, steps = await standing_of(tx, sequence)
        changed, added = _differences(steps, wanted)
        set_otherwise = differences(standing.own, wanted.settings)
    by_day = {s.day: s for s in steps}
    lines = [f"day {s.day}: {_said(by_day[s.day].text, s)}" for s in changed]
    lines += [f"day {s.day}: new" for s in added]
    if standing.trigger != wanted.trigger:
        lines.append(f"trigger: {standing.trigger or 'none'} -> {wanted.trigger or 'none'}")
    lines += set_otherwise
    if added and standing.open:
        lines.append(
            f"{counted(standing.open, 'person', 'people')} under way get no row for new steps."
        )
    if changed:
        lines.append("What is queued already goes out with its old text.")
    n = len(changed) + len(added) + (standing.trigger != wanted.trigger) + len(set_otherwise)
    pinned = _pin(wanted, [standing.trigger, standing.own, [str(s) for s in steps]])
    return Preview("change sequence", f"Change {standing.name}?", tuple(lines), n, pinned)


async def change(
    database: Database,
    who: str,
    sequence: UUID,
    wanted: SequenceText,
    *,
    pinned: str,
    reason: str | None = None,
    now: bool = False,
) -> Done:
    """Write the differences, steps in place; what they set free is sent 10 s ahead (`now`: at once)."""
    async with database.transaction(writer="operator") as tx:
        await tx.lock_gate(exclusive=True)
        await tx.run("operations/lock_steps", sequence=sequence)
        at = await tx.now()
        standing, steps = await standing_of(tx, sequence)
        if _pin(wanted, [standing.trigger, standing.own, [str(s) for s in steps]]) != pinned:
            raise OperationRefused(CHANGED)
        changed, added = _differences(steps, wanted)
        set_otherwise = differences(standing.own, wanted.settings)
        n = len(changed) + len(added) + (standing.trigger != wanted.trigger) + len(set_otherwise)
        if not n:
            return Done(None, 0, f"{standing.name} is as the file says")
        summary = (
            f"changed {standing.name}: {counted(len(changed), 'step')} in place, {len(added)} new"
        ) + "".join(f"; {what}" for what in set_otherwise)
        operation = await record(tx, who, "change sequence", at, summary, sequence, reason, pinned)
        await _write_steps(tx, operation, sequence, steps, changed)
        await _add_steps(tx, operation, sequence, added)
        if standing.trigger != wanted.trigger:
            images = journal.Images(tx, operation, SEQUENCES, ("trigger",))
            await images.before([str(sequence)], [sequence])
            await tx.run("sequences/set_trigger", sequence=sequence, trigger=wanted.trigger)
            await images.after([sequence])
        await write_own(tx, operation, sequence, standing.own, wanted.settings)
        await tx.run("sequences/judge_anew", sequences=[sequence], now=at)
        await _know(tx, operation, sequence, wanted.columns)
        await held(tx, operation, sequence, at, now, "it was changed")
    return Done(operation, n, summary, sends_from=at if now else at + WAIT)


async def _owner(tx: Transaction, user: UUID | None) -> UUID:
    users = [row["id"] for row in await tx.dicts("sequences/users")]
    if user is not None:
        if user not in users:
            raise OperationRefused(f"user {user} has no device and no sequence here")
        return user
    if len(users) != 1:
        ids = listed([str(u) for u in users]) or "there is none"
        raise OperationRefused(f"say whose it is: --user ID ({ids})")
    found: UUID = users[0]
    return found


async def _refuse_new(tx: Transaction, wanted: SequenceText, owner: UUID) -> None:
    if await tx.value("sequences/same_name", user=owner, title=wanted.name):
        raise OperationRefused(
            f"this user has a sequence {wanted.name} already: --into changes it, or name it otherwise"
        )


def _differences(
    steps: Sequence[StandingStep], wanted: SequenceText
) -> tuple[list[StepText], list[StepText]]:
    """The steps that differ, and those that are new. A step is never taken away: rows and ledger name it."""
    by_day = {s.day: s for s in steps}
    if len(by_day) != len(steps) or None in by_day:
        raise OperationRefused(NO_ORDER)
    if missing := sorted({s.day or 0 for s in steps} - {s.day for s in wanted.steps}):
        days = listed([str(d) for d in missing])
        raise OperationRefused(f"the file lacks day {days}: steps are not taken away, only changed")
    changed = [s for s in wanted.steps if s.day in by_day and by_day[s.day].text != s]
    return changed, [s for s in wanted.steps if s.day not in by_day]


def _said(before: StepText, after: StepText) -> str:
    """In what a step changes, in words."""
    parts = []
    if before.wait_hours != after.wait_hours:
        parts.append(f"waits {_wait(before)} h -> {_wait(after)} h")
    if before.kind != after.kind:
        parts.append(f"{before.kind} -> {after.kind}")
    if before.content != after.content:
        parts.append(f"text {_short(before.content)} -> {_short(after.content)}")
    if (before.media, before.caption) != (after.media, after.caption):
        parts.append("media or caption")
    parts += differences(before.settings, after.settings)
    return ", ".join(parts)


def _wait(step: StepText) -> int:
    return 24 if step.wait_hours is None else step.wait_hours


def _short(text: str | None) -> str:
    line = " ".join((text or "").split())
    return repr(line if len(line) <= 40 else line[:39] + "…")


async def _write_steps(
    tx: Transaction,
    operation: int,
    sequence: UUID,
    steps: Sequence[StandingStep],
    changed: Sequence[StepText],
) -> None:
    if not changed:
        return
    by_day = {s.day: s for s in steps}
    ids = [by_day[s.day].id for s in changed]
    images = journal.Images(tx, operation, STEPS, WRITTEN)
    await images.before([str(sequence)] * len(ids), ids)
    await tx.run("sequences/write_steps", ids=ids, **_columns(changed))
    await images.after(ids)
    for step in changed:
        was = by_day[step.day]
        await write_own(tx, operation, sequence, was.text.settings, step.settings, was.id)


async def _add_steps(
    tx: Transaction, operation: int, sequence: UUID, steps: Sequence[StepText]
) -> None:
    ids = [uuid4() for _ in steps]
    await tx.run(
        "sequences/add_steps",
        operation=operation,
        sequence=sequence,
        ids=ids,
        days=[s.day for s in steps],
        **_columns(steps),
    )
    for id_, step in zip(ids, steps, strict=True):
        await write_own(tx, operation, sequence, (), step.settings, id_)


def _columns(steps: Sequence[StepText]) -> dict[str, list[object]]:
    return {
        "waits": [s.wait_hours for s in steps],
        "kinds": [s.kind for s in steps],
        "contents": [s.content for s in steps],
        "medias": [s.media for s in steps],
        "captions": [s.caption for s in steps],
    }


async def _know(tx: Transaction, operation: int, sequence: UUID, columns: Sequence[str]) -> None:
    if columns:
        await tx.run(
            "enroll/know_columns", sequence=sequence, operation=operation, columns=list(columns)
        )


def _pin(wanted: SequenceText, state: object) -> str:
    return hashlib.sha256(json.dumps([repr(wanted), str(state)]).encode()).hexdigest()
