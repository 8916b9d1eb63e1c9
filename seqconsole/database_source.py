"""The real source and the real verbs: the reader and the operations of the engine on one database."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from engine.doctor import examine
from engine.gateways.protocol import Gateway
from engine.operations import engine_switch, holds, previews, reassign, undo
from engine.operations import note as notes
from engine.operations import reconnect as reconnecting
from engine.operations import resolve as resolving
from engine.operations import suppress as suppressing
from engine.operations.journal_export import ChangedRow, first_rows
from engine.operations.mark_sent import MarkSent
from engine.operations.model import Done, OperationRefused, Preview, Target
from engine.operations.reassign_plan import Wanted
from engine.operations.repair import Repair, RepairPreview, apply_repair, preview_repair
from engine.operations.repair_facts import Selection
from engine.operations.resolve_preview import GroupPreview, ResolvePreview
from engine.operations.resuming import Choice, ResumePreview, preview_resume, resume_so
from engine.operations.retry import Retry
from engine.operations.skip import Skip
from engine.reader import GateView, Reader, Snapshot
from engine.rendering import Rendered, render_sequence, without_phone
from engine.rollup import roll_up
from engine.store import Database
from engine.views import (
    AlarmView,
    ContactRowView,
    DeviceDetailView,
    MessageView,
    OperationView,
    ScopeHoldView,
)
from seqconsole.actions import RepairVerb
from seqconsole.examining import Examination, Examiner
from seqconsole.readings import Subject

DETAIL_SECONDS: Final = 15.0
"""A device's sends by hour are counted this often."""

EXAMPLES: Final = 200
"""How many cases of a finding its screen lists."""


class DatabaseSource:
    """Reads a database (`seqconsole.readings.Source`)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reader = Reader(database)
        self._details: dict[UUID, tuple[float, DeviceDetailView | None]] = {}
        self._examiner = Examiner(lambda: examine(database, examples=EXAMPLES))

    async def snapshot(self) -> Snapshot:
        """Everything of one instant."""
        return await self._reader.snapshot()

    async def contacts(
        self, sequence_id: UUID, step_id: UUID | None, state: str | None, limit: int
    ) -> Sequence[ContactRowView]:
        """The first contact rows of a sequence, by person."""
        return await self._reader.contacts(sequence_id, step_id, state, limit=limit)

    async def person(self, phone: str) -> str | None:
        """The phone key of a number in any spelling."""
        return await self._reader.person(phone)

    async def contact_story(self, phone_key: str) -> Sequence[ContactRowView]:
        """One person's rows in all sequences."""
        return await self._reader.contact_story(phone_key)

    async def groups(self, keys: Sequence[str], keep: Mapping[str, UUID]) -> Sequence[GroupPreview]:
        """What resolving these duplicate groups would do to their rows."""
        preview = await resolving.preview_resolve(self._database, keys, keep=keep)
        return preview.groups

    async def messages(
        self, state: str | None, device_id: UUID | None, limit: int, phone: str | None = None
    ) -> Sequence[MessageView]:
        """The queue, or one person's messages."""
        return await self._reader.messages(state, device_id, limit, phone)

    async def journal(self, limit: int) -> Sequence[OperationView]:
        """The operations, newest first."""
        return await self._reader.journal(limit)

    async def operation_rows(self, operation: int, limit: int) -> Sequence[ChangedRow]:
        """The rows that an operation changed."""
        return await first_rows(self._database, operation, limit)

    async def device_detail(self, device_id: UUID) -> DeviceDetailView | None:
        """How a device is throttled, and its sends by hour; read again after `DETAIL_SECONDS`."""
        at, found = self._details.get(device_id, (float("-inf"), None))
        now = time.monotonic()
        if now - at > DETAIL_SECONDS:
            found = await self._reader.device_detail(device_id)
            self._details = {device_id: (now, found)}
        return found

    async def device_journal(self, device_id: UUID, limit: int) -> Sequence[OperationView]:
        """The operations that name a device."""
        return await self._reader.device_journal(device_id, limit)

    async def alarms(self, limit: int) -> Sequence[AlarmView]:
        """What is due but claimable by nobody."""
        return await self._reader.alarms(limit)

    async def scope_holds(self) -> Sequence[ScopeHoldView]:
        """The holds on whole users and hosts."""
        return await self._reader.scope_holds()

    async def gates(self, subject: Subject, id: UUID) -> Sequence[GateView]:
        """The gates between a thing and its next send."""
        explain = {
            Subject.CONTACT: self._reader.explain_contact,
            Subject.MESSAGE: self._reader.explain_message,
            Subject.DEVICE: self._reader.explain_device,
            Subject.SEQUENCE: self._reader.explain_sequence,
        }
        return await explain[subject](id)

    async def texts(self, sequence_id: UUID, phone_key: str | None) -> Sequence[Rendered]:
        """The texts of a sequence as a person gets them."""
        made = await render_sequence(self._database, sequence_id, phone_key)
        return without_phone(made).steps if made else ()

    async def examination(self, turn: int) -> Examination:
        """What the doctor last said."""
        return self._examiner.state(turn)

    async def roll_up(self) -> None:
        """Bring the figures up to date where no engine runs."""
        await roll_up(self._database)


