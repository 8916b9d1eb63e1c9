"""Reads the views of `engine.views`, each by one file of `sql/views`; never a full GROUP BY (DESIGN 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from engine.estimates import Estimates
from engine.fleet import DUE_LIMIT, Fleet
from engine.store import Database, Transaction, together
from engine.views import (
    AlarmView,
    ContactRowView,
    DeviceCondition,
    DeviceDetailView,
    DeviceView,
    DuplicateView,
    MessageView,
    OperationView,
    Overview,
    ScopeHoldView,
    SequenceView,
    StepView,
    WorkerView,
)

__all__ = ["DUE_LIMIT", "GateView", "Reader", "Snapshot"]

NIL: Final = UUID(int=0)
"""As a step: contact rows that have no step of their sequence."""


@dataclass(frozen=True, slots=True)
class GateView:
    """One gate between a thing and its next send (DESIGN 6, explain).

    `passes` None: it does not apply yet. `opens_at` None: an act opens it, or nobody knows when.
    """

    name: str
    passes: bool | None
    value: str
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the screens show, all of one instant: `overview.now`."""

    overview: Overview
    workers: Sequence[WorkerView]
    devices: Sequence[DeviceView]
    sequences: Sequence[SequenceView]
    steps: Sequence[StepView]
    duplicates: Sequence[DuplicateView]


