"""Retry: failed messages go back into the queue, behind the wait (DESIGN 6; FAILURES 63)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from engine.operations.repair_facts import Facts, Sources
from engine.operations.repair_writing import NIL, OPEN, Change
from engine.operations.wording import counted

MOST_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Retry:
    """Failed messages, and failed steps that never had one. `most_tries` caps the attempts of a message."""

    even_permanent: bool = False
    most_tries: int = MOST_TRIES
    verb: ClassVar[str] = "retry"
    done: ClassVar[str] = "retried"
    title: ClassVar[str] = "Retry {}?"
    sources: ClassVar[Sources] = Sources(messages=("failed", "error"), work=("f",))

    def judge(self, facts: Facts) -> Change | str | None:
        """Only what has failed, is not permanent, and is still the person's turn."""
        failed = facts.meaning == "failed" or (facts.meaning is None and _failed(facts))
        if not failed:
            return f"it is {facts.state}, not failed"
        if facts.surplus:
            return "another message stands for this step of this person"
        if facts.outcome in ("s", "u"):
            return "it was sent" if facts.outcome == "s" else "in doubt: settle it first"
        if facts.meaning is None and facts.ledger_message not in (None, NIL):
            return "its message was deleted"
        if facts.later_sent or facts.later_open:
            return "a later step of this person went on"
        if facts.permanent and not self.even_permanent:
            return f"permanent: {facts.attempt_code or 'suppressed'} (--even-permanent)"
        if facts.tries >= self.most_tries:
            return f"tried {facts.tries} times (--max-tries)"
        return _again(facts)

    def notes(self, facts: Sequence[Facts]) -> Sequence[str]:
        """How often these were tried, and the cap."""
        if not facts:
            return ()
        tries = [f.tries for f in facts]
        least, most = min(tries), max(tries)
        so_far = f"{least} to {most}" if least < most else str(most)
        lines = [f"Tried {so_far} times so far; at most {self.most_tries} in all."]
        doubts = sum(f.was_doubt for f in facts)
        if doubts:
            lines.append(
                f"{counted(doubts, 'message')} had been in doubt: who has it already gets it twice."
            )
        return lines


def _failed(facts: Facts) -> bool:
    return facts.contact_state == "failed" or facts.contact_meaning == "failed"


def _again(facts: Facts) -> Change:
    if facts.message_id is None:
        return Change(
            "failed without a message -> pending",
            contact="pending",
            ledger="gone" if facts.ledger_message is not None else None,
            forgets=True,
            may_send=True,
        )
    return Change(
        "failed -> queued again" + (" after a doubt" if facts.was_doubt else ""),
        contact="active",
        message="pending",
        ledger=OPEN,
        resends=True,
        forgets=True,
        may_send=True,
        after_doubt=facts.was_doubt,
    )
