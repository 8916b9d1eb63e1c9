"""Repairs (DESIGN 6): one way to preview, apply and journal them; each verb only judges what is known.

The unit is the person's chain, all or none. What was previewed is pinned; what changed since is refused.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Final, Protocol, TypeVar

from engine.operations import journal
from engine.operations.model import WAIT, Done, OperationRefused, Preview
from engine.operations.repair_facts import (
    EVERYTHING,
    Facts,
    Pair,
    Selection,
    Sources,
    known,
    select,
)
from engine.operations.repair_writing import Change, Step, lock_steps, write_steps
from engine.operations.targets import NotFound
from engine.operations.wording import counted, moment
from engine.phones import masked
from engine.store import Busy, Database, Transaction

PORTION: Final = 500
READ: Final = 1000
TRIES: Final = 5
CHANGED: Final = "changed since the preview; look again"

Result = TypeVar("Result")


class Repair(Protocol):
    """One verb of repair."""

    @property
    def verb(self) -> str:
        """Its name in the journal."""

    @property
    def done(self) -> str:
        """What it did, before a number: `retried`."""

    @property
    def title(self) -> str:
        """The question before it, with `{}` for what it is about."""

    @property
    def sources(self) -> Sources:
        """Where it looks when nothing is named by id."""

    def judge(self, facts: Facts) -> Change | str | None:
        """What it would change; a text says why it can't; None: there is nothing to repair here."""

    def notes(self, facts: Sequence[Facts]) -> Sequence[str]:
        """Further lines of the preview, about what it would change."""


@dataclass(frozen=True, slots=True)
class RepairPreview(Preview):
    """What a repair would do: how many rows of each kind, how many messages may go out as a result."""

    kinds: tuple[tuple[str, int], ...] = ()
    steps: int = 0
    may_send: int = 0


@dataclass(slots=True)
class Judged:
    """A selection, judged: the chains that can be repaired, and why the others can't."""

    units: dict[str, list[Step]] = field(default_factory=dict)
    refused: dict[str, list[Facts]] = field(default_factory=dict)

    def add(self, repair: Repair, facts: Iterable[Facts]) -> None:
        """Judge these, chain by chain: all of one is repaired, or none."""
        for unit, members in groupby(sorted(facts, key=_order), key=lambda f: f.unit):
            verdicts = [(f, _judged(repair, f)) for f in members]
            whys = [(f, verdict) for f, verdict in verdicts if isinstance(verdict, str)]
            for f, why in whys:
                self.refused.setdefault(why, []).append(f)
            steps = [Step(f, v) for f, v in verdicts if isinstance(v, Change)]
            if steps and not whys:
                self.units.setdefault(unit, []).extend(steps)

    @property
    def steps(self) -> list[Step]:
        """All that would be changed."""
        return [step for unit in sorted(self.units) for step in self.units[unit]]

    @property
    def pinned(self) -> str:
        """One hash over what was read of all that would be changed, and the verdicts."""
        lines = sorted(f"{s.facts.key} {s.facts.pin} {s.change.kind}" for s in self.steps)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def lines(self) -> tuple[str, ...]:
        """The refusals, alike ones together."""
        return tuple(_refusal(why, facts) for why, facts in sorted(self.refused.items()))


def _order(facts: Facts) -> tuple[str, int, str]:
    return facts.unit, facts.day_number or 0, facts.key


def _judged(repair: Repair, facts: Facts) -> Change | str | None:
    if facts.phone_key is None:
        return "its phone is no phone number"
    if facts.track is None:
        return "it belongs to no sequence"
    if facts.work_state == "s" or facts.open_attempt:
        return "in flight: its outcome comes by itself"
    if facts.copies > 1:
        return "one of a duplicate group: resolve that first"
    return repair.judge(facts)


