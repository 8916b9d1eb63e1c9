"""One operation: who did what and why, and each row that it changed, before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.operations.journal_export import ChangedRow
from engine.views import OperationView
from seqconsole.cli.journal_file import without_phones
from seqconsole.readings import AnyReading, ReadOperation
from seqconsole.screens.panel import Panel, PanelLine
from seqconsole.screens.rows import RowsScreen
from seqconsole.state import Snapshot
from seqconsole.text import NOTHING, clock, count, harmless
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone

LISTED: Final = 500
_ADDED, _REMOVED = "added", "removed, kept whole in the journal"


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A row of a table and what became of it in words; phones in it are masked unless `wide`."""

    place: int
    rel: str
    id: str
    change: str


def change_rows(rows: Sequence[ChangedRow], wide: bool) -> list[ChangeRow]:
    """The rows in words. Pure."""

    def shown(value: Any) -> Any:
        return value if wide else without_phones(value)

    made = []
    for place, each in enumerate(rows):
        before, after = _image(each.before), _image(each.after)
        text = changed(shown(before), shown(after))
        made.append(
            ChangeRow(place, each.rel.removeprefix("seqconsole."), shown(each.row_id), text)
        )
    return made


def _image(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def changed(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    """What differs between two images of a row."""
    if before is None or after is None:
        image = after or before or {}
        facts = ", ".join(
            f"{name} {_word(value)}" for name, value in image.items() if value is not None
        )
        return f"{_ADDED if before is None else _REMOVED}: {facts}"
    differing = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        ", ".join(
            f"{name} {_word(before.get(name))} -> {_word(after.get(name))}" for name in differing
        )
        or "as it was"
    )


def _word(value: Any) -> str:
    if value is None:
        return NOTHING
    return harmless(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), 60)


_COLUMNS: tuple[Column[ChangeRow], ...] = (
    Column("rel", "Table", 18, lambda row: row.rel, priority=1, order=lambda row: (row.rel, row.place)),
    Column("id", "Row", 12, lambda row: row.id, priority=2, order=lambda row: row.id),
    Column("change", "What became of it", 30, lambda row: row.change, flex=True, priority=1),
)  # fmt: skip


class OperationScreen(RowsScreen[ChangeRow]):
    """An operation in full; the row under the cursor in full below."""

    VIEW = "6"
    NAME = "Operation"
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = _COLUMNS
    NOUN = "rows"
    EMPTY = "It changed no row."
    SORT = "rel"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "repair", "Undo this one")]

    def __init__(self, view: str, operation: OperationView) -> None:
        super().__init__()
        self._view = view
        self._operation = operation
        self._reading = ReadOperation(operation.id, LISTED)

    @property
    def view(self) -> str:
        """It belongs to the view it was opened from."""
        return self._view

    def readings(self) -> Sequence[AnyReading]:
        """Its rows."""
        return (self._reading,)

    def key(self, row: ChangeRow) -> int:
        """A row's place."""
        return row.place

    def rows(self, snapshot: Snapshot) -> Sequence[ChangeRow] | None:
        """Its rows."""
        found = snapshot.rows_of(self._reading)
        return None if found is None else change_rows(found, self.console.wide)

    def compose_head(self) -> ComposeResult:
        """The operation in full."""
        yield Panel(id="head")

    def compose_foot(self) -> ComposeResult:
        """The row under the cursor in full."""
        yield Panel(id="whole")

    def shown(self, snapshot: Snapshot) -> None:
        """Who, when, what, why."""
        done = self._operation
        lines: list[PanelLine] = [
            [(f"{done.id}  {done.verb}", Tone.STRONG),
             (f"  {done.who}, {clock(done.at, snapshot.now)}", Tone.MUTED)]
        ]  # fmt: skip
        lines += self._wrapped(done.summary, 4, Tone.PLAIN)
        if done.reason:
            lines += self._wrapped(f"Why: {done.reason}", 2, Tone.PLAIN)
        if done.undone_by is not None:
            lines.append([(f"Undone by operation {done.undone_by}", Tone.WARN)])
        self.query_one("#head", Panel).show(lines)
        self.moved()

    def _wrapped(self, text: str, most: int, tone: Tone) -> list[PanelLine]:
        lines = wrap(harmless(text, 1000), max(20, self.size.width - 2))
        return [[(line, tone)] for line in lines[:most]]

    def moved(self) -> None:
        """Another row in full."""
        text = f"{self.row.rel} {self.row.id}: {self.row.change}" if self.row else ""
        self.query_one("#whole", Panel).show(self._wrapped(text, 5, Tone.MUTED))

    def note(self) -> str:
        """How many rows there are beyond those listed."""
        more = self.grid.total >= LISTED
        return f"the first {count(LISTED)}: seqconsole journal --export has all" if more else ""

    def fields(self, row: ChangeRow) -> Mapping[str, str]:
        """What a filter searches."""
        return {"table": row.rel, "row": row.id, "what": row.change}

    def why_not(self, action: str) -> str:
        """What can not be undone."""
        if action == "repair" and self._operation.undone_by is not None:
            return f"operation {self._operation.id} is undone already"
        return ""

    def copied(self) -> str:
        """The row's id, else the operation's number."""
        return self.row.id if self.row else str(self._operation.id)

    def action_repair(self) -> None:
        """Undo this operation, after a question."""
        self.console.actions.undo(self._operation.id)
