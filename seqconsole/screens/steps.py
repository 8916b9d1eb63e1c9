"""The funnel of a sequence: each step with its contact rows by state; enter shows the contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.operations.model import Scope, Target
from engine.reader import NIL
from engine.views import SequenceView, StepView
from seqconsole.readings import Subject
from seqconsole.screens.contacts import ContactsScreen
from seqconsole.screens.device_rows import figure
from seqconsole.screens.panel import Panel
from seqconsole.screens.rows import RowsScreen
from seqconsole.screens.texts import TextsScreen
from seqconsole.state import Snapshot
from seqconsole.text import NOTHING, count, short_count
from seqconsole.widgets.cells import bar
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone

FUNNEL: Final = 24
"""Cells of the funnel's widest line."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step with its place in the sequence; the rows without a step come last (`view` None).

    `top` is the largest total of all its sequence's steps: the funnel's widest line.
    """

    place: int
    view: StepView | None
    unlinked: int
    top: int = 0

    @property
    def total(self) -> int:
        """All its contact rows."""
        return self.view.total if self.view else self.unlinked

    @property
    def to_send(self) -> int:
        """Its contact rows that are not sent yet: waiting, or in work."""
        return self.n("pending") + self.n("active")

    def n(self, state: str) -> int:
        """Its contact rows of a state."""
        return getattr(self.view, state) if self.view else 0


def _delay(row: StepRow) -> str:
    if row.view is None:
        return NOTHING
    hours = row.view.delay_hours
    return "24 h" if hours is None else f"{hours} h"


def funnel(row: StepRow, width: int = FUNNEL) -> str:
    """The step's rows as a line: `█` done, `▄` active, `▁` waiting, `×` failed or skipped."""
    parts = (
        ("█", row.n("completed")),
        ("▄", row.n("active")),
        ("▁", row.n("pending") + row.n("other") + row.unlinked),
        ("×", row.n("failed") + row.n("skipped")),
    )
    cells = [max(1 if n else 0, round(n * width / row.top)) if row.top else 0 for _, n in parts]
    while sum(cells) > width:  # what is rare keeps its cell
        cells[cells.index(max(cells))] -= 1
    return "".join(sign * n for (sign, _), n in zip(parts, cells, strict=True))


def _name(row: StepRow) -> str:
    if row.view is None:
        return "no step"
    return f"step {NOTHING if row.view.day_number is None else row.view.day_number}"


def _counted(
    state: str, label: str, priority: int, tone: Tone = Tone.PLAIN
) -> Column[StepRow]:  # fmt: skip
    return Column(state, label, 7, lambda row: figure(row.n(state)), right=True,
                  order=lambda row: row.n(state), falling=True, priority=priority,
                  tone=lambda row: tone if row.n(state) else Tone.MUTED)  # fmt: skip


_COLUMNS: tuple[Column[StepRow], ...] = (
    Column("step", "Step", 8, _name, order=lambda row: row.place),
    Column("delay", "Wait", 5, _delay, right=True, priority=1,
           order=lambda row: row.view.delay_hours if row.view else None),
    Column("funnel", "Funnel", FUNNEL, funnel, priority=1,
           order=lambda row: row.n("completed"), falling=True, tone=lambda row: Tone.ACCENT),
    Column("to_send", "To send", 7, lambda row: figure(row.to_send), right=True, priority=1,
           order=lambda row: row.to_send, falling=True,
           tone=lambda row: Tone.PLAIN if row.to_send else Tone.MUTED),
    _counted("pending", "Pending", 2),
    _counted("active", "Active", 2, Tone.OK),
    _counted("completed", "Done", 1, Tone.OK),
    _counted("failed", "Failed", 1, Tone.BAD),
    _counted("skipped", "Skipped", 3),
    _counted("other", "Other", 4, Tone.WARN),
    Column("total", "Total", 7, lambda row: short_count(row.total), right=True, priority=3,
           order=lambda row: row.total, falling=True),
    Column("share", "Done %", 10, lambda row: bar(row.n("completed"), row.total, 10), priority=5,
           from_width=110, order=lambda row: row.n("completed") / max(1, row.total), falling=True),
)  # fmt: skip


