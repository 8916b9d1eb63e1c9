"""Judges what a repair was asked for: which chains can be repaired, and why the others can't."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Final, Protocol

from engine.operations.repair_facts import Facts, Pair, Selection, Sources, known, select
from engine.operations.repair_writing import Change, Step
from engine.operations.targets import NotFound
from engine.operations.wording import counted
from engine.phones import masked
from engine.store import Transaction

READ: Final = 1000
NEEDS_NO_PHONE: Final = frozenset({"skip"})
"""What also helps a row that nobody can be reached by."""


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


@dataclass(slots=True)
class Judged:
    """A selection, judged: the chains that can be repaired, and why the others can't."""

    units: dict[str, list[Step]] = field(default_factory=dict)
    refused: dict[str, list[Facts]] = field(default_factory=dict)

    def add(self, repair: Repair, facts: Iterable[Facts]) -> None:
        """Judge these, chain by chain: all of one is repaired, or none."""
        for unit, members in groupby(sorted(facts, key=_order), key=lambda f: f.unit):
            verdicts = [(f, verdict(repair, f)) for f in members]
            whys = [(f, v) for f, v in verdicts if isinstance(v, str)]
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


def verdict(repair: Repair, facts: Facts) -> Change | str | None:
    """The verb's verdict, after what hinders every repair."""
    if facts.phone_key is None and repair.verb not in NEEDS_NO_PHONE:
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


async def judge_all(tx: Transaction, repair: Repair, selection: Selection, now: datetime) -> Judged:
    """All that is selected, judged. Raises NotFound for an id that is none."""
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


def summed(refused: Sequence[tuple[str, Facts]]) -> tuple[str, ...]:
    """Refusals as lines, alike ones together."""
    by_reason: dict[str, list[Facts]] = {}
    for why, facts in refused:
        by_reason.setdefault(why, []).append(facts)
    return tuple(_refusal(why, facts) for why, facts in by_reason.items())
