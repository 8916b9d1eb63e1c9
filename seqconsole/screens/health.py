"""5 Health: what is wrong, how much of it, and where it is put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.doctor import Report
from engine.views import AlarmView, DeviceCondition
from seqconsole.examining import Examination
from seqconsole.readings import AnyReading, ReadAlarms, ReadExamination
from seqconsole.screens.alarm_rows import alarm_rows
from seqconsole.screens.finding import FindingScreen
from seqconsole.screens.health_row import HealthRow
from seqconsole.screens.panel import Panel, PanelLine
from seqconsole.screens.rows import RowsScreen
from seqconsole.state import Snapshot, engine_state
from seqconsole.text import ago, count, harmless
from seqconsole.widgets.columns import Column
from seqconsole.widgets.status_strip import EngineState
from seqconsole.widgets.tones import Tone


def checks(snapshot: Snapshot) -> list[HealthRow]:
    """What the figures of a snapshot say about the health of the database. Pure."""
    view = snapshot.overview
    devices = snapshot.figures.devices
    state = engine_state(view)
    stuck = 0 if state in {EngineState.ON, EngineState.LAGGING} else view.due
    breakers = sum(1 for each in devices if each.condition is DeviceCondition.BREAKER)
    unlinked = sum(each.unlinked for each in snapshot.figures.sequences)
    foreign = sum(each.other for each in snapshot.figures.sequences)
    live = (
        ("duplicates", view.duplicates, "rows of one person and step: not scheduled",
         "3, then x or ctrl+d", "3", True),
        ("in doubt", view.unknown, "nobody knows whether these messages went out",
         "enter, then m, or e on each", "4 state:unknown", True),
        ("due, no sender", stuck, "due messages while the engine is off or no worker runs",
         "E, or seqconsole worker", "", True),
        ("offline devices", view.offline_devices, "their gateway says so; their queue waits",
         "log it in again, or L: hold and move", "1 state:offline", True),
        ("breakers", breakers, "failed too often in a row; tried again by themselves",
         "1, then e on the device", "1 state:breaker", True),
        ("failed messages", view.failed, "given up, with the reason", "enter, then t or ctrl+d",
         "4 state:failed", False),
        ("rows without a step", unlinked, "their step id is empty or unknown: never sent",
         "2, then enter: no step", "2", False),
        ("foreign states", foreign, "states of another application, shown and never guessed at",
         "2, column Othr", "2", False),
        ("other findings", view.findings, "another sender, vanished rows, foreign edits, limits",
         "seqconsole doctor", "", True),
        ("paused devices", view.paused_devices, "held by an operator", "1, then r", "1 state:paused", False),
    )  # fmt: skip
    return [
        HealthRow(name, n, means, repair, target, grave)
        for name, n, means, repair, target, grave in live
    ]


def found(report: Report) -> list[HealthRow]:
    """What the doctor found, the grave first."""
    rows = [
        HealthRow(
            each.check.title,
            each.n,
            f"{each.check.what} {each.check.why}",
            each.check.repair,
            grave=each.check.grave,
            finding=each,
        )
        for each in report.findings
    ]
    return sorted(rows, key=lambda row: not row.grave)


_COLUMNS: tuple[Column[HealthRow], ...] = (
    Column("n", "Count", 7, lambda row: count(row.n) if row.n else "√", right=True,
           tone=lambda row: row.tone, order=lambda row: row.n, falling=True),
    Column("check", "Finding", 28, lambda row: row.name, priority=1,
           tone=lambda row: row.tone if row.n else Tone.PLAIN, order=lambda row: row.name),
    Column("repair", "Repair", 36, lambda row: row.repair if row.n else "", priority=2, flex=True,
           most=76, order=lambda row: row.repair),
    Column("means", "What it means", 18, lambda row: row.means, flex=True, priority=3,
           order=lambda row: row.means, tone=lambda row: Tone.MUTED),
)  # fmt: skip


class HealthScreen(RowsScreen[HealthRow]):
    """What is counted live, what the doctor found when it last looked, and the workers."""

    VIEW = "5"
    NAME = "Health"
    KEEPS_FILTER = True
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = _COLUMNS
    NOUN = "findings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "look_again", "Look again", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._turn = 0
        self._said = Examination(running=True)

    def readings(self) -> Sequence[AnyReading]:
        """What the doctor last said, and what nobody can claim."""
        return (ReadExamination(self._turn), ReadAlarms())

    @property
    def busy(self) -> bool:
        """Whether the doctor is looking."""
        return self._said.running

    def key(self, row: HealthRow) -> str:
        """Which check it is."""
        return row.key

    def rows(self, snapshot: Snapshot) -> Sequence[HealthRow]:
        """The alarms, the live checks, those that are well too; then the doctor's findings."""
        said = snapshot.rows_of(ReadExamination(self._turn))
        if said:
            self._said = said[0]
        report = self._said.report
        unclaimable: Sequence[AlarmView] = snapshot.rows_of(ReadAlarms()) or ()
        alarming = alarm_rows(snapshot, self.console.options, unclaimable)
        return [*alarming, *checks(snapshot), *(found(report) if report else ())]

    def compose_foot(self) -> ComposeResult:
        """The doctor and the workers."""
        yield Panel(id="workers")

    def shown(self, snapshot: Snapshot) -> None:
        """When the doctor looked, the engine and each worker."""
        lines = [doctor_line(self._said, snapshot), *worker_lines(snapshot)]
        self.query_one("#workers", Panel).show([*self._whole(), *lines[:8]])

    def moved(self) -> None:
        """Another row in full."""
        if self.console.snapshot is not None:
            self.shown(self.console.snapshot)

    def _whole(self) -> list[PanelLine]:
        """The row under the cursor in full: what it means, and what repairs it."""
        if self.row is None:
            return []
        text = harmless(f"{self.row.name}: {self.row.means}. Repair: {self.row.repair}", 400)
        return [[(line, Tone.MUTED)] for line in wrap(text, max(20, self.size.width - 2))[:3]]

    def fields(self, row: HealthRow) -> Mapping[str, str]:
        """What a filter searches."""
        return {"finding": row.name, "means": row.means, "repair": row.repair}

    def copied(self) -> str:
        """What repairs the doctor's finding, else the finding."""
        if self.row is None:
            return ""
        return self.row.repair if self.row.finding else f"{self.row.name}: {self.row.n}"

    async def go_to(self, target: str) -> None:
        """Show a view, with what is meant of it: `1 state:offline`."""
        view, _, text = target.partition(" ")
        await self.console.show_view(view)
        top = self.console.top
        if text and isinstance(top, RowsScreen):
            top.filter_by(text)

    def open_row(self, row: HealthRow) -> None:
        """The cases of a finding, or where a live one is put right."""
        if row.finding:
            self.console.push_screen(FindingScreen(row.finding))
        elif row.about:
            self.console.explain(*row.about, row.name)
        elif row.view:
            self.console.call_later(self.go_to, row.view)
        else:
            self.console.say(f"Repair: {row.repair}")

    def action_look_again(self) -> None:
        """Send for the doctor again."""
        if self._said.running:
            self.console.say("The doctor is looking.")
            return
        self._turn += 1
        self._said = replace(self._said, running=True)
        self.console.action_refresh()


def doctor_line(said: Examination, snapshot: Snapshot) -> PanelLine:
    """When the doctor looked, or that it is looking."""
    line: list[tuple[str, Tone]] = [("Doctor ", Tone.STRONG)]
    if said.report:
        age = ago((snapshot.now - said.report.at).total_seconds())
        line.append((f"{len(said.report.findings)} findings, {age} ago", Tone.PLAIN))
        if said.report.skipped:
            names = ", ".join(each.check.title for each in said.report.skipped)
            line.append((f"  not looked at: {names}", Tone.WARN))
    if said.running:
        line.append(("  looking ..." if said.report else "looking ...", Tone.WARN))
    elif said.failure:
        line.append((f"  could not look: {said.failure}", Tone.BAD))
    else:
        line.append(("  ctrl+r looks again", Tone.MUTED))
    return line


def worker_lines(snapshot: Snapshot) -> list[PanelLine]:
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
    return lines
