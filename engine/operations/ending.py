"""End a sequence for a person: every step that is left is skipped, and no next one follows (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from engine.operations.repair_facts import Facts, Sources
from engine.operations.repair_writing import Change
from engine.operations.skip import Skip

REASON: Final = "the person replied: the sequence ended"


@dataclass(frozen=True, slots=True)
class EndSequence:
    """All contact rows that are not settled, with their queued messages. A failed step stays failed."""

    reason: str = REASON
    verb: ClassVar[str] = "skip"
    done: ClassVar[str] = "ended the sequence for a person who replied: skipped"
    title: ClassVar[str] = "End the sequence: skip {}?"
    sources: ClassVar[Sources] = Sources(contacts=("pending", "active"))

    def judge(self, facts: Facts) -> Change | str | None:
        """As a skip does; what is settled already needs nothing."""
        found = Skip(self.reason).judge(facts)
        if isinstance(found, str) and not facts.in_doubt:
            return None
        return found

    def notes(self, facts: Sequence[Facts]) -> Sequence[str]:
        """Nothing more to say."""
        return ()
