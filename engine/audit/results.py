"""What a check answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.audit.checks import Check


class State(StrEnum):
    """How a check ended. UNFINISHED and SKIPPED prove nothing; only SKIPPED is no fault of this run."""

    CLEAN = "clean"
    FOUND = "found"
    NOTED = "noted"
    SKIPPED = "skipped"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Result:
    """One check's answer. `found` counts all cases, `examples` are the worst of them, with row ids.

    `noted` counts what is worth knowing and no fault; `why` says why there is no answer.
    `seconds` is how long the database took.
    """

    check: Check
    state: State
    found: int = 0
    noted: int = 0
    examples: Sequence[Mapping[str, Any]] = ()
    seconds: float = 0.0
    why: str = ""

    @property
    def is_clean(self) -> bool:
        """Nothing is left to look at: no finding, and no question without an answer for want of time."""
        return self.state not in (State.FOUND, State.UNFINISHED)


def answered(check: Check, rows: Sequence[Mapping[str, Any]], seconds: float) -> Result:
    """The result of a check's rows; each carries the counts of all."""
    counted = int(rows[0]["found"]) if rows else 0
    noted = int(rows[0].get("noted", 0)) if rows else 0
    examples = tuple({k: v for k, v in r.items() if k not in ("found", "noted")} for r in rows)
    if check.notice:
        counted, noted = 0, counted + noted
    state = State.FOUND if counted else State.NOTED if noted else State.CLEAN
    return Result(check, state, counted, noted, examples, seconds)
