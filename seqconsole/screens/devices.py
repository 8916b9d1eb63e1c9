"""1 Devices: every device with its queue, its throttle and what keeps it from sending."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from seqconsole.readings import AnyReading, ReadMessages, Subject
from seqconsole.screens.device import DeviceScreen
from seqconsole.screens.device_rows import (
    COLUMNS,
    DeviceRow,
    device_facts,
)
from seqconsole.screens.lost_device import LostDeviceScreen
from seqconsole.screens.message_rows import message_rows, state_of
from seqconsole.screens.panel import Panel, PanelLine
from seqconsole.screens.scoped_devices import ScopedDevices
from seqconsole.state import Snapshot
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone

BESIDE_FROM = 150
"""From this width on the device under the cursor is shown beside the list."""


class DevicesScreen(ScopedDevices):
    """The list of devices."""

    VIEW = "1"
    NAME = "Devices"
    KEEPS_FILTER = True
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = COLUMNS
    NOUN = "devices"
    SORT = "queue"
    REVERSE = True
    DEFAULT_CSS = """
    DevicesScreen #detail {
        width: 58; height: 1fr; border-left: solid $panel-lighten-1; display: none;
    }
    DevicesScreen #detail.-shown { display: block; }
    DevicesScreen #detail Panel { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause"),
        Binding("r", "resume", "Resume"),
        Binding("e", "explain", "Explain"),
        Binding("c", "reconnect", "Reconnect at its gateway", show=False),
        Binding("L", "lost", "Lost device: hold, doubts, move to others", show=False),
        Binding("ctrl+d", "bulk", "Pause all that match", show=False),
    ]

    def readings(self) -> Sequence[AnyReading]:
        """The holds of the groups, and the messages of the device under the cursor where shown."""
        asked = super().readings()
        beside = self._beside()
        return asked if beside is None else (*asked, beside)

    def _beside(self) -> ReadMessages | None:
        if self.row is None or self.row.group is not None or not self.shows_detail:
            return None
        return ReadMessages(device_id=self.row.view.id, limit=40)

    def failure(self, snapshot: Snapshot) -> str:
        """The list itself comes with the figures."""
        return ""

    # The device beside the list.

    @property
    def shows_detail(self) -> bool:
        """Whether there is room for it."""
        return self.size.width >= BESIDE_FROM

    def compose_side(self) -> ComposeResult:
        """The device under the cursor."""
        with Vertical(id="detail"):
            yield Panel(fits=False)

    def on_resize(self, event: events.Resize) -> None:
        """Show the side where there is room."""
        self.query_one("#detail").set_class(self.shows_detail, "-shown")
        self.console.poke()

    def shown(self, snapshot: Snapshot) -> None:
        """Bring the side up to date."""
        if not self.shows_detail:
            return
        lines: list[PanelLine] = []
        if self.row is not None:
            lines = device_facts(self.row, snapshot.now)
            lines += self._messages(snapshot)
        self.query_one("#detail", Vertical).query_one(Panel).show(lines)

    def _messages(self, snapshot: Snapshot) -> list[PanelLine]:
        reading = self._beside()
        if reading is None:
            return []
        found = snapshot.rows_of(reading)
        if found is None:
            failure = snapshot.failures.get(reading, "")
            return [[], [(f"× {failure}" if failure else "Loading messages…", Tone.MUTED)]]
        lines: list[PanelLine] = [[], [("Queue", Tone.STRONG)]]
        for message in message_rows(list(found), snapshot.now, self.console.wide):
            word, tone = state_of(message.view.status)
            lines.append(
                [
                    (f"{word:<10} ", tone),
                    (f"{message.when:<15} {message.phone:<10} ", Tone.PLAIN),
                    (message.view.error or message.view.sequence_name or "campaign", Tone.MUTED),
                ]
            )
        return lines if found else [*lines, [("Nothing queued.", Tone.MUTED)]]

    def moved(self) -> None:
        """Another device beside the list, from what is known and soon with its messages."""
        if self.shows_detail and self.console.snapshot is not None:
            self.shown(self.console.snapshot)
            self.console.poke_soon()

    # Keys.

    def open_row(self, row: DeviceRow) -> None:
        """The device's own screen; a group unfolds."""
        if row.group is not None:
            self.fold(row)
        else:
            self.console.push_screen(DeviceScreen(row.view.id))

    def copied(self) -> str:
        """The device's name, or the group's."""
        return self.row.view.name if self.row else ""

    def action_lost(self) -> None:
        """The way of a lost device."""
        if self.row is not None and self.row.group is None:
            self.console.push_screen(LostDeviceScreen(self.row.view.id))

    def action_explain(self) -> None:
        """Why this device does not send."""
        if self.row is not None:
            self.console.explain(Subject.DEVICE, self.row.view.id, self.row.view.name)
