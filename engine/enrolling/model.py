"""What an enrolment is asked to do, and what is known of its people before it begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

AGAIN = "again"
"""The verdict on who went through before and goes once more; no verdict: new."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The sequence, and what may keep it from taking people. `hours`: from its beginning to its last step."""

    id: UUID
    name: str
    user_id: UUID | None
    trigger: str | None
    active: bool
    steps: int
    undecided: bool
    negative: int
    hours: int
    hash: str | None
    legacy_key: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """So many lines with one verdict, and the first of them."""

    verdict: str | None
    n: int
    first_line: int
    abroad: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the devices of a sequence's user send a day at the limits of now; what they have queued."""

    devices: int
    per_day: int
    queued: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where people are from (for ever), what else is known of them, and who of them may come."""

    name: str
    columns: tuple[str, ...]
    again: bool = False
    from_leads: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """People on their way into one sequence, each with its verdict. `id` None: only looked at."""

    id: UUID | None
    sequence: UUID
    source: Source
    steps: Sequence[UUID]
    verdicts: tuple[Verdict, ...]
    last_line: int


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that is left out, and why."""

    line: int
    phone: str | None
    verdict: str
