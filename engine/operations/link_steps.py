"""Link steps: rows that name no step of their sequence get the one that their day decides (FAILURES 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from engine.operations.repair_facts import Facts, Sources
from engine.operations.repair_writing import Change
from engine.operations.wording import counted


@dataclass(frozen=True, slots=True)
class LinkSteps:
    """Only where one step of the sequence has the row's day, and no other row of the person claims it."""

    verb: ClassVar[str] = "link steps"
    done: ClassVar[str] = "linked"
    title: ClassVar[str] = "Link {}?"
    sources: ClassVar[Sources] = Sources(unlinked=True)

    def judge(self, facts: Facts) -> Change | str | None:
        """The day number decides, or the row stays as it is, with the reason."""
        if facts.contact_id is None or facts.step_known:
            return "it names its step already"
        if facts.link_step is None:
            return "no step of its sequence, or more than one, has its day number"
        if facts.link_renumbered:
            return "its day number was given to another step since: it no longer decides"
        if facts.link_rivals:
            return f"{counted(facts.link_rivals, 'other row')} of this person without a step has its day"
        if facts.link_taken:
            return "this person has a row of that step already"
        if facts.later_sent and facts.contact_state not in ("completed", "skipped"):
            return "a later step was sent already: skip it"
        return self._linked(facts)

    def _linked(self, facts: Facts) -> Change:
        done = facts.contact_state == "completed"
        new = facts.link_outcome is None and done
        state = (
            "completed" if facts.link_outcome == "s" and facts.contact_state == "pending" else None
        )
        return Change(
            f"day {facts.day}, {facts.contact_status} -> its step",
            contact=state,
            link=facts.link_step,
            ledger="s" if new else None,
            evidence="h",
            may_send=True,
        )

    def notes(self, facts: Sequence[Facts]) -> Sequence[str]:
        """Nothing more to say."""
        return ()
