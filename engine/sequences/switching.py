"""A sequence switched on or off, for the other application too; on only where its texts can be sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from uuid import UUID

from engine.operations import journal
from engine.operations.model import WAIT, Done, OperationRefused, Preview
from engine.operations.wording import counted, listed, verb
from engine.sequences.standing import (
    CHANGED,
    SEQUENCES,
    Standing,
    StandingStep,
    held,
    record,
    standing_of,
)
from engine.store import Database, Transaction


async def preview_switch(database: Database, sequence: UUID, on: bool) -> Preview:
    """What switching a sequence on or off does. Raises OperationRefused where it can't be switched on."""
    async with database.transaction() as tx:
        standing, steps = await standing_of(tx, sequence)
        if on:
            await _refuse_on(tx, standing, steps)
    if on:
        lines = [
            f"{standing.due} of {counted(standing.open, 'open step')} {verb(standing.due, 'is', 'are')} due."
        ]
        if standing.trigger is None:
            lines.append("It has no trigger: people come in by `seqconsole enroll` only.")
    else:
        lines = [f"{counted(standing.open, 'open step')} will wait until it is on again."]
    word = "on" if on else "off"
    n = int(standing.active != on)
    return Preview(
        f"sequence {word}",
        f"Switch {standing.name} {word}?",
        tuple(lines),
        n,
        _pin(standing, steps),
    )


async def switch(
    database: Database,
    who: str,
    sequence: UUID,
    on: bool,
    *,
    pinned: str,
    reason: str | None = None,
    now: bool = False,
) -> Done:
    """Switch on or off, for the other application too; on sends 10 s ahead at the earliest."""
    word = "on" if on else "off"
    async with database.transaction(writer="operator") as tx:
        await tx.lock_gate(exclusive=True)
        await tx.run("operations/lock_steps", sequence=sequence)
        at = await tx.now()
        standing, steps = await standing_of(tx, sequence)
        if on:
            await _refuse_on(tx, standing, steps)
        if _pin(standing, steps) != pinned:
            raise OperationRefused(CHANGED)
        if standing.active == on:
            return Done(None, 0, f"{standing.name} is {word} already")
        summary = f"switched {standing.name} {word}"
        operation = await record(tx, who, f"sequence {word}", at, summary, sequence, reason, pinned)
        images = journal.Images(tx, operation, SEQUENCES, ("is_active", "status"))
        await images.before([str(sequence)], [sequence])
        await tx.run("sequences/set_active", sequence=sequence, on=on)
        await images.after([sequence])
        if on:
            await held(tx, operation, sequence, at, now, "it was switched on")
    return Done(operation, 1, summary, sends_from=(at if now else at + WAIT) if on else None)


async def _refuse_on(tx: Transaction, standing: Standing, steps: Sequence[StandingStep]) -> None:
    """What nobody could be sent (FAILURES 29, 42): all of it, in one line."""
    texts = await tx.dicts("enroll/texts", sequence=standing.id, columns=[])
    same = [row["name"] for row in await tx.dicts("enroll/same_word", sequence=standing.id)]
    problems = {
        "it has no steps": not steps,
        "two of its steps share a day, or one has none (seqconsole decide-order)": (
            len({s.day for s in steps if s.day is not None}) != len(steps)
        ),
        "a step waits less than nothing": any((s.wait_hours or 0) < 0 for s in steps),
        f"nobody could be sent {listed([t['place'] for t in texts])}": bool(texts),
        "a step has neither text nor media": any(not _says(s) for s in steps),
        f"{standing.trigger!r} also lets people into {listed(same)}": bool(same),
    }
    if found := [text for text, so in problems.items() if so]:
        raise OperationRefused(f"{standing.name} can't be switched on: {'; '.join(found)}")


def _says(step: StandingStep) -> bool:
    return any((text or "").strip() for text in (step.content, step.caption, step.media))


def _pin(standing: Standing, steps: Sequence[StandingStep]) -> str:
    state = [standing.active, standing.state, standing.trigger, *map(str, steps)]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()
