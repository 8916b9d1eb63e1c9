"""What a screen may ask for beyond the figures that every snapshot has; one class a question.

Readings are compared by value: the answer in a snapshot is found by asking the same question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from uuid import UUID

from engine.operations.journal_export import ChangedRow
from engine.operations.resolve_preview import GroupPreview
from engine.reader import NIL, GateView, Snapshot
from engine.rendering import Rendered
from engine.views import (
    AlarmView,
    ContactRowView,
    DeviceDetailView,
    MessageView,
    OperationView,
    ScopeHoldView,
)
from seqconsole.examining import Examination

Row = TypeVar("Row", covariant=True)


class Source(Protocol):
    """Where the console reads from: `engine.reader.Reader` and the roll-up, or a fake in tests."""

    async def snapshot(self) -> Snapshot:
        """Everything of one instant."""

    async def contacts(
        self, sequence_id: UUID, step_id: UUID | None, state: str | None, limit: int
    ) -> Sequence[ContactRowView]:
        """The first contact rows of a sequence, by person."""

    async def person(self, phone: str) -> str | None:
        """The phone key of a number in any spelling."""

    async def contact_story(self, phone_key: str) -> Sequence[ContactRowView]:
        """One person's rows in all sequences."""

    async def groups(self, keys: Sequence[str], keep: Mapping[str, UUID]) -> Sequence[GroupPreview]:
        """What resolving these duplicate groups would do to their rows."""

    async def messages(
        self, state: str | None, device_id: UUID | None, limit: int, phone: str | None = None
    ) -> Sequence[MessageView]:
        """The queue, or one person's messages in every state."""

    async def journal(self, limit: int) -> Sequence[OperationView]:
        """The operations, newest first."""

    async def operation_rows(self, operation: int, limit: int) -> Sequence[ChangedRow]:
        """The rows that an operation changed, with their images."""

    async def device_detail(self, device_id: UUID) -> DeviceDetailView | None:
        """How a device is throttled, and its sends by hour; the figures may be some seconds old."""

    async def device_journal(self, device_id: UUID, limit: int) -> Sequence[OperationView]:
        """The operations that name a device, newest first."""

    async def alarms(self, limit: int) -> Sequence[AlarmView]:
        """What is due but claimable by nobody, the longest first."""

    async def scope_holds(self) -> Sequence[ScopeHoldView]:
        """The holds on whole users and hosts."""

    async def gates(self, subject: Subject, id: UUID) -> Sequence[GateView]:
        """The gates between a thing and its next send."""

    async def texts(self, sequence_id: UUID, phone_key: str | None) -> Sequence[Rendered]:
        """The texts of a sequence as a person gets them; without one, its first contact."""

    async def examination(self, turn: int) -> Examination:
        """What the doctor last said. The first asking of a turn sends for it; never waits for it."""

    async def roll_up(self) -> None:
        """Bring the figures up to date where no engine runs."""


class Reading(Protocol[Row]):
    """A question to the source."""

    async def rows(self, source: Source) -> Sequence[Row]:
        """The answer."""


class Subject(StrEnum):
    """What can be explained."""

    CONTACT = "contact"
    MESSAGE = "message"
    DEVICE = "device"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class ReadContacts:
    """Contact rows of a sequence, of one step, state or person."""

    sequence_id: UUID
    step_id: UUID | None = None
    state: str | None = None
    limit: int = 500
    phone: str | None = None

    async def rows(self, source: Source) -> Sequence[ContactRowView]:
        """The answer."""
        if self.phone is not None:
            person = await source.person(self.phone)
            story = await source.contact_story(person) if person else ()
            lane = [row for row in story if row.sequence_id == self.sequence_id]
            return [row for row in lane if self.step_id in (None, NIL, row.step_id)]
        return await source.contacts(self.sequence_id, self.step_id, self.state, self.limit)


@dataclass(frozen=True, slots=True)
class ReadStory:
    """One person's rows in all sequences."""

    phone_key: str

    async def rows(self, source: Source) -> Sequence[ContactRowView]:
        """The answer."""
        return await source.contact_story(self.phone_key)


@dataclass(frozen=True, slots=True)
class ReadMessages:
    """Messages of one state, device or person."""

    state: str | None = None
    device_id: UUID | None = None
    limit: int = 500
    phone: str | None = None

    async def rows(self, source: Source) -> Sequence[MessageView]:
        """The answer."""
        return await source.messages(self.state, self.device_id, self.limit, self.phone)


@dataclass(frozen=True, slots=True)
class ReadGroups:
    """Duplicate groups row by row; `keep` is (key of the group, row to keep instead)."""

    keys: tuple[str, ...]
    keep: tuple[tuple[str, UUID], ...] = ()

    async def rows(self, source: Source) -> Sequence[GroupPreview]:
        """The answer."""
        return await source.groups(self.keys, dict(self.keep))


@dataclass(frozen=True, slots=True)
class ReadJournal:
    """The latest operations."""

    limit: int = 200

    async def rows(self, source: Source) -> Sequence[OperationView]:
        """The answer."""
        return await source.journal(self.limit)


@dataclass(frozen=True, slots=True)
class ReadOperation:
    """The rows that an operation changed."""

    operation: int
    limit: int = 500

    async def rows(self, source: Source) -> Sequence[ChangedRow]:
        """The answer."""
        return await source.operation_rows(self.operation, self.limit)


@dataclass(frozen=True, slots=True)
class ReadDeviceDetail:
    """How a device is throttled, and its sends by hour."""

    device_id: UUID

    async def rows(self, source: Source) -> Sequence[DeviceDetailView]:
        """The answer: one row, none of a device that is gone."""
        found = await source.device_detail(self.device_id)
        return () if found is None else (found,)


@dataclass(frozen=True, slots=True)
class ReadDeviceJournal:
    """The latest operations that name a device."""

    device_id: UUID
    limit: int = 200

    async def rows(self, source: Source) -> Sequence[OperationView]:
        """The answer."""
        return await source.device_journal(self.device_id, self.limit)


@dataclass(frozen=True, slots=True)
class ReadScopeHolds:
    """The holds on whole users and hosts."""

    async def rows(self, source: Source) -> Sequence[ScopeHoldView]:
        """The answer."""
        return await source.scope_holds()


@dataclass(frozen=True, slots=True)
class ReadAlarms:
    """What is due but claimable by nobody."""

    limit: int = 50

    async def rows(self, source: Source) -> Sequence[AlarmView]:
        """The answer."""
        return await source.alarms(self.limit)


@dataclass(frozen=True, slots=True)
class ReadGates:
    """Why a thing is not being sent."""

    subject: Subject
    id: UUID

    async def rows(self, source: Source) -> Sequence[GateView]:
        """The answer."""
        return await source.gates(self.subject, self.id)


@dataclass(frozen=True, slots=True)
class ReadTexts:
    """The texts of a sequence, for one person or for its first contact."""

    sequence_id: UUID
    phone_key: str | None = None

    async def rows(self, source: Source) -> Sequence[Rendered]:
        """The answer."""
        return await source.texts(self.sequence_id, self.phone_key)


@dataclass(frozen=True, slots=True)
class ReadExamination:
    """What the doctor last said; a higher turn sends for it again."""

    turn: int

    async def rows(self, source: Source) -> Sequence[Examination]:
        """The answer: one row."""
        return (await source.examination(self.turn),)


AnyReading = Reading[Any]