class Reader:
    """The figures of one database. Each method is one transaction that writes nothing.

    All raise the errors of `engine.store`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._estimates = Estimates()
        self._fleet = Fleet()

    async def snapshot(self, *, duplicates: int = 500) -> Snapshot:
        """Everything of one instant, with at most so many duplicate groups."""
        drained = await self._estimates.of_sequences(self._database)
        async with self._database.transaction(snapshot=True, pipelined=True) as tx:
            now = await tx.now()
            devices, facts, workers, sequences, steps, groups = await together(
                self._fleet.read(tx, now),
                tx.dicts("views/overview", now=now),
                tx.rows(WorkerView, "views/workers", now=now),
                self._sequences(tx, now, drained),
                tx.rows(StepView, "views/steps", sequence_id=None),
                _duplicates(tx, duplicates, None),
            )
            return Snapshot(
                _overview(facts[0], devices), workers, devices, sequences, steps, groups
            )

    async def overview(self) -> Overview:
        """The facts of the status strip."""
        async with self._database.transaction(snapshot=True) as tx:
            now = await tx.now()
            devices = await Fleet().read(tx, now)
            return _overview((await tx.dicts("views/overview", now=now))[0], devices)

    async def devices(self) -> Sequence[DeviceView]:
        """All devices by name; see DUE_LIMIT."""
        async with self._database.transaction(snapshot=True) as tx:
            return await Fleet().read(tx, await tx.now())

    async def sequences(self) -> list[SequenceView]:
        """All sequences by name; the states count their unlinked rows too."""
        drained = await self._estimates.of_sequences(self._database)
        async with self._database.transaction(snapshot=True) as tx:
            return await self._sequences(tx, await tx.now(), drained)

    async def _sequences(
        self, tx: Transaction, now: datetime, drained: Mapping[UUID, datetime]
    ) -> list[SequenceView]:
        rows = await tx.rows(SequenceView, "views/sequences", now=now)
        return [replace(row, drained_at=drained.get(row.id)) for row in rows]

    async def steps(self, sequence_id: UUID | None = None) -> list[StepView]:
        """The steps of one sequence in their order, or of all."""
        async with self._database.transaction(snapshot=True) as tx:
            return await tx.rows(StepView, "views/steps", sequence_id=sequence_id)

    async def contacts(
        self,
        sequence_id: UUID,
        step_id: UUID | None = None,
        state: str | None = None,
        after: ContactRowView | None = None,
        limit: int = 500,
    ) -> list[ContactRowView]:
        """The page of contact rows that follows the row `after`, by person.

        The step NIL asks for rows without a step of this sequence; a state is one of DESIGN 4 or `other`.
        """
        async with self._database.transaction(snapshot=True) as tx:
            return await tx.rows(
                ContactRowView,
                "views/contacts",
                sequence_id=sequence_id,
                step_id=step_id,
                unlinked=step_id == NIL,
                state=state,
                after_phone=(after.phone_key or "") if after else "",
                after_none=after is not None and after.phone_key is None,
                after_id=after.id if after else NIL,
                limit=limit,
            )

    async def contact_story(self, phone_key: str) -> list[ContactRowView]:
        """One person's rows of all sequences, over all spellings of the phone."""
        async with self._database.transaction(snapshot=True) as tx:
            return await tx.rows(ContactRowView, "views/contact_story", phone_key=phone_key)

    async def duplicates(self, limit: int = 500, after: str | None = None) -> list[DuplicateView]:
        """The duplicate groups in the order of their keys, those that follow the key `after`."""
        async with self._database.transaction(snapshot=True) as tx:
            return await _duplicates(tx, limit, after)

    async def person(self, phone: str) -> str | None:
        """The phone key of a number in any spelling."""
        async with self._database.transaction(snapshot=True) as tx:
            found: str | None = await tx.value("views/phone_key", phone=phone)
            return found

    async def messages(
        self,
        state: str | None = None,
        device_id: UUID | None = None,
        limit: int = 500,
        phone: str | None = None,
    ) -> list[MessageView]:
        """The queue: in doubt, sending, failed, pending by due; or one state alone, also `sent`.

        With a `phone`, in any spelling, that person's messages in every state.
        """
        async with self._database.transaction(snapshot=True) as tx:
            if phone is not None:
                return await tx.rows(
                    MessageView,
                    "views/messages_of_person",
                    phone_key=await tx.value("views/phone_key", phone=phone),
                    state=state,
                    device_id=device_id,
                    limit=limit,
                )
            return await tx.rows(
                MessageView, "views/messages", state=state, device_id=device_id, limit=limit
            )

    async def journal(self, limit: int = 200, operation: int | None = None) -> list[OperationView]:
        """The operations, newest first; or the one with this id."""
        async with self._database.transaction(snapshot=True) as tx:
            return await tx.rows(OperationView, "views/journal", operation=operation, limit=limit)

    async def alarms(self, limit: int = 200) -> list[AlarmView]:
        """What is due but claimable by nobody, the longest first."""
        async with self._database.transaction(snapshot=True) as tx:
            return await tx.rows(AlarmView, "views/alarms", limit=limit)

    async def workers(self) -> list[WorkerView]:
        """The engines that ticked within a day, living ones first."""
        async with self._database.transaction(snapshot=True) as tx:
            return await tx.rows(WorkerView, "views/workers", now=await tx.now())

    async def device_detail(self, device_id: UUID) -> DeviceDetailView | None:
        """How a device is throttled, and its sends by hour; None: there is no such device."""
        async with self._database.transaction(snapshot=True) as tx:
            return await tx.one(
                DeviceDetailView, "views/device_detail", device=device_id, now=await tx.now()
            )

    async def device_journal(self, device_id: UUID, limit: int = 200) -> list[OperationView]:
        """The operations that name a device, newest first."""
        async with self._database.transaction(snapshot=True) as tx:
            return await tx.rows(
                OperationView, "views/device_journal", device=device_id, limit=limit
            )

    async def scope_holds(self, limit: int = 200) -> list[ScopeHoldView]:
        """The holds on whole users and hosts."""
        async with self._database.transaction(snapshot=True) as tx:
            return await tx.rows(
                ScopeHoldView, "views/scope_holds", now=await tx.now(), limit=limit
            )

    async def explain_contact(self, contact_id: UUID) -> list[GateView]:
        """The gates of one contact row; empty: there is no such row."""
        return await self._explain(contact=contact_id)

    async def explain_message(self, message_id: UUID) -> list[GateView]:
        """The gates of one message; empty: there is no such message."""
        return await self._explain(message=message_id)

    async def explain_device(self, device_id: UUID) -> list[GateView]:
        """The gates of one device; empty: there is no such device."""
        return await self._explain(device=device_id)

    async def explain_sequence(self, sequence_id: UUID) -> list[GateView]:
        """The gates of one sequence; empty: there is no such sequence."""
        return await self._explain(sequence=sequence_id)

    async def _explain(
        self,
        *,
        contact: UUID | None = None,
        message: UUID | None = None,
        device: UUID | None = None,
        sequence: UUID | None = None,
    ) -> list[GateView]:
        async with self._database.transaction(snapshot=True) as tx:
            return await tx.rows(
                GateView,
                "views/explain",
                contact=contact,
                message=message,
                device=device,
                sequence=sequence,
                now=await tx.now(),
            )


def _overview(facts: dict[str, Any], devices: Sequence[DeviceView]) -> Overview:
    conditions = [device.condition for device in devices]
    return Overview(
        **facts,
        due=sum(device.due for device in devices),
        paused_devices=conditions.count(DeviceCondition.PAUSED),
        offline_devices=conditions.count(DeviceCondition.OFFLINE),
        devices=len(devices),
    )


async def _duplicates(tx: Transaction, limit: int, after: str | None) -> list[DuplicateView]:
    found = await tx.dicts("views/duplicates", limit=limit, after=after)
    return [DuplicateView(**{**row, "states": tuple(row["states"])}) for row in found]
