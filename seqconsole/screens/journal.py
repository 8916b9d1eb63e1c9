"""6 Journal: what operators did, and undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType

from engine.views import OperationView
from seqconsole.readings import AnyReading, Reading, ReadJournal
from seqconsole.screens.operation import OperationScreen
from seqconsole.screens.rows import RowsScreen
from seqconsole.state import Snapshot
from seqconsole.text import clock, count
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone

LATEST: Final = 500


@dataclass(frozen=True, slots=True)
class OperationRow:
    """An operation with its time as a clock text."""

    view: OperationView
    when: str

    @property
    def undone(self) -> str:
        """What an undo has to do with it."""
        if self.view.undone_by is not None:
            return f"undone by {self.view.undone_by}"
        return f"undoes {self.view.undoes}" if self.view.undoes is not None else ""


_COLUMNS: tuple[Column[OperationRow], ...] = (
    Column("id", "No", 6, lambda row: str(row.view.id), right=True, falling=True,
           order=lambda row: row.view.id, priority=3),
    Column("when", "When", 15, lambda row: row.when, order=lambda row: row.view.at, falling=True),
    Column("who", "Who", 12, lambda row: row.view.who, order=lambda row: row.view.who, priority=2),
    Column("verb", "Did", 10, lambda row: row.view.verb, order=lambda row: row.view.verb,
           priority=1),
    Column("n", "Rows", 6, lambda row: count(row.view.n), right=True, falling=True, priority=4,
           order=lambda row: row.view.n),
    Column("summary", "What", 20, lambda row: row.view.summary, flex=True, priority=1,
           order=lambda row: row.view.summary),
    Column("undone", "Undo", 12, lambda row: row.undone, priority=5, order=lambda row: row.undone or None,
           tone=lambda row: Tone.MUTED),
    Column("reason", "Reason", 12, lambda row: row.view.reason or "", flex=True, priority=6,
           from_width=110, order=lambda row: row.view.reason),
)  # fmt: skip


class JournalScreen(RowsScreen[OperationRow]):
    """The operations, newest first."""

    VIEW = "6"
    NAME = "Journal"
    KEEPS_FILTER = True
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = _COLUMNS
    NOUN = "operations"
    EMPTY = "Nobody has changed anything by hand."
    SORT = "id"
    REVERSE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "repair", "Undo this one"),
    ]

    def readings(self) -> Sequence[AnyReading]:
        """The latest operations."""
        return (self.asked,)

    @property
    def asked(self) -> Reading[OperationView]:
        """Which operations."""
        return ReadJournal(LATEST)

    def key(self, row: OperationRow) -> int:
        """An operation's number."""
        return row.view.id

    def rows(self, snapshot: Snapshot) -> Sequence[OperationRow] | None:
        """The operations."""
        found = snapshot.rows_of(self.asked)
        if found is None:
            return None
        return [OperationRow(view, clock(view.at, snapshot.now)) for view in found]

    def fields(self, row: OperationRow) -> Mapping[str, str]:
        """What a filter searches."""
        view = row.view
        return {
            "who": view.who,
            "verb": view.verb,
            "what": view.summary,
            "reason": view.reason or "",
            "undone": row.undone,
            "no": str(view.id),
        }

    def why_not(self, action: str) -> str:
        """What can not be undone."""
        if action in {"repair", "copy"} and self.row is None:
            return "no operation under the cursor"
        if action == "repair" and self.row is not None and self.row.view.undone_by is not None:
            return f"operation {self.row.view.id} is undone already"
        return ""

    def moved(self) -> None:
        """Another operation may or may not be undone."""
        self.refresh_bindings()

    def copied(self) -> str:
        """The operation's number."""
        return str(self.row.view.id) if self.row else ""

    def open_row(self, row: OperationRow) -> None:
        """The operation in full, with the rows that it changed."""
        self.console.push_screen(OperationScreen(self.view, row.view))

    def action_repair(self) -> None:
        """Undo the operation under the cursor, after a question."""
        if self.row is not None:
            self.console.actions.undo(self.row.view.id)