def _refusal(why: str, facts: Sequence[Facts]) -> str:
    one = facts[0]
    example = f"{masked(one.phone_key)}, {one.message_id or one.contact_id}"
    return f"{counted(len(facts), 'step')} ({example}): {why}"


async def preview_repair(
    database: Database, repair: Repair, selection: Selection = EVERYTHING
) -> RepairPreview:
    """What the repair would do to what is selected; nothing is changed."""
    async with database.transaction(repeatable=True, statement_timeout="2min") as tx:
        now = await tx.now()
        judged = await _judge_all(tx, repair, selection, now)
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
        judged = await _judge_all(tx, repair, selection, await tx.now())
    if judged.pinned != pinned:
        raise OperationRefused(f"what was selected {CHANGED}")
    if not judged.units:
        raise OperationRefused(next(iter(judged.lines()), "nothing matches"))
    run = _Running(who, repair, pinned, reason, wait=not now)
    units = sorted(judged.units)
    for start in range(0, len(units), PORTION):
        portion = {unit: judged.units[unit] for unit in units[start : start + PORTION]}
        await retried(partial(run.portion, database, portion))
    refused = (*_summed(run.refused), *judged.lines())
    if run.operation is None:
        raise OperationRefused(refused[0])
    return Done(run.operation, run.n, run.told(), refused, sends_from=run.sends_from)


async def retried(work: Callable[[], Awaitable[Result]]) -> Result:
    """Do a portion again where another session was in the way (FAULTS 40), at most 5 times."""
    for attempt in range(1, TRIES):
        try:
            return await work()
        except Busy:
            await asyncio.sleep(random.uniform(0, 0.1 * attempt))
    return await work()


async def _judge_all(
    tx: Transaction, repair: Repair, selection: Selection, now: datetime
) -> Judged:
    pairs = await select(tx, repair.sources, selection, now)
    if selection.ids:
        _all_exist(selection, pairs)
    found: dict[str, Facts] = {}
    for start in range(0, len(pairs), READ):
        found |= {f.key: f for f in await known(tx, pairs[start : start + READ], now)}
    judged = Judged()
    judged.add(repair, found.values())
    return judged


def _all_exist(selection: Selection, pairs: Sequence[Pair]) -> None:
    there = {p.contact_id for p in pairs} | {p.message_id for p in pairs}
    for wanted in selection.ids:
        if wanted not in there:
            raise NotFound(f"there is no message or contact row {wanted}")


def _summed(refused: Sequence[tuple[str, Facts]]) -> tuple[str, ...]:
    by_reason: dict[str, list[Facts]] = {}
    for why, facts in refused:
        by_reason.setdefault(why, []).append(facts)
    return tuple(_refusal(why, facts) for why, facts in by_reason.items())


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

    async def portion(self, database: Database, units: dict[str, list[Step]]) -> None:
        """Repair these chains in one transaction: locks, then the clock, then all is judged again."""
        async with database.transaction(writer="operator", statement_timeout="2min") as tx:
            await tx.lock_gate(exclusive=True)
            await tx.run("session/lock_projection")
            before = [step for steps in units.values() for step in steps]
            await lock_steps(tx, before)
            now = await tx.now()
            facts = await known(tx, [s.pair for s in before], now)
            ready, changed = self._still(units, {f.key: f for f in facts})
            if ready:
                operation = await self._record(tx, ready, now)
                await write_steps(tx, operation, ready, now, now + WAIT if self.wait else now)
        self.refused += [(CHANGED, step.facts) for step in changed]
        if ready:
            self._count(operation, ready, now)

    def _still(
        self, units: dict[str, list[Step]], facts: dict[str, Facts]
    ) -> tuple[list[Step], list[Step]]:
        """The steps of chains that are as previewed, and those of the others."""
        ready: list[Step] = []
        changed: list[Step] = []
        for steps in units.values():
            same = all(
                (now := facts.get(s.facts.key)) is not None
                and now.pin == s.facts.pin
                and _judged(self.repair, now) == s.change
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
