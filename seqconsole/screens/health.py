"""5 Health: what is wrong, how much of it, and where it is put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult

from engine.views import DeviceCondition
from seqconsole.screens.panel import Panel, PanelLine
from seqconsole.screens.rows import RowsScreen
from seqconsole.state import Snapshot, engine_state
from seqconsole.text import ago, count
from seqconsole.widgets.columns import Column
from seqconsole.widgets.status_strip import EngineState
from seqconsole.widgets.tones import Tone


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at: how many are wrong, and the repair. 0 is well."""

    place: int
    name: str
    n: int
    means: str
    repair: str
    view: str = ""
    grave: bool = True

    @property
    def tone(self) -> Tone:
        """Well, to be looked at, or wrong."""
        if not self.n:
            return Tone.OK
        return Tone.BAD if self.grave else Tone.WARN


def checks(snapshot: Snapshot) -> list[Check]:
    """What the figures of a snapshot say about the health of the database. Pure."""
    view = snapshot.overview
    devices = snapshot.figures.devices
    state = engine_state(view)
    stuck = 0 if state in {EngineState.ON, EngineState.LAGGING} else view.due
    breakers = sum(1 for each in devices if each.condition is DeviceCondition.BREAKER)
    unlinked = sum(each.unlinked for each in snapshot.figures.sequences)
    foreign = sum(each.other for each in snapshot.figures.sequences)
    found = (
        ("duplicates", view.duplicates, "rows of one person and step: not scheduled",
         "3, then x or ctrl+d", "3", True),
        ("in doubt", view.unknown, "nobody knows whether these messages went out",
         "4, then / state:unknown", "4", True),
        ("due, no sender", stuck, "due messages while the engine is off or no worker runs",
         "E, or seqconsole worker", "", True),
        ("offline devices", view.offline_devices, "their gateway says so; their queue waits",
         "log the device in again", "1", True),
        ("breakers", breakers, "failed too often in a row; tried again by themselves",
         "1, then e on the device", "1", True),
        ("failed messages", view.failed, "given up, with the reason", "4, then / state:failed",
         "4", False),
        ("rows without a step", unlinked, "their step id is empty or unknown: never sent",
         "2, then enter: no step", "2", False),
        ("foreign states", foreign, "states of another application, shown and never guessed at",
         "2, column Othr", "2", False),
        ("other findings", view.findings, "another sender, vanished rows, foreign edits, limits",
         "seqconsole doctor", "", True),
        ("paused devices", view.paused_devices, "held by an operator", "1, then r", "1", False),
    )  # fmt: skip
    return [
        Check(place, name, n, means, repair, target, grave)
        for place, (name, n, means, repair, target, grave) in enumerate(found)
    ]


_COLUMNS: tuple[Column[Check], ...] = (
    Column("n", "Count", 5, lambda row: count(row.n) if row.n else "√", right=True,
           tone=lambda row: row.tone, order=lambda row: row.n, falling=True),
    Column("check", "Finding", 19, lambda row: row.name, priority=1,
           tone=lambda row: row.tone if row.n else Tone.PLAIN, order=lambda row: row.name),
    Column("means", "What it means", 18, lambda row: row.means, flex=True, most=64, priority=3,
           tone=lambda row: Tone.MUTED),
    Column("repair", "Repair", 24, lambda row: row.repair if row.n else "", priority=2),
)  # fmt: skip


class HealthScreen(RowsScreen[Check]):
    """The findings and the workers."""

    VIEW = "5"
    NAME = "Health"
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = _COLUMNS
    NOUN = "findings"

    def key(self, row: Check) -> int:
        """A check's place; the order stays the same."""
        return row.place

    def rows(self, snapshot: Snapshot) -> Sequence[Check]:
        """All checks, those that are well too."""
        return checks(snapshot)

    def compose_foot(self) -> ComposeResult:
        """The workers."""
        yield Panel(id="workers")

    def shown(self, snapshot: Snapshot) -> None:
        """The engine and each worker."""
        state = engine_state(snapshot.overview)
        well = state in {EngineState.ON, EngineState.LAGGING}
        lines: list[PanelLine] = [
            [("Engine ", Tone.STRONG), (str(state), Tone.OK if well else Tone.BAD)]
        ]
        for worker in snapshot.figures.workers:
            age = ago((snapshot.now - worker.ticked_at).total_seconds())
            word = "draining" if worker.draining else "alive" if worker.alive else "silent"
            tone = Tone.OK if word == "alive" else Tone.WARN
            lines.append(
                [
                    (f"{'●' if worker.alive else '○'} {word:<9}", tone),
                    (f"{worker.host}  version {worker.version}", Tone.PLAIN),
                    (f"  {worker.sending} in flight", Tone.PLAIN),
                    (f"  ticked {age} ago", Tone.MUTED),
                ]
            )
        if not snapshot.figures.workers:
            lines.append([("No worker has run within a day.", Tone.MUTED)])
        self.query_one("#workers", Panel).show(lines[:8])

    def fields(self, row: Check) -> Mapping[str, str]:
        """What a filter searches."""
        return {"finding": row.name, "means": row.means, "repair": row.repair}

    def copied(self) -> str:
        """The finding."""
        return f"{self.row.name}: {self.row.n}" if self.row else ""

    async def go_to(self, view: str) -> None:
        """Show a view."""
        await self.console.action_view(view)

    def open_row(self, row: Check) -> None:
        """Where it is put right."""
        if row.view:
            self.console.call_later(self.go_to, row.view)
        else:
            self.console.say(f"Repair: {row.repair}")
