"""2 Sequences: every sequence with its contact rows by state; enter shows its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from textual.binding import Binding, BindingType

from engine.operations.model import Scope, Target
from engine.store import FOREVER
from engine.views import SequenceView
from seqconsole.readings import Subject
from seqconsole.screens.device_rows import figure
from seqconsole.screens.rows import RowsScreen
from seqconsole.screens.steps import StepsScreen
from seqconsole.state import Snapshot
from seqconsole.text import NOTHING, short_count
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone


def state_of(row: SequenceView) -> tuple[str, Tone]:
    """Whether a sequence runs."""
    if row.hold is not None:
        return "‖ paused", Tone.WARN
    return ("● active", Tone.OK) if row.active else ("○ inactive", Tone.MUTED)


def _bad(number: int) -> Tone:
    return Tone.BAD if number else Tone.MUTED


def _sent_by(row: SequenceView) -> str:
    """When what is queued of it will have been sent, as things are."""
    if row.drained_at is None:
        return NOTHING
    return "never" if row.drained_at == FOREVER else f"{row.drained_at:%d %b %H:%M}"


_COLUMNS: tuple[Column[SequenceView], ...] = (
    Column("sequence", "Sequence", 18, lambda row: row.name, order=lambda row: row.name,
           flex=True, most=36),
    Column("state", "State", 10, lambda row: state_of(row)[0], tone=lambda row: state_of(row)[1],
           order=lambda row: state_of(row)[0], priority=1),
    Column("steps", "Steps", 5, lambda row: str(row.steps), right=True, priority=6,
           order=lambda row: row.steps, from_width=90),
    Column("pending", "Pend", 5, lambda row: figure(row.pending), right=True, priority=2,
           order=lambda row: row.pending, falling=True),
    Column("active", "Actv", 5, lambda row: figure(row.in_step), right=True, priority=2,
           order=lambda row: row.in_step, falling=True),
    Column("done", "Done", 5, lambda row: figure(row.completed), right=True, priority=2,
           order=lambda row: row.completed, falling=True),
    Column("failed", "Fail", 5, lambda row: figure(row.failed), right=True, priority=2,
           order=lambda row: row.failed, falling=True, tone=lambda row: _bad(row.failed)),
    Column("skipped", "Skip", 5, lambda row: figure(row.skipped), right=True, priority=4,
           order=lambda row: row.skipped, falling=True),
    Column("other", "Othr", 5, lambda row: figure(row.other), right=True, priority=5,
           order=lambda row: row.other, falling=True,
           tone=lambda row: Tone.WARN if row.other else Tone.MUTED),
    Column("total", "Total", 5, lambda row: short_count(row.total), right=True, priority=3,
           order=lambda row: row.total, falling=True),
    Column("unlinked", "No step", 7, lambda row: figure(row.unlinked), right=True, priority=7,
           order=lambda row: row.unlinked, falling=True, from_width=90,
           tone=lambda row: Tone.WARN if row.unlinked else Tone.MUTED),
    Column("duplicates", "Dupl", 4, lambda row: figure(row.duplicates), right=True, priority=3,
           order=lambda row: row.duplicates, falling=True, tone=lambda row: _bad(row.duplicates)),
    Column("delivered", "Deliv", 5, lambda row: figure(row.delivered), right=True, priority=9,
           order=lambda row: row.delivered, falling=True, from_width=170),
    Column("read", "Read", 5, lambda row: figure(row.read), right=True, priority=9,
           order=lambda row: row.read, falling=True, from_width=170),
    Column("replies", "Repl", 5, lambda row: figure(row.replies), right=True, priority=9,
           order=lambda row: row.replies, falling=True, from_width=170),
    Column("drain", "Sent by", 12, _sent_by, priority=7, from_width=130, falling=True,
           order=lambda row: row.drained_at),
    Column("hold", "Held because", 12, lambda row: row.hold or "", flex=True, priority=8,
           from_width=110, order=lambda row: row.hold),
)  # fmt: skip


class SequencesScreen(RowsScreen[SequenceView]):
    """The list of sequences."""

    VIEW = "2"
    NAME = "Sequences"
    KEEPS_FILTER = True
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = _COLUMNS
    NOUN = "sequences"
    SORT = "sequence"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause"),
        Binding("r", "resume", "Resume"),
        Binding("e", "explain", "Explain"),
        Binding("ctrl+d", "bulk", "Pause all that match", show=False),
    ]

    def key(self, row: SequenceView) -> UUID:
        """A sequence's id."""
        return row.id

    def rows(self, snapshot: Snapshot) -> Sequence[SequenceView]:
        """All sequences."""
        return snapshot.figures.sequences

    def fields(self, row: SequenceView) -> Mapping[str, str]:
        """What a filter searches."""
        return {"sequence": row.name, "state": state_of(row)[0], "hold": row.hold or ""}

    def note(self) -> str:
        """That the states add up."""
        return "total = all states"

    def why_not(self, action: str) -> str:
        """What needs a sequence under the cursor."""
        if action in {"pause", "resume", "explain", "copy", "bulk"} and not self.has_chosen:
            return "no sequence under the cursor"
        return ""

    def open_row(self, row: SequenceView) -> None:
        """Its steps."""
        self.console.push_screen(StepsScreen(row.id))

    def copied(self) -> str:
        """The sequence's name."""
        return self.row.name if self.row else ""

    def action_pause(self) -> None:
        """Pause the marked sequences, else the one under the cursor; acts at once."""
        self.console.actions.pause(_target(self.chosen_rows()))

    def action_resume(self) -> None:
        """Resume them."""
        self.console.actions.resume(_target(self.chosen_rows()))

    def action_bulk(self) -> None:
        """Pause every sequence that matches the filter."""
        target = _target(self.grid.shown_rows)
        self.console.actions.pause_many(target, "sequences", filtered=self.is_filtered)

    def action_explain(self) -> None:
        """Why this sequence does not send."""
        if self.row is not None:
            self.console.explain(Subject.SEQUENCE, self.row.id, self.row.name)


def _target(rows: Sequence[SequenceView]) -> Target:
    return Target(
        Scope.SEQUENCE, tuple(str(row.id) for row in rows), tuple(row.name for row in rows)
    )
