"""Repairs (DESIGN 6): one way to preview, apply and journal them; each verb only judges what is known.

The unit is the person's chain, all or none. What was previewed is pinned; what changed since is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from engine.operations import journal
from engine.operations.model import WAIT, Done, OperationRefused, Preview
from engine.operations.portions import HELD, TRIES, pause, retried
from engine.operations.repair_facts import EVERYTHING, Facts, Selection, known
from engine.operations.repair_judging import Judged, Repair, judge_all, summed, verdict
from engine.operations.repair_writing import Step, lock_steps, write_steps
from engine.operations.wording import counted, moment
from engine.store import Database, Transaction

PORTION: Final = 500
CHANGED: Final = "changed since the preview; look again"

__all__ = ["Repair", "RepairPreview", "apply_repair", "preview_repair"]

Units = dict[str, list[Step]]


@dataclass(frozen=True, slots=True)
class RepairPreview(Preview):
    """What a repair would do: how many rows of each kind, how many messages may go out as a result."""

    kinds: tuple[tuple[str, int], ...] = ()
    steps: int = 0
    may_send: int = 0


async def preview_repair(
    database: Database, repair: Repair, selection: Selection = EVERYTHING
) -> RepairPreview:
    """What the repair would do to what is selected; nothing is changed."""
    async with database.transaction(repeatable=True, statement_timeout="2min") as tx:
        now = await tx.now()
        judged = await judge_all(tx, repair, selection, now)
        engine_on = bool(await tx.value("operations/engine_is_on"))
    steps = judged.steps
    kinds = Counter(s.change.kind for s in steps)
    may_send = len({s.facts.unit for s in steps if s.change.may_send})
    lines = [f"{counted(n, 'step')}: {kind}" for kind, n in sorted(kinds.items())]
    lines += repair.notes([s.facts for s in steps])
    if may_send:
        lines.append(
            f"As a result {counted(may_send, 'person', 'people')} may get a message, from "
            f"{WAIT.seconds} s after it{'' if engine_on else ', once the engine is switched on'}."
        )
    elif steps:
        lines.append("Nothing is sent as a result.")
    return RepairPreview(
        verb=repair.verb,
        title=repair.title.format(counted(len(steps), "step")),
        lines=tuple(lines),
        n=sum(s.rows for s in steps),
        pinned=judged.pinned,
        refused=judged.lines(),
        kinds=tuple(sorted(kinds.items())),
        steps=len(steps),
        may_send=may_send,
    )


async def apply_repair(
    database: Database,
    who: str,
    repair: Repair,
    selection: Selection = EVERYTHING,
    *,
    pinned: str,
    reason: str | None = None,
    now: bool = False,
) -> Done:
    """Repair as previewed; what it sets free is sent from 10 s ahead (`now`: at once).

    Raises OperationRefused where what was previewed changed, or where nothing can be repaired.
    """
    async with database.transaction(repeatable=True, statement_timeout="2min") as tx:
        judged = await judge_all(tx, repair, selection, await tx.now())
    if judged.pinned != pinned:
        raise OperationRefused(f"what was selected {CHANGED}")
    if not judged.units:
        raise OperationRefused(next(iter(judged.lines()), "nothing matches"))
    run = _Running(who, repair, pinned, reason, wait=not now)
    await _in_portions(database, run, judged)
    refused = (*summed(run.refused), *judged.lines())
    if run.operation is None:
        raise OperationRefused(refused[0])
    return Done(run.operation, run.n, run.told(), refused, sends_from=run.sends_from)


async def _in_portions(database: Database, run: _Running, judged: Judged) -> None:
    """All chains, portion by portion; what other sessions hold is asked for again a few times."""
    left = sorted(judged.units)
    for attempt in range(1, TRIES + 1):
        held: list[str] = []
        for start in range(0, len(left), PORTION):
            portion = {unit: judged.units[unit] for unit in left[start : start + PORTION]}
            held += await retried(partial(run.portion, database, portion))
        left = held
        if not left:
            return
        if attempt < TRIES:
            await pause(attempt)
    run.refused += [(HELD, step.facts) for unit in left for step in judged.units[unit]]


@dataclass(slots=True)
class _Running:
    """One call of apply over its portions."""

    who: str
    repair: Repair
    pinned: str
    reason: str | None
    wait: bool
    operation: int | None = None
    steps: int = 0
    n: int = 0
    doubts: int = 0
    at: datetime | None = None
    sends_from: datetime | None = None
    refused: list[tuple[str, Facts]] = field(default_factory=list)

    async def portion(self, database: Database, units: Units) -> list[str]:
        """Repair these chains in one transaction: locks, then the clock, then all is judged again.

        Returns the chains that another session holds: they are left as they are.
        """
        async with database.transaction(writer="operator", statement_timeout="2min") as tx:
            await tx.lock_gate(exclusive=True)
            await tx.run("session/lock_projection")
            free, held = await lock_steps(tx, units)
            now = await tx.now()
            pairs = [step.pair for steps in free.values() for step in steps]
            facts = await known(tx, pairs, now)
            ready, changed = self._still(free, {f.key: f for f in facts})
            if ready:
                operation = await self._record(tx, ready, now)
                await write_steps(tx, operation, ready, now, now + WAIT if self.wait else now)
        self.refused += [(CHANGED, step.facts) for step in changed]
        if ready:
            self._count(operation, ready, now)
        return held

    def _still(self, units: Units, facts: dict[str, Facts]) -> tuple[list[Step], list[Step]]:
        """The steps of chains that are as previewed, and those of the others."""
        ready: list[Step] = []
        changed: list[Step] = []
        for steps in units.values():
            same = all(
                (now := facts.get(s.facts.key)) is not None
                and now.pin == s.facts.pin
                and verdict(self.repair, now) == s.change
                for s in steps
            )
            (ready if same else changed).extend(steps)
        return ready, changed

    async def _record(self, tx: Transaction, ready: Sequence[Step], now: datetime) -> int:
        rows = sum(s.rows for s in ready)
        summary = self._summary(self.steps + len(ready), self.doubts + _doubts(ready))
        if self.operation is not None:
            await tx.run("operations/extend", operation=self.operation, n=rows, summary=summary)
            return self.operation
        return await journal.record(
            tx,
            who=self.who,
            verb=self.repair.verb,
            now=now,
            n=rows,
            summary=summary,
            reason=self.reason,
            pinned=self.pinned,
        )

    def _count(self, operation: int, ready: Sequence[Step], now: datetime) -> None:
        self.operation = operation
        self.steps += len(ready)
        self.n += sum(s.rows for s in ready)
        self.doubts += _doubts(ready)
        self.at = self.at or now
        if any(s.change.may_send for s in ready):
            self.sends_from = self.sends_from or (now + WAIT if self.wait else now)

    def _summary(self, steps: int, doubts: int) -> str:
        text = f"{self.repair.done} {counted(steps, 'step')}"
        return text + (f", {doubts} of them sent again after a doubt" if doubts else "")

    def told(self) -> str:
        """The line for the operator."""
        text = self._summary(self.steps, self.doubts)
        if self.refused:
            text += f"; {len(self.refused)} {CHANGED}"
        if self.wait and self.sends_from and self.at:
            text += f"; nothing is sent before {moment(self.sends_from, self.at)}"
        return text


def _doubts(steps: Sequence[Step]) -> int:
    return sum(s.change.after_doubt for s in steps)
