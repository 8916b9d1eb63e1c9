"""What operators did to one device, and undo."""

from __future__ import annotations

from uuid import UUID

from textual.app import ComposeResult

from engine.views import OperationView
from seqconsole.readings import ReadDeviceJournal, Reading
from seqconsole.screens.journal import LATEST, JournalScreen
from seqconsole.screens.panel import Panel
from seqconsole.state import Snapshot
from seqconsole.widgets.tones import Tone


class DeviceJournalScreen(JournalScreen):
    """The operations that name a device, newest first."""

    VIEW = "1"
    NAME = "Device journal"
    KEEPS_FILTER = False
    EMPTY = "Nobody has done anything to this device."

    def __init__(self, device_id: UUID, name: str) -> None:
        super().__init__()
        self._device_id = device_id
        self._device_name = name

    @property
    def asked(self) -> Reading[OperationView]:
        """Those that name the device."""
        return ReadDeviceJournal(self._device_id, LATEST)

    def compose_head(self) -> ComposeResult:
        """Which device."""
        yield Panel()

    def shown(self, snapshot: Snapshot) -> None:
        """Which device."""
        title = ("What was done to ", Tone.MUTED)
        self.query_one(Panel).show([[title, (self._device_name, Tone.STRONG)]])
