"""One device is lost: hold it, what is in flight and in doubt, whose it was, and what a move would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap
from typing import Any, ClassVar, Final
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.operations.model import Preview, Scope, Target
from engine.views import DeviceCondition, DeviceView, MessageView
from seqconsole.readings import AnyReading, ReadMessages, Subject
from seqconsole.screens.device import DeviceScreen
from seqconsole.screens.device_rows import STATES
from seqconsole.screens.panel import Panel
from seqconsole.screens.rows import RowsScreen
from seqconsole.state import Snapshot
from seqconsole.text import clock, count, harmless
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone

LOOKS_EACH: Final = 5.0
"""Seconds at least between two looks at the move: it reads all that waits for the device."""


@dataclass(frozen=True, slots=True)
class LostRow:
    """A line of the way: what it is about, how it stands, what to press. `opens` filters its messages."""

    place: int
    name: str
    text: str
    press: str = ""
    tone: Tone = Tone.PLAIN
    opens: str = ""


def lost_rows(
    view: DeviceView, flying: Sequence[MessageView], move: Preview | str | None, now: datetime
) -> list[LostRow]:
    """The way from the alarm to the move, as it stands now. Pure."""
    rows = [_hold(view), _in_flight(flying, now)]
    doubt = f"{count(view.unknown)} messages: nobody knows whether they went out"
    rows.append(
        LostRow(3, "In doubt", doubt, "enter, m", Tone.BAD, "state:unknown")
        if view.unknown
        else LostRow(3, "In doubt", "nothing", tone=Tone.OK)
    )
    failed = f"{count(view.failed)} messages failed: they stay, unless retried before the move"
    rows.append(
        LostRow(4, "Given up", failed, "enter, t or s", Tone.WARN, "state:failed")
        if view.failed
        else LostRow(4, "Given up", "nothing", tone=Tone.OK)
    )
    return rows + _move(move)


def _hold(view: DeviceView) -> LostRow:
    word, _ = STATES[view.condition]
    if view.hold is None:
        return LostRow(1, "Hold", "nothing holds it: it may still send", "p holds it", Tone.BAD)
    press = "p holds it too" if view.condition is not DeviceCondition.PAUSED else ""
    return LostRow(1, "Hold", f"{word}: {view.hold}", press, Tone.OK)


def _in_flight(flying: Sequence[MessageView], now: datetime) -> LostRow:
    if not flying:
        return LostRow(2, "In flight", "nothing", tone=Tone.OK)
    until = max((each.at for each in flying if each.at), default=None)
    text = f"{count(len(flying))} may still arrive, until {clock(until, now)}; then it is in doubt"
    return LostRow(2, "In flight", text, "wait", Tone.WARN, "state:sending")


def _move(move: Preview | str | None) -> list[LostRow]:
    if move is None:
        return [LostRow(5, "Its contacts", "looking …", tone=Tone.MUTED)]
    if isinstance(move, str):
        return [LostRow(5, "Move", f"not possible: {move}", tone=Tone.BAD)]
    names = ("Its contacts", "New number") if move.n else ("Its contacts",)
    rows = [
        LostRow(5 + at, names[at] if at < len(names) else "Takes over", line)
        for at, line in enumerate(move.lines)
    ]
    rows += [LostRow(len(rows) + 5 + at, "Stays", line) for at, line in enumerate(move.refused)]
    if move.n:
        what = f"{count(move.n)} open steps to the devices above"
        rows.append(LostRow(len(rows) + 5, "Move", what, "x moves", Tone.ACCENT))
    return rows


_COLUMNS: tuple[Column[LostRow], ...] = (
    Column("step", "Step", 13, lambda row: row.name, order=lambda row: row.place),
    Column("press", "Press", 17, lambda row: row.press, priority=2,
           tone=lambda row: Tone.ACCENT, order=lambda row: row.press or None),
    Column("text", "How it stands", 30, lambda row: row.text, flex=True, priority=1,
           order=lambda row: row.text, tone=lambda row: row.tone),
)  # fmt: skip


def _stands(view: DeviceView | None) -> object:
    """What changes what a move would do."""
    return view and (view.pending, view.sending, view.unknown, view.failed, view.hold)


class LostDeviceScreen(RowsScreen[LostRow]):
    """The way of a lost device, each step one key; every act is in the journal and z takes it back."""

    VIEW = "1"
    NAME = "Lost device"
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = _COLUMNS
    NOUN = "steps"
    SORT = "step"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Hold"),
        Binding("x", "repair", "Move to others"),
        Binding("r", "resume", "Resume"),
        Binding("c", "reconnect", "Reconnect"),
        Binding("e", "explain", "Explain"),
        Binding("ctrl+r", "look_again", "Look again", show=False),
    ]

    def __init__(self, device_id: UUID) -> None:
        super().__init__()
        self._device_id = device_id
        self._device: DeviceView | None = None
        self._move: Preview | str | None = None
        self._looked_at: tuple[float, object] = (0.0, None)

    def on_mount(self) -> None:
        """See what a move would do."""
        self.look()

    def readings(self) -> Sequence[AnyReading]:
        """What is in flight."""
        return (self._flying,)

    @property
    def _flying(self) -> ReadMessages:
        return ReadMessages("sending", self._device_id, 20)

    @property
    def busy(self) -> bool:
        """Whether the move is being looked at."""
        return self._move is None

    def compose_head(self) -> ComposeResult:
        """Which device, and what this is."""
        yield Panel(id="head")

    def compose_foot(self) -> ComposeResult:
        """The line under the cursor in full."""
        yield Panel(id="whole")

    def key(self, row: LostRow) -> int:
        """A line's place."""
        return row.place

    def failure(self, snapshot: Snapshot) -> str:
        """A failure to read what is in flight: nothing may be said then."""
        return snapshot.failures.get(self._flying, "")

    def rows(self, snapshot: Snapshot) -> Sequence[LostRow] | None:
        """The steps."""
        found = [each for each in snapshot.figures.devices if each.id == self._device_id]
        self._device = found[0] if found else None
        flying = snapshot.rows_of(self._flying)
        if self._device is None:
            return []
        return None if flying is None else lost_rows(self._device, flying, self._move, snapshot.now)

    def shown(self, snapshot: Snapshot) -> None:
        """Which device; what was settled or held since is looked at anew."""
        view = self._device
        if view is not None and self._is_stale(view):
            self._look(view)
        name = view.name if view else "This device is no longer there."
        says = f"  gateway says {view.gateway_state or 'nothing yet'}" if view else ""
        how = "c tries to reconnect it. Lost: hold it, wait for what flies, settle doubts, move."
        lines = [[("Lost: ", Tone.MUTED), (name, Tone.STRONG), (says, Tone.MUTED)]]
        self.query_one("#head", Panel).show([*lines, [(how, Tone.MUTED)]])
        self.moved()

    def moved(self) -> None:
        """Another line in full."""
        text = f"{self.row.name}: {self.row.text}" if self.row else ""
        whole = wrap(harmless(text, 400), max(20, self.size.width - 2))
        self.query_one("#whole", Panel).show([[(line, Tone.STRONG)] for line in whole])

    def fields(self, row: LostRow) -> Mapping[str, str]:
        """What a filter searches."""
        return {"step": row.name, "text": row.text}

    def why_not(self, action: str) -> str:
        """What has nothing to act on."""
        needs = {"pause", "resume", "reconnect", "repair", "explain"}
        if action in needs and self._device is None:
            return "this device is no longer there"
        if action == "repair" and self._move is None:
            return "the move is still being looked at"
        if action == "repair" and isinstance(self._move, str):
            return self._move
        if action == "repair" and isinstance(self._move, Preview) and not self._move.n:
            return "nothing waits for this device"
        return ""

    def look(self) -> None:
        """Look at the move anew."""
        self._move = None
        self._look(self._device)

    def _look(self, view: DeviceView | None) -> None:
        self._looked_at = self.console.options.clock(), _stands(view)
        self.console.actions.look_at_move(self._device_id, self._seen)

    def _is_stale(self, view: DeviceView) -> bool:
        at, stood = self._looked_at
        if stood is None:  # looked at before the first data
            self._looked_at = at, _stands(view)
            return False
        rested = self.console.options.clock() - at >= LOOKS_EACH
        return self._move is not None and rested and stood != _stands(view)

    def _seen(self, move: Preview | str) -> None:
        self._move = move
        if self.is_mounted and self.console.snapshot is not None:
            self.take(self.console.snapshot)
            self.refresh_bindings()

    def open_row(self, row: LostRow) -> None:
        """The messages of a step."""
        if row.opens:
            self.console.push_screen(DeviceScreen(self._device_id, row.opens))
        elif row.press:
            self.console.say(f"{row.name}: {row.press}")

    def copied(self) -> str:
        """The device's name."""
        return self._device.name if self._device else ""

    def _target(self) -> Target:
        name = self._device.name if self._device else ""
        return Target(Scope.DEVICE, (str(self._device_id),), (name,))

    def action_pause(self) -> None:
        """Hold this device at once."""
        self.console.actions.pause(self._target())

    def action_resume(self) -> None:
        """Lift the operator's hold: it was not lost after all."""
        self.console.actions.resume(self._target())

    def action_reconnect(self) -> None:
        """Let its gateway connect it anew: it may not be lost at all."""
        self.console.actions.reconnect(self._target())

    def action_repair(self) -> None:
        """Move its future to other devices, after a question with the preview."""
        self.console.actions.move(self._device_id, self.look)

    def action_explain(self) -> None:
        """Why the device does not send."""
        self.console.explain(Subject.DEVICE, self._device_id, self.copied())

    def action_look_again(self) -> None:
        """Look at the move again."""
        self.look()
        self.console.action_refresh()
