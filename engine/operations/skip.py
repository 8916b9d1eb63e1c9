"""Skip: steps and messages that shall not be sent; the next step follows, behind the wait (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from engine.operations.repair_facts import Facts, Sources
from engine.operations.repair_writing import Change

REASON: Final = "skipped by the operator"
_SETTLED: Final = ("sent", "skipped")


@dataclass(frozen=True, slots=True)
class Skip:
    """Pending and failed messages, and steps that wait for their time. `reason` is kept with the rows."""

    reason: str = REASON
    states: tuple[str, ...] | None = None
    verb: ClassVar[str] = "skip"
    done: ClassVar[str] = "skipped"
    title: ClassVar[str] = "Skip {}?"

    @property
    def sources(self) -> Sources:
        """Messages that are queued or failed; open work without a message."""
        wanted = self.states or ("pending", "failed", "waiting")
        work = {"waiting": ("w",), "failed": ("f",)}
        return Sources(
            messages=tuple(s for s in wanted if s != "waiting") or ("",),
            work=tuple(w for s in wanted for w in work.get(s, ())),
        )

    def judge(self, facts: Facts) -> Change | str | None:
        """Whatever is neither settled nor in doubt."""
        if facts.in_doubt:
            return "in doubt: settle it first"
        if facts.surplus:
            if facts.meaning not in ("pending", "failed"):
                return f"it is {facts.state} already"
            return Change(
                "surplus message -> skipped", message="skipped", message_error=self.reason
            )
        if facts.outcome == "s" or facts.meaning in _SETTLED:
            return f"it is {facts.state} already"
        if facts.message_id is None and facts.contact_state in ("completed", "skipped"):
            return f"it is {facts.state} already"
        queued = facts.message_id is not None and facts.meaning is not None
        return Change(
            f"{facts.state} -> skipped",
            contact="skipped",
            contact_error=self.reason,
            message="skipped" if queued else None,
            message_error=self.reason,
            ledger="k" if facts.ledger_message is not None else None,
            evidence="o",
            may_send=not facts.campaign and facts.phone_key is not None,
        )

    def notes(self, facts: Sequence[Facts]) -> Sequence[str]:
        """Nothing more to say."""
        return ()