class StepsScreen(RowsScreen[StepRow]):
    """One sequence, step by step."""

    VIEW = "2"
    NAME = "Steps"
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = _COLUMNS
    NOUN = "steps"
    EMPTY = "This sequence has no steps."
    SORT = "step"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause"),
        Binding("r", "resume", "Resume"),
        Binding("e", "explain", "Explain"),
        Binding("T", "texts", "Texts as sent", show=False),
    ]

    def __init__(self, sequence_id: UUID) -> None:
        super().__init__()
        self._sequence_id = sequence_id
        self._sequence: SequenceView | None = None

    def compose_head(self) -> ComposeResult:
        """The sequence as a whole."""
        yield Panel()

    def key(self, row: StepRow) -> UUID:
        """A step's id; NIL for the rows without one."""
        return row.view.step_id if row.view else NIL

    def rows(self, snapshot: Snapshot) -> Sequence[StepRow]:
        """The steps in their order."""
        mine = [each for each in snapshot.figures.sequences if each.id == self._sequence_id]
        self._sequence = mine[0] if mine else None
        steps = [step for step in snapshot.figures.steps if step.sequence_id == self._sequence_id]
        unlinked = self._sequence.unlinked if self._sequence else 0
        top = max([unlinked, *(step.total for step in steps)])
        rows = [StepRow(place, step, 0, top) for place, step in enumerate(steps)]
        return [*rows, StepRow(len(rows), None, unlinked, top)] if unlinked else rows

    def shown(self, snapshot: Snapshot) -> None:
        """The sequence in two lines."""
        view = self._sequence
        if view is None:
            lines = [[("This sequence is no longer there.", Tone.BAD)]]
        else:
            held = f"  ‖ {view.hold}" if view.hold else ""
            lines = [
                [(view.name, Tone.STRONG), (held, Tone.WARN)],
                [
                    (f"{count(view.total)} rows", Tone.PLAIN),
                    (" = ", Tone.MUTED),
                    (
                        f"{count(view.completed)} done + {count(view.failed)} failed + "
                        f"{count(view.skipped)} skipped + "
                        f"{count(view.pending + view.in_step + view.other)} remaining",
                        Tone.PLAIN,
                    ),
                    (f"  {view.duplicates} duplicates" if view.duplicates else "", Tone.BAD),
                ],
                [
                    (
                        "Funnel: █ done  ▄ active (queued or in flight)  ▁ waiting  × failed or skipped",
                        Tone.MUTED,
                    )
                ],
            ]
        self.query_one(Panel).show(lines)

    def fields(self, row: StepRow) -> Mapping[str, str]:
        """What a filter searches."""
        return {"step": _name(row)}

    def why_not(self, action: str) -> str:
        """A sequence that is gone can not be acted on."""
        if action in {"pause", "resume"} and self._sequence is None:
            return "this sequence is no longer there"
        return ""

    def open_row(self, row: StepRow) -> None:
        """The contacts of a step."""
        name = self._sequence.name if self._sequence else ""
        self.console.push_screen(
            ContactsScreen(self._sequence_id, self.key(row), f"{name} · {_name(row)}")
        )

    def copied(self) -> str:
        """The step's id."""
        return str(self.key(self.row)) if self.row else ""

    def _target(self) -> Target:
        name = self._sequence.name if self._sequence else str(self._sequence_id)
        return Target(Scope.SEQUENCE, (str(self._sequence_id),), (name,))

    def action_pause(self) -> None:
        """Pause this sequence at once."""
        self.console.actions.pause(self._target())

    def action_resume(self) -> None:
        """Resume it."""
        self.console.actions.resume(self._target())

    def action_explain(self) -> None:
        """Why this sequence does not send."""
        name = self._sequence.name if self._sequence else str(self._sequence_id)
        self.console.explain(Subject.SEQUENCE, self._sequence_id, name)

    def action_texts(self) -> None:
        """What its first contact is sent."""
        name = self._sequence.name if self._sequence else str(self._sequence_id)
        self.console.push_screen(TextsScreen(self._sequence_id, None, name))
