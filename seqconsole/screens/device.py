"""One device: its throttle, what holds it, and its messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.operations.model import Scope, Target
from engine.operations.repair_facts import Selection
from engine.views import MessageView, OperationView
from seqconsole.readings import (
    AnyReading,
    ReadDeviceDetail,
    ReadDeviceJournal,
    Reading,
    ReadMessages,
    Subject,
)
from seqconsole.screens.device_journal import DeviceJournalScreen
from seqconsole.screens.device_rows import Moment, device_facts, row_at, throttle_lines
from seqconsole.screens.message_rows import COLUMNS, MessageRow, message_fields, message_rows
from seqconsole.screens.panel import Panel, PanelLine
from seqconsole.screens.repair_keys import RetryMatching
from seqconsole.screens.story import StoryScreen
from seqconsole.state import Snapshot
from seqconsole.text import clock, full_phone, mask_phone
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone

SHOWN: Final = 6
"""So many of its last messages and operations at most stand below the queue."""


class DeviceScreen(RetryMatching):
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
        Binding("ctrl+d", "bulk", "Retry failed"),
        Binding("L", "lost", "Lost or banned"),
        Binding("e", "explain", "Explain"),
        Binding("c", "reconnect", "Reconnect at its gateway", show=False),
        Binding("J", "journal", "Its operations", show=False),
    ]

    def __init__(self, device_id: UUID, filter_text: str = "") -> None:
        super().__init__()
        self._device_id = device_id
        self._filter_text = filter_text
        self._device_name = ""

    def on_mount(self) -> None:
        """With the filter it was opened with."""
        if self._filter_text:
            self.filter_by(self._filter_text)

    @property
    def _asked(self) -> ReadMessages:
        return ReadMessages(device_id=self._device_id)

    @property
    def _sent(self) -> ReadMessages:
        return ReadMessages("sent", self._device_id, SHOWN)

    @property
    def _operations(self) -> ReadDeviceJournal:
        return ReadDeviceJournal(self._device_id, SHOWN)

    def readings(self) -> Sequence[AnyReading]:
        """The device's messages, its throttle and sends by hour, what it sent last, its journal."""
        detail = ReadDeviceDetail(self._device_id)
        return (self._asked, detail, self._sent, self._operations)

    def failure(self, snapshot: Snapshot) -> str:
        """Only the queue's own failure belongs to the rows."""
        return snapshot.failures.get(self._asked, "")

    def compose_head(self) -> ComposeResult:
        """What the device is and does."""
        yield Panel(id="facts")

    def compose_foot(self) -> ComposeResult:
        """What it sent last, and what was done to it."""
        yield Panel(id="past")

    def key(self, row: MessageRow) -> UUID:
        """A message's id."""
        return row.view.id

    def rows(self, snapshot: Snapshot) -> Sequence[MessageRow] | None:
        """The device's queue."""
        found = snapshot.rows_of(self._asked)
        return None if found is None else message_rows(found, snapshot.now, self.console.wide)

    def shown(self, snapshot: Snapshot) -> None:
        """The device's facts, and its past."""
        panel = self.query_one("#facts", Panel)
        mine = [device for device in snapshot.figures.devices if device.id == self._device_id]
        if not mine:
            self._device_name = ""
            panel.show([[("This device is no longer there.", Tone.BAD)]])
            return
        row = row_at(mine[0], Moment(snapshot.now, self.console.wide), snapshot.overview)
        self._device_name = row.view.name
        reading = ReadDeviceDetail(self._device_id)
        detail = snapshot.rows_of(reading)
        lines = device_facts(row, snapshot.now)
        if detail:
            lines += throttle_lines(detail[0])
        elif reading in snapshot.failures:
            lines.append([(f"× {snapshot.failures[reading]}", Tone.BAD)])
        panel.show(lines)
        self.query_one("#past", Panel).show(self._past(snapshot))

    def _past(self, snapshot: Snapshot) -> list[PanelLine]:
        most = SHOWN if self.size.height >= 34 else 2
        lines: list[PanelLine] = []
        past: tuple[tuple[str, Reading[MessageView | OperationView]], ...] = (
            ("Sent", self._sent),
            ("Did", self._operations),
        )
        for title, reading in past:
            found = snapshot.rows_of(reading)
            if found is None:
                why = snapshot.failures.get(reading)
                tone = Tone.BAD if why else Tone.MUTED
                lines.append([(f"{title:<6}", Tone.MUTED), (f"× {why}" if why else "…", tone)])
                continue
            made = [self._past_line(each, snapshot.now) for each in found[:most]]
            for at, line in enumerate(made or ["nothing yet"]):
                lines.append(
                    [
                        ("" if at else title, Tone.MUTED),
                        (" " * (6 if at else 6 - len(title)) + line, Tone.PLAIN),
                    ]
                )
        return lines

    def _past_line(self, each: MessageView | OperationView, now: datetime) -> str:
        if isinstance(each, OperationView):
            undone = f" (undone by {each.undone_by})" if each.undone_by is not None else ""
            return f"{clock(each.at, now)}  {each.who}  {each.summary}{undone}"
        phone = (full_phone if self.console.wide else mask_phone)(each.phone_key)
        what = each.sequence_name or "campaign"
        step = f" step {each.day_number}" if each.day_number is not None else ""
        return f"{clock(each.sent_at, now)}  {phone}  {each.name or ''}  {what}{step}"

    def fields(self, row: MessageRow) -> Mapping[str, str]:
        """What a filter searches."""
        return message_fields(row)

    def why_not(self, action: str) -> str:
        """A device that is gone can not be acted on."""
        if (
            action in {"pause", "resume", "reconnect", "bulk", "lost", "journal"}
            and not self._device_name
        ):
            return "this device is no longer there"
        return ""

    def open_row(self, row: MessageRow) -> None:
        """The whole story of the person."""
        if row.view.phone_key is None:
            self.console.say("This phone can not be one: there is nothing to follow.", bad=True)
        else:
            step = (row.view.sequence_name, row.view.day_number)
            self.console.push_screen(StoryScreen(row.view.phone_key, step=step))

    def action_lost(self) -> None:
        """The way of a lost device."""
        from seqconsole.screens.lost_device import LostDeviceScreen  # it opens this screen in turn

        self.console.push_screen(LostDeviceScreen(self._device_id))

    def action_journal(self) -> None:
        """The operations that name this device, each with its undo."""
        self.console.push_screen(DeviceJournalScreen(self._device_id, self._device_name))

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
        """Retry all that failed on this device and matches, also what is not listed."""
        self.retry_matching(Selection(devices=(self._device_id,)))

    def action_explain(self) -> None:
        """Why the message under the cursor is not sent, else why the device does not send."""
        if self.row is not None:
            name = self.row.view.name or self.row.phone
            self.console.explain(Subject.MESSAGE, self.row.view.id, f"message to {name}")
        else:
            self.console.explain(Subject.DEVICE, self._device_id, self._device_name)