class DatabaseVerbs:
    """Changes a database as `who` (`seqconsole.actions.Verbs`)."""

    def __init__(
        self,
        database: Database,
        who: str,
        *,
        gateway_configured: bool,
        gateway: Callable[[], Awaitable[Gateway]] | None = None,
    ) -> None:
        """`gateway` opens what devices are reconnected through."""
        self._database = database
        self._who = who
        self._gateway_configured = gateway_configured
        self._gateway = gateway

    async def reconnect(self, target: Target) -> Done:
        """Let their gateways connect devices to WhatsApp anew."""
        if self._gateway is None:
            raise OperationRefused("this console has no gateway")
        gateway = await self._gateway()
        try:
            return await reconnecting.reconnect(self._database, self._who, gateway, target)
        finally:
            await gateway.close()

    async def pause(self, target: Target, reason: str) -> Done:
        """Hold a target at once."""
        return await holds.pause(self._database, self._who, target, reason or None)

    async def preview_resume(self, target: Target) -> ResumePreview:
        """What a resume would let out."""
        return await preview_resume(self._database, target)

    async def resume(self, target: Target, reason: str, choice: Choice | None = None) -> Done:
        """Lift the operator's holds, ten seconds ahead."""
        return await resume_so(self._database, self._who, target, reason or None, choice)

    async def preview_pause_all(self) -> Preview:
        """What a pause of everything would stop."""
        return await previews.preview_pause_all(self._database)

    async def preview_resolve(
        self, keys: Sequence[str] | None, keep: Mapping[str, UUID] | None
    ) -> ResolvePreview:
        """What resolving these groups would do."""
        return await resolving.preview_resolve(self._database, keys, keep=keep)

    async def resolve(
        self, keys: Sequence[str] | None, pinned: str, keep: Mapping[str, UUID] | None
    ) -> Done:
        """Resolve these groups as previewed."""
        return await resolving.resolve(self._database, self._who, keys, pinned=pinned, keep=keep)

    async def preview_repair(self, verb: RepairVerb, selection: Selection) -> RepairPreview:
        """What a repair would do to what is selected."""
        return await preview_repair(self._database, self._repair(verb), selection)

    async def repair(self, verb: RepairVerb, selection: Selection, pinned: str) -> Done:
        """Repair as previewed."""
        return await apply_repair(
            self._database, self._who, self._repair(verb), selection, pinned=pinned
        )

    def _repair(self, verb: RepairVerb) -> Repair:
        match verb:
            case RepairVerb.RETRY:
                return Retry()
            case RepairVerb.SKIP:
                return Skip()
            case RepairVerb.MARK_SENT:
                return MarkSent(self._who)

    async def note(self, text: str) -> Done:
        """A line in the journal."""
        return await notes.note(self._database, self._who, text)

    async def preview_suppress(self, target: Target) -> Preview:
        """What would not be sent to these people."""
        return await suppressing.preview_suppress(self._database, target)

    async def suppress(self, target: Target, pinned: str) -> Done:
        """Nothing more to these people."""
        return await suppressing.suppress(self._database, self._who, target, pinned=pinned)

    async def preview_move(self, device_id: UUID) -> Preview:
        """What a move to the user's other devices would do."""
        return await reassign.preview_reassign(self._database, Wanted(str(device_id)))

    async def move(self, device_id: UUID, pinned: str) -> Done:
        """Move as previewed."""
        wanted = Wanted(str(device_id))
        return await reassign.reassign(self._database, self._who, wanted, pinned=pinned)

    async def preview_undo(self, operation_id: int | None) -> Preview:
        """What an undo would put back."""
        return await undo.preview_undo(self._database, self._who, operation_id)

    async def undo(self, operation_id: int | None) -> Done:
        """Take an operation back."""
        return await undo.undo(self._database, self._who, operation_id)

    async def preview_engine_on(self) -> Preview:
        """What the engine would send."""
        return await engine_switch.preview_engine_on(
            self._database, gateway_configured=self._gateway_configured
        )

    async def engine_on(self) -> Done:
        """Switch the engine on, ten seconds ahead."""
        return await engine_switch.engine_on(
            self._database, self._who, gateway_configured=self._gateway_configured
        )

    async def engine_off(self) -> Done:
        """Switch the engine off at once."""
        return await engine_switch.engine_off(self._database, self._who)
