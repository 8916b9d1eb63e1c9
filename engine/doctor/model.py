"""What a check is, and what it finds. A check is one file of `findings` and one of `sql/doctor`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

SINGULAR: Final = {"people": "person", "indexes": "index"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that may be wrong. Its query returns at most `limit` cases, each with the number of all.

    `name` is what scripts know it by, `title` what a screen calls it, `unit` what is counted. `repair`
    is a command, or says what to do; the exact statement for a case comes from the query. `ours`: it
    asks our schema, so it says nothing before `migrate`; `adopted_sql` is another query for afterwards.
    `grave`: something is not sent, sent twice, or sent wrongly.
    """

    name: str
    title: str
    what: str
    why: str
    unit: str
    repair: str
    grave: bool = True
    ours: bool = False
    sql: str = ""
    adopted_sql: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    def query(self, adopted: bool) -> str:
        """The query's name below `sql/`."""
        own = self.sql or self.name.replace("-", "_")
        return f"doctor/{self.adopted_sql if adopted and self.adopted_sql else own}"


@dataclass(frozen=True, slots=True)
class Example:
    """One case: ids or names, the phone as it is written, what is so, the statement that mends it."""

    ids: tuple[str, ...]
    phone: str | None
    detail: str | None
    statement: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that found something: `n` cases in all, and the first ones."""

    check: Check
    n: int
    examples: tuple[Example, ...]

    @property
    def unit(self) -> str:
        """What is counted, as many as there are: `1 contact row`, `2 contact rows`."""
        unit = self.check.unit
        return SINGULAR.get(unit, unit.removesuffix("s")) if self.n == 1 else unit


@dataclass(frozen=True, slots=True)
class Skipped:
    """A check that could not look, or not to the end, and why."""

    check: Check
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the doctor says of a database at an instant of its clock.

    `adopted`: our schema is there and was asked too. `zone` and `country` are what naive times and
    national numbers were read by. `seconds`: how long it took.
    """

    at: datetime
    adopted: bool
    zone: str
    country: str
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    seconds: float
