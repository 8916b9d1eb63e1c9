"""A fleet of devices and an app that shows it, for the tests of the widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rich.cells import cell_len
from textual.app import App, ComposeResult

from seqconsole.widgets.columns import Column
from seqconsole.widgets.grid import Grid
from seqconsole.widgets.grid_messages import GridMessage
from seqconsole.widgets.tones import Tone

SIZES = [(80, 24), (160, 50), (250, 70)]

_STATES = {
    "online": ("● online", Tone.OK),
    "paused": ("‖ paused", Tone.WARN),
    "offline": ("○ offline", Tone.BAD),
}


@dataclass(frozen=True, slots=True)
class Device:
    """One row."""

    id: int
    name: str
    state: str = "online"
    queue: int | None = 0
    error: str = ""


@dataclass(slots=True)
class Clock:
    """A clock that the test moves."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def fleet(number: int) -> list[Device]:
    """Devices 0..number-1; queues differ from their ids."""
    states = ["online", "online", "paused", "offline"]
    return [
        Device(at, f"device-{at:04d}", states[at % 4], (at * 7919) % 500) for at in range(number)
    ]


COLUMNS: tuple[Column[Device], ...] = (
    Column("name", "Device", 12, lambda row: row.name, order=lambda row: row.name, flex=True,
           most=24),
    Column("state", "State", 10, lambda row: _STATES[row.state][0], order=lambda row: row.state,
           tone=lambda row: _STATES[row.state][1], priority=1),
    Column("queue", "Queue", 6, lambda row: str(row.queue), order=lambda row: row.queue,
           right=True, falling=True, priority=1),
    Column("id", "Id", 6, lambda row: str(row.id), right=True, priority=2, from_width=110),
    Column("error", "Last error", 20, lambda row: row.error, priority=3, flex=True,
           from_width=160),
)  # fmt: skip


@dataclass
class Heard:
    """The messages a grid sent."""

    all: list[Any] = field(default_factory=list)

    def of(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.all if isinstance(message, kind)]


class FleetApp(App[None]):
    """One grid of devices over the whole screen."""

    def __init__(self, clock: Callable[[], float], columns: Any = COLUMNS, **options: Any) -> None:
        super().__init__()
        self.grid: Grid[Device] = Grid(
            columns, lambda row: row.id, noun="devices", clock=clock, **options
        )
        self.heard = Heard()

    def compose(self) -> ComposeResult:
        yield self.grid

    def on_mount(self) -> None:
        self.grid.focus()

    def on_event_of_grid(self, message: GridMessage) -> None:
        self.heard.all.append(message)

    on_moved = on_opened = on_selection_changed = on_sorted = on_event_of_grid


def lines(grid: Grid[Any]) -> list[str]:
    """What the grid draws now, checked to be exactly as wide as the grid."""
    drawn = [grid.render_line(y).text for y in range(grid.size.height)]
    assert {cell_len(line) for line in drawn} == {grid.size.width}
    return [line.rstrip() for line in drawn]


def cursor_line(grid: Grid[Any]) -> int:
    """The line of the screen that the cursor is drawn on."""
    [y] = [y for y, line in enumerate(lines(grid)) if line.startswith("›")]
    return y
