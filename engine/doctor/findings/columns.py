"""Columns and types that do not fit: what `migrate` would refuse, each with the statement to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.doctor.model import Check, Example


@dataclass(frozen=True, slots=True)
class _Columns:
    """The check that the preflight makes: it has no query of its own."""

    check: Check

    def cases(self, problems: Sequence[str]) -> list[Example]:
        """The preflight's problems, constraints aside: they are a finding of their own."""
        return [_case(line) for line in problems if not line.startswith("constraint ")]


COLUMNS = _Columns(
    Check(
        name="columns",
        title="columns that do not fit",
        what="A table or column is missing, or of a type that can't hold what it must.",
        why="`migrate` refuses the database, and the checks below can't look at these tables.",
        unit="columns",
        repair="Run the statement, with the other application stopped",
    )
)


def _case(line: str) -> Example:
    what, _, statement = line.partition(": ")
    named = next((word for word in what.split() if "." in word), what)
    return Example((named,), None, what, statement or None)
