"""A sequence as it stands, and what every act on one writes: journal, and the wait before a send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from engine.operations import holds, journal
from engine.operations.model import WAIT, OperationRefused, Scope
from engine.sequences.file import StepText
from engine.sequences.own_settings import OF_SEQUENCE, OF_STEP, Own, as_they_stand
from engine.store import Transaction

STEPS: Final = "sequence_steps"
SEQUENCES: Final = "sequences"
CHANGED: Final = "the sequence changed since the preview; look again"
NO_ORDER: Final = "two of its steps share a day, or one has none: seqconsole decide-order"


@dataclass(frozen=True, slots=True)
class Standing:
    """A sequence as it stands. `due`: open work that waits only for it to be active."""

    id: UUID
    name: str
    user_id: UUID | None
    trigger: str | None
    active: bool
    state: str
    due: int
    open: int
    settings: dict[str, Any]

    @property
    def own(self) -> Own:
        """What is set for it."""
        return as_they_stand(OF_SEQUENCE, self.settings)


@dataclass(frozen=True, slots=True)
class StandingStep:
    """A step as it stands; `rows`: contact rows that have it."""

    id: UUID
    day: int | None
    wait_hours: int | None
    kind: str
    content: str | None
    media: str | None
    caption: str | None
    settings: dict[str, Any]

    @property
    def text(self) -> StepText:
        """As a file says it."""
        return StepText(
            self.day or 0,
            self.wait_hours,
            self.kind,
            self.content,
            self.media,
            self.caption,
            as_they_stand(OF_STEP, self.settings),
        )


async def standing_of(tx: Transaction, sequence: UUID) -> tuple[Standing, list[StandingStep]]:
    """The sequence and its steps in order. Raises OperationRefused where it is gone."""
    standing = await tx.one(Standing, "sequences/standing", sequence=sequence, now=await tx.now())
    if standing is None:
        raise OperationRefused("the sequence is gone")
    return standing, await tx.rows(StandingStep, "sequences/steps", sequence=sequence)


async def record(
    tx: Transaction,
    who: str,
    verb: str,
    now: datetime,
    summary: str,
    sequence: UUID,
    reason: str | None,
    pinned: str,
) -> int:
    """Begin the operation's place in the journal."""
    target = {"scope": "sequence", "key": str(sequence)}
    return await journal.record(
        tx,
        who=who,
        verb=verb,
        now=now,
        n=1,
        summary=summary,
        reason=reason,
        target=target,
        pinned=pinned,
    )


async def held(
    tx: Transaction, operation: int, sequence: UUID, at: datetime, now: bool, why: str
) -> None:
    """The 10 s before an act that sends."""
    if not now:
        await holds.put(
            tx, operation, Scope.SEQUENCE, [str(sequence)], "sequence", why,
            until=at + WAIT, now=at, unit=str(sequence),
        )  # fmt: skip
