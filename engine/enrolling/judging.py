"""Who of the lines read comes in, and who is left out and why. It only reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from engine.enrolling.model import AGAIN, Reject, Verdict
from engine.enrolling.people_file import Person
from engine.store import Transaction

NO_PHONE: Final = "not a phone number"
BEFORE: Final = "a line before it has this person"


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows of a line."""

    line: int
    phone_key: str | None
    verdict: str | None
    abroad: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A person with its verdict; None: new."""

    person: Person
    verdict: str | None

    @property
    def left_out(self) -> bool:
        """Whether this line does not come in."""
        return self.verdict not in (None, AGAIN)

    @property
    def reject(self) -> Reject:
        """The line as it is told to who wants to mend the file."""
        return Reject(self.person.line, self.person.phone, self.verdict or "")

    @property
    def columns(self) -> tuple[Any, ...]:
        """What is copied of it, beside the batch."""
        p = self.person
        return p.line, p.phone, p.name, p.device, p.fields, p.lead, self.verdict


@dataclass(slots=True)
class Judged:
    """A batch's lines so far: the people seen (66 bytes each), and how many have which verdict."""

    sequence: UUID
    steps: Sequence[UUID]
    again: bool
    last_line: int = 0
    _seen: set[int] = field(default_factory=set)
    _tally: dict[str | None, list[int]] = field(default_factory=dict)

    def verdict(self, person: Person, known: _Known) -> str | None:
        """The first reason that holds; what was read before counts."""
        if person.problem is not None or known.phone_key is None:
            return person.problem or NO_PHONE
        key = int(known.phone_key)
        if key in self._seen:
            return BEFORE
        self._seen.add(key)
        return known.verdict

    def count(self, line: int, verdict: str | None, abroad: bool) -> None:
        """One line more."""
        self.last_line = max(self.last_line, line)
        of = self._tally.setdefault(verdict, [0, line, 0])
        of[0] += 1
        of[2] += abroad

    def verdicts(self) -> tuple[Verdict, ...]:
        """How many lines have which verdict, the most frequent first."""
        made = [Verdict(v, n, first, abroad) for v, (n, first, abroad) in self._tally.items()]
        return tuple(sorted(made, key=lambda v: (-v.n, v.verdict or "")))


async def judged(tx: Transaction, people: Sequence[Person], so_far: Judged) -> list[Line]:
    """The next lines with their verdicts. Changes nothing but `so_far`."""
    found = await tx.rows(
        _Known,
        "enroll/judge",
        lines=[p.line for p in people],
        phones=[p.phone for p in people],
        devices=[p.device for p in people],
        sequence=so_far.sequence,
        steps=list(so_far.steps),
        again=so_far.again,
        now=await tx.now(),
    )
    lines = []
    for person, known in zip(people, found, strict=True):
        verdict = so_far.verdict(person, known)
        so_far.count(person.line, verdict, known.abroad)
        lines.append(Line(person, verdict))
    return lines
