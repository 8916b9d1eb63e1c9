"""Keep active: of several active steps of one person the earliest stays (FAILURES 20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from engine.operations.repair_facts import Facts, Sources
from engine.operations.repair_writing import GONE, Change


@dataclass(frozen=True, slots=True)
class KeepActive:
    """Active steps behind the one whose turn it is: completed where they were sent, else pending again."""

    verb: ClassVar[str] = "keep active"
    done: ClassVar[str] = "set back"
    title: ClassVar[str] = "Set back {} behind the earliest one?"
    sources: ClassVar[Sources] = Sources(behind=True)

    def judge(self, facts: Facts) -> Change | str | None:
        """By what is known of its message. A queued one is taken out of the queue; its step makes it anew."""
        if facts.contact_id is None or facts.contact_state != "active":
            return f"it is {facts.state}, not an active step"
        if facts.work_state is not None:
            return "it is the earliest: it stays active"
        if facts.claimed:
            return "another sender has claimed it within the last 30 minutes"
        if facts.in_doubt:
            return "in doubt: settle it first"
        if facts.outcome == "s" or facts.meaning == "sent":
            return Change(
                "active -> completed (its message was sent)",
                contact="completed",
                sent_at=facts.sent_at or "",
                may_send=True,
            )
        if facts.meaning in ("failed", "skipped"):
            return Change(
                f"active -> {facts.meaning} (so is its message)",
                contact=facts.meaning,
                may_send=True,
            )
        queued = facts.meaning == "pending"
        return Change(
            "active -> pending" + (" (its message leaves the queue)" if queued else ""),
            contact="pending",
            message="skipped" if queued else None,
            message_error="given back to its step",
            ledger=GONE if facts.ledger_message is not None else None,
            may_send=True,
        )

    def notes(self, facts: Sequence[Facts]) -> Sequence[str]:
        """Nothing more to say."""
        return ()
