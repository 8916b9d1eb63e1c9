"""The operator's word on what is in doubt: it was sent, or it was not (DESIGN 4 and 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from engine.operations.repair_facts import Facts, Sources
from engine.operations.repair_writing import Change

DOUBTFUL: Final = ("unknown", "processing", "queued", "sending")
"""Statuses of a message of which nobody knows whether it was sent; in flight is told apart by its attempt."""


@dataclass(frozen=True, slots=True)
class MarkSent:
    """It was sent: the step is completed, and the next one is planned from now.

    By itself only for what is in doubt; with ids or states for anything that was not sent by us.
    """

    who: str
    states: tuple[str, ...] | None = None
    verb: ClassVar[str] = "mark sent"
    done: ClassVar[str] = "marked as sent"
    title: ClassVar[str] = "Mark {} as sent?"

    @property
    def sources(self) -> Sources:
        """Messages in doubt, or in the states named; steps that wait, where `waiting` is named."""
        wanted = self.states or DOUBTFUL
        return Sources(
            messages=tuple(s for s in wanted if s != "waiting") or ("",),
            work=("w",) if "waiting" in wanted else (),
            idle=True,
        )

    def judge(self, facts: Facts) -> Change | str | None:
        """Anything but what is known to be sent, or stands beside another message."""
        if facts.surplus:
            return "another message stands for this step of this person"
        if facts.outcome == "s" and facts.contact_state in (None, "completed"):
            return "it was sent already"
        doubtful = facts.attempt_outcome == "unknown"
        at = facts.attempt_claimed_at if doubtful else None
        return Change(
            f"{facts.state} -> sent, by the word of {self.who}",
            contact="completed",
            message="sent" if facts.meaning is not None else None,
            ledger=None if facts.outcome == "s" or facts.step_id is None else "s",
            evidence="o",
            attempt="sent" if doubtful else None,
            sent_at=(facts.sent_at if facts.meaning == "sent" else None) or (str(at) if at else ""),
            forgets=doubtful,
            may_send=not facts.campaign,
        )

    def notes(self, facts: Sequence[Facts]) -> Sequence[str]:
        """Nothing more to say."""
        return ()


@dataclass(frozen=True, slots=True)
class MarkNotSent:
    """It was not sent: the message has failed, and may be retried. The device's window keeps its charge."""

    who: str
    verb: ClassVar[str] = "mark not sent"
    done: ClassVar[str] = "marked as not sent"
    title: ClassVar[str] = "Mark {} as not sent?"
    sources: ClassVar[Sources] = Sources(messages=DOUBTFUL, idle=True)

    def judge(self, facts: Facts) -> Change | str | None:
        """Only what is in doubt."""
        if facts.surplus:
            return "another message stands for this step of this person"
        if not facts.in_doubt:
            return f"it is {facts.state}: only what is in doubt can be settled so"
        doubtful = facts.attempt_outcome == "unknown"
        why = f"not sent, by the word of {self.who}"
        return Change(
            f"{facts.state} -> failed, {why}",
            contact="failed",
            contact_error=why,
            message="failed" if facts.meaning is not None else None,
            message_error=why,
            ledger="f",
            evidence="o",
            attempt="failed" if doubtful else None,
            forgets=doubtful,
            may_send=(facts.skips_failed or facts.contact_id is None) and not facts.campaign,
        )

    def notes(self, facts: Sequence[Facts]) -> Sequence[str]:
        """What comes next."""
        return ("They are not sent again by themselves: `seqconsole retry` does that.",)
