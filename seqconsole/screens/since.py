"""0 Since you left: what changed while this operator was away, each line with the screen that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult

from engine.reports.since import Change, Topic
from seqconsole.screens.panel import Panel
from seqconsole.screens.rows import RowsScreen
from seqconsole.state import Snapshot
from seqconsole.text import clock, count
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone
from seqconsole.widgets.view_tabs import VIEWS

_ORDER = {topic: place for place, topic in enumerate(Topic)}
_NAMES = {view.key: view.name for view in VIEWS}
_GRAVE = frozenset({Topic.GAP, Topic.STOPPED, Topic.UNKNOWN, Topic.HELD, Topic.DUPLICATE})


def tone(change: Change) -> Tone:
    """Wrong, to be looked at, or good to know."""
    if change.quiet:
        return Tone.PLAIN
    return Tone.BAD if change.topic in _GRAVE else Tone.WARN


_COLUMNS: tuple[Column[Change], ...] = (
    Column("topic", "About", 11, lambda row: str(row.topic), priority=1, tone=tone,
           order=lambda row: _ORDER[row.topic]),
    Column("n", "Count", 6, lambda row: count(row.n), right=True, priority=2, falling=True,
           order=lambda row: row.n),
    Column("text", "What", 30, lambda row: row.text, flex=True, priority=1),
    Column("view", "Under enter", 12, lambda row: _NAMES[row.view], priority=3,
           tone=lambda row: Tone.MUTED),
    Column("command", "Command", 34, lambda row: row.command, priority=4, from_width=110,
           tone=lambda row: Tone.MUTED),
)  # fmt: skip


class SinceScreen(RowsScreen[Change]):
    """The changes, the gravest first."""

    NAME = "Since you left"
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = _COLUMNS
    NOUN = "changes"
    EMPTY = "Nothing changed while you were away."
    SORT = "topic"

    def __init__(self, view: str) -> None:
        super().__init__()
        self._view = view

    @property
    def view(self) -> str:
        """The view that it lies over."""
        return self._view

    def key(self, row: Change) -> tuple[str, str, str]:
        """A line: what it is about, and which of several."""
        several = row.topic in (Topic.NOTE, Topic.OPERATION, Topic.FINDING, Topic.HELD)
        return row.topic, row.command, row.text if several else ""

    def rows(self, snapshot: Snapshot) -> Sequence[Change] | None:
        """What changed, once that is known."""
        seen = self.console.absence.changes
        return None if seen is None else seen.lines

    def failure(self, snapshot: Snapshot) -> str:
        """Why that is not known."""
        return self.console.absence.failure

    def compose_head(self) -> ComposeResult:
        """Since when."""
        yield Panel(id="since")

    def shown(self, snapshot: Snapshot) -> None:
        """Since when, and how to leave."""
        seen = self.console.absence.changes
        if seen is not None:
            at = clock(seen.since, seen.now)
            line = [
                (f"Since {at}", Tone.STRONG),
                ("  enter shows the rows, esc goes back", Tone.MUTED),
            ]
            self.query_one("#since", Panel).show([line])

    def fields(self, row: Change) -> Mapping[str, str]:
        """What a filter searches."""
        return {"about": str(row.topic), "what": row.text, "command": row.command}

    def copied(self) -> str:
        """The command that shows the rows."""
        return self.row.command if self.row else ""

    def open_row(self, row: Change) -> None:
        """Show the rows of a line."""
        self.console.call_later(self._leave_for, row)

    async def _leave_for(self, row: Change) -> None:
        """The view's own list, with the line's filter, in the place of this screen."""
        console = self.console
        await console.pop_screen()
        await console.show_view(row.view)
        top = console.top
        if row.filter and isinstance(top, RowsScreen):
            top.call_after_refresh(top.choose, row.filter)

    def on_unmount(self) -> None:
        """Nobody looks at it any more."""
        self.console.absence.unwatch()
