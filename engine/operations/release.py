"""Release: stuck rows, by what is known of their message (DESIGN 4 and 6; FAILURES 48 and 49)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from engine.operations.repair_facts import Facts, Sources
from engine.operations.repair_writing import NIL, Change

IN_HAND: Final = ("processing", "queued", "sending")
"""What another application calls a row that it has in hand."""


@dataclass(frozen=True, slots=True)
class Release:
    """Active rows without open work, and rows and messages that another application left in hand.

    Other states of old data (paused, sent, ...) only where `states` names them: they may be meant.
    """

    states: tuple[str, ...] | None = None
    verb: ClassVar[str] = "release"
    done: ClassVar[str] = "released"
    title: ClassVar[str] = "Release {}?"

    @property
    def sources(self) -> Sources:
        """Contact rows and messages in the states named, else those that are stuck."""
        if self.states is not None:
            in_hand = tuple(s for s in self.states if s in IN_HAND) or ("",)
            return Sources(messages=in_hand, contacts=self.states, idle=True)
        return Sources(messages=IN_HAND, contacts=("active", *IN_HAND), idle=True)

    def judge(self, facts: Facts) -> Change | str | None:
        """Sent: completed. In doubt: unknown. Never queued: pending."""
        if facts.surplus:
            return _doubt(facts) if facts.meaning == "unknown" else None
        if facts.claimed:
            return "another sender has claimed it within the last 30 minutes"
        if facts.contact_state in ("completed", "skipped", "failed") and not facts.in_doubt:
            return None
        if facts.outcome == "s" or facts.meaning == "sent":
            return _sent(facts)
        if facts.in_doubt:
            return _doubt(facts)
        match facts.meaning:
            case "pending":
                return _to(facts, "active", "its message is queued")
            case "failed":
                return _to(facts, "failed", "its message has failed")
            case "skipped":
                return _to(facts, "skipped", "its message was skipped")
        if facts.ledger_message not in (None, NIL):
            return "its message was deleted: mark it sent, or skip it"
        return _never_queued(facts)

    def notes(self, facts: Sequence[Facts]) -> Sequence[str]:
        """Nothing more to say."""
        return ()


def _to(facts: Facts, state: str, why: str) -> Change | None:
    if facts.contact_id is None or facts.contact_status == state:
        return None
    return Change(
        f"{facts.contact_status} -> {state} ({why})",
        contact=state,
        contact_error=why if state in ("failed", "skipped") else None,
        may_send=state != "failed",
    )


def _sent(facts: Facts) -> Change | None:
    if facts.contact_id is None or facts.contact_state == "completed":
        return None
    return Change(
        f"{facts.contact_status} -> completed (its message was sent)",
        contact="completed",
        sent_at=facts.sent_at or "",
        ledger=None if facts.outcome == "s" else "s",
        evidence="h",
        may_send=True,
    )


def _doubt(facts: Facts) -> Change | None:
    message = None if facts.meaning is None or facts.message_status == "unknown" else "unknown"
    wrong = not facts.surplus and facts.contact_state not in (None, "active")
    contact = "active" if facts.contact_id and wrong else None
    if message is None and contact is None:
        return None
    return Change(
        f"{facts.state} -> unknown (in doubt: settle it)",
        contact=contact,
        contact_error=f"in doubt: it was {facts.state}",
        message=message,
        message_error=f"in doubt: it was {facts.state}",
    )


def _never_queued(facts: Facts) -> Change | str | None:
    status = (facts.contact_status or "").lower()
    if facts.contact_id is None:
        return None
    if facts.contact_meaning == "sent":
        return f"it says {status}, and no message proves it: mark it sent, or skip it"
    if facts.contact_meaning == "failed" or status.endswith("failed"):
        return _to(facts, "failed", "it says so, and was never queued")
    if facts.later_sent:
        return "a later step was sent already: mark it sent, or skip it"
    if facts.contact_state == "pending":
        return None
    return _to(facts, "pending", "never queued")
