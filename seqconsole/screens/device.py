"""One device: its throttle, what holds it, and its messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.operations.model import Scope, Target
from engine.operations.repair_facts import Selection
from seqconsole.actions import RepairVerb
from seqconsole.readings import AnyReading, ReadMessages, Subject
from seqconsole.screens.device_rows import device_facts, device_rows
from seqconsole.screens.message_rows import COLUMNS, MessageRow, message_fields, message_rows
from seqconsole.screens.panel import Panel
from seqconsole.screens.repair_keys import RepairableRows
from seqconsole.state import Snapshot
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone


class DeviceScreen(RepairableRows[MessageRow]):
    """A device and its queue."""

    VIEW = "1"
    NAME = "Device"
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = tuple(
        column for column in COLUMNS if column.key != "device"
    )
    NOUN = "messages"
    EMPTY = "Nothing queued on this device."
    SORT = "state"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause"),
        Binding("r", "resume", "Resume"),
        Binding("e", "explain", "Explain"),
        Binding("c", "reconnect", "Reconnect at its gateway", show=False),
        Binding("ctrl+d", "bulk", "Retry all failed of this device", show=False),
    ]

    def __init__(self, device_id: UUID) -> None:
        super().__init__()
        self._device_id = device_id
        self._device_name = ""

    def readings(self) -> Sequence[AnyReading]:
        """The device's messages."""
        return (ReadMessages(device_id=self._device_id),)

    def compose_head(self) -> ComposeResult:
        """What the device is and does."""
        yield Panel()

    def key(self, row: MessageRow) -> UUID:
        """A message's id."""
        return row.view.id

    def rows(self, snapshot: Snapshot) -> Sequence[MessageRow] | None:
        """The device's queue."""
        found = snapshot.rows_of(ReadMessages(device_id=self._device_id))
        return None if found is None else message_rows(found, snapshot.now, self.console.wide)

    def shown(self, snapshot: Snapshot) -> None:
        """The device's facts."""
        panel = self.query_one(Panel)
        mine = [device for device in snapshot.figures.devices if device.id == self._device_id]
        if not mine:
            panel.show([[("This device is no longer there.", Tone.BAD)]])
            return
        [row] = device_rows(mine, snapshot.now, self.console.wide)
        self._device_name = row.view.name
        panel.show(device_facts(row, snapshot.now))

    def fields(self, row: MessageRow) -> Mapping[str, str]:
        """What a filter searches."""
        return message_fields(row)

    def why_not(self, action: str) -> str:
        """A device that is gone can not be acted on."""
        if action in {"pause", "resume", "reconnect", "bulk"} and not self._device_name:
            return "this device is no longer there"
        return ""

    def copied(self) -> str:
        """The device's name."""
        return self._device_name

    def _target(self) -> Target:
        return Target(Scope.DEVICE, (str(self._device_id),), (self._device_name,))

    def action_pause(self) -> None:
        """Pause this device at once."""
        self.console.actions.pause(self._target())

    def action_resume(self) -> None:
        """Resume it."""
        self.console.actions.resume(self._target())

    def action_reconnect(self) -> None:
        """Let its gateway connect it anew."""
        self.console.actions.reconnect(self._target())

    def action_bulk(self) -> None:
        """Retry all that failed on this device, also what is not listed."""
        self.console.actions.repair(RepairVerb.RETRY, Selection(devices=(self._device_id,)))

    def action_explain(self) -> None:
        """Why the message under the cursor is not sent, else why the device does not send."""
        if self.row is not None:
            name = self.row.view.name or self.row.phone
            self.console.explain(Subject.MESSAGE, self.row.view.id, f"message to {name}")
        else:
            self.console.explain(Subject.DEVICE, self._device_id, self._device_name)
