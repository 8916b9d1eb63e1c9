"""A screen that is a grid of rows with a filter: what all lists of the console share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Generic

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from seqconsole.exporting import as_csv, write_new
from seqconsole.filtering import Filter, parse
from seqconsole.memory import Remembered
from seqconsole.screens.base import BaseScreen
from seqconsole.state import Snapshot
from seqconsole.text import clock, count
from seqconsole.widgets.columns import Column, Row
from seqconsole.widgets.count_line import CountFacts, CountLine
from seqconsole.widgets.filter_bar import FilterBar
from seqconsole.widgets.grid import Grid
from seqconsole.widgets.grid_messages import Moved, Opened, Refused, SelectionChanged, Sorted


class RowsScreen(BaseScreen, Generic[Row]):
    """A grid over the whole body. A subclass says which rows, columns and keys.

    The order is remembered of every screen, the filter of those that are always about the same rows
    (`KEEPS_FILTER`).
    """

    COLUMNS: ClassVar[tuple[Column[Any], ...]] = ()
    NOUN: ClassVar[str] = "rows"
    EMPTY: ClassVar[str | None] = None
    SORT: ClassVar[str | None] = None
    REVERSE: ClassVar[bool] = False
    KEEPS_FILTER: ClassVar[bool] = False
    DEFAULT_CSS = """
    RowsScreen #beside { height: 1fr; width: 1fr; }
    RowsScreen.-old Grid { opacity: 60%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter"),
        Binding("ctrl+s", "export", "Save what is shown: CSV and picture", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.grid: Grid[Row] = Grid(
            self.COLUMNS,
            self.key,
            noun=self.NOUN,
            empty=self.EMPTY,
            sort=self.SORT,
            reverse=self.REVERSE,
        )
        self._at = ""
        self._latest: Sequence[Row] = ()

    # What a subclass says.

    @abstractmethod
    def key(self, row: Row) -> Any:
        """What tells rows apart."""

    @abstractmethod
    def rows(self, snapshot: Snapshot) -> Sequence[Row] | None:
        """The rows of a snapshot; None when it does not have them."""

    def failure(self, snapshot: Snapshot) -> str:
        """Why the rows could not be read; empty when they could."""
        return next(
            (snapshot.failures[each] for each in self.readings() if each in snapshot.failures), ""
        )

    @abstractmethod
    def fields(self, row: Row) -> Mapping[str, str]:
        """The texts that a filter searches, by their names."""

    def note(self) -> str:
        """The screen's own remark in the count line."""
        return ""

    def compose_head(self) -> ComposeResult:
        """What stands above the grid."""
        yield from ()

    def compose_side(self) -> ComposeResult:
        """What stands to the right of the grid."""
        yield from ()

    def compose_foot(self) -> ComposeResult:
        """What stands below the grid."""
        yield from ()

    def shown(self, snapshot: Snapshot) -> None:
        """The grid shows a snapshot: bring what stands beside it up to date."""

    def filtered(self, chosen: Filter) -> None:
        """Another filter holds: ask the database for other rows where that helps."""

    # The body.

    def compose_body(self) -> ComposeResult:
        """Head, grid and side, filter, count."""
        yield from self.compose_head()
        with Horizontal(id="beside"):
            yield self.grid
            yield from self.compose_side()
        yield from self.compose_foot()
        yield FilterBar()
        yield CountLine()

    def on_mount(self) -> None:
        """As the operator left it."""
        left = self.console.memory.of(self.NAME)
        if left.sort in {column.key for column in self.COLUMNS if column.order}:
            self.grid.sort_by(left.sort, left.reverse)
        if left.filter and self.KEEPS_FILTER:
            self.filter_by(left.filter)

    def remember(self) -> None:
        """Keep how the screen is now."""
        own = self.grid.sort_column == self.SORT and self.grid.sort_reverse is self.REVERSE
        sort = None if own else self.grid.sort_column
        reverse = not own and self.grid.sort_reverse
        text = self.query_one(FilterBar).chosen.text if self.KEEPS_FILTER else ""
        self.console.memory.keep(self.NAME, Remembered(text, sort, reverse, self.scope_name))

    @property
    def scope_name(self) -> str:
        """What the rows are grouped by; empty where they are not."""
        return ""

    def focus_body(self) -> None:
        """The grid gets the keys."""
        if self.grid.is_attached and not isinstance(self.focused, Input):
            self.set_focus(self.grid)

    def show(self, snapshot: Snapshot) -> bool:
        """Show the rows of a snapshot."""
        rows = self.rows(snapshot)
        failure = self.failure(snapshot)
        if rows is not None:
            had = self.grid.cursor_row is not None
            self._latest = rows
            self.grid.show(rows)
            self._at = clock(snapshot.now, snapshot.now)
            if had is (self.grid.cursor_row is None):
                self.refresh_bindings()
        elif failure:
            self.grid.fail(failure)
        self.shown(snapshot)
        self.count()
        return rows is not None or bool(failure)

    def count(self) -> None:
        """Bring the count line up to date."""
        if not self.is_mounted:
            return
        grid = self.grid
        labels = {column.key: column.label for column in grid.columns}
        self.query_one(CountLine).show(
            CountFacts(
                shown=len(grid.matching_rows),
                total=grid.total,
                sort=labels.get(grid.sort_column or "", "").lower(),
                reverse=grid.sort_reverse,
                marked=len(grid.marked),
                spans=grid.spans,
                filter_text=self.query_one(FilterBar).chosen.text,
                note=self.note(),
                at=self._at,
            )
        )

    # The row under the cursor, and the marked ones.

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.grid.cursor_row

    @property
    def place(self) -> int:
        """The place of the cursor among the rows shown."""
        held = self.grid.cursor_key
        rows = self.grid.shown_rows
        return next((at for at, row in enumerate(rows) if self.key(row) == held), 0)

    @property
    def has_chosen(self) -> bool:
        """Whether there is a row to act on."""
        return self.row is not None or bool(self.grid.marked)

    def chosen_rows(self) -> Sequence[Row]:
        """The marked rows, else the one under the cursor."""
        marked = self.grid.marked
        if marked:
            return [row for row in self._latest if self.key(row) in marked]
        return [] if self.row is None else [self.row]

    def action_export(self) -> None:
        """Write the rows that match, in their order, and a picture of the screen."""
        rows, snapshot = self.grid.matching_rows, self.console.snapshot
        if snapshot is None:
            return
        contents = {
            "csv": as_csv(self.COLUMNS, rows),
            "svg": self.console.export_screenshot(title="seqconsole"),
        }
        try:
            table, _ = write_new(self.console.options.exports, self.NAME, snapshot.now, contents)
        except OSError as error:
            self.console.say(f"Nothing saved: {error.strerror} ({error.filename})", bad=True)
        else:
            what = f"{count(len(rows))} {self.NOUN}"
            self.console.say(f"Saved {what} and a picture: {table}")

    # Filter.

    def action_filter(self) -> None:
        """Type a filter."""
        self.query_one(FilterBar).open()

    @property
    def is_filtered(self) -> bool:
        """Whether a filter chooses among the rows."""
        return bool(self.query_one(FilterBar).chosen)

    def keep_filter(self) -> None:
        """enter: the filter as typed holds, the grid gets the keys."""
        bar = self.query_one(FilterBar)
        self._apply(parse(bar.query_one(Input).value))
        bar.action_keep()
        self.remember()
        self.set_focus(self.grid)

    def drop_filter(self) -> None:
        """esc: no filter."""
        self.query_one(FilterBar).clear()
        self._apply(Filter())
        self.remember()
        self.set_focus(self.grid)

    def choose(self, text: str) -> None:
        """Filter by a text that another screen names."""
        self.query_one(FilterBar).set_text(text)
        self._apply(parse(text))

    def on_filter_bar_filtered(self, message: FilterBar.Filtered) -> None:
        """Another filter, also while it is typed."""
        self._apply(message.chosen)

    def _apply(self, chosen: Filter) -> None:
        matches = self._matcher(chosen) if chosen else None
        self.grid.filter_by(matches, chosen.text)
        self.filtered(chosen)
        self.refresh_bindings()
        self.count()

    def _matcher(self, chosen: Filter) -> Callable[[Row], bool]:
        fields = self.fields
        return lambda row: chosen.matches(fields(row))

    def clear_something(self) -> bool:
        """The filter, else the marks."""
        bar = self.query_one(FilterBar)
        if bar.has_class("-shown"):
            self.drop_filter()
            return True
        return self.grid.clear_marks()

    def filter_by(self, text: str) -> None:
        """Filter by a text that was not typed."""
        bar = self.query_one(FilterBar)
        bar.set_text(text)
        self._apply(bar.chosen)

    # The grid's messages.

    def on_moved(self, message: Moved) -> None:
        """Another row is under the cursor."""
        self.moved()

    def moved(self) -> None:
        """The cursor is on another row."""

    def on_opened(self, message: Opened) -> None:
        """enter on a row."""
        if self.row is not None:
            self.open_row(self.row)

    def open_row(self, row: Row) -> None:
        """Show what is behind a row."""
        self.console.say("Nothing more is behind this line.")

    def on_refused(self, message: Refused) -> None:
        """A key of the grid that can not act."""
        self.console.say(message.why[:1].upper() + message.why[1:], bad=True)

    def on_selection_changed(self, message: SelectionChanged) -> None:
        """Other marks."""
        self.count()

    def on_sorted(self, message: Sorted) -> None:
        """Another order."""
        self.count()
        self.remember()

    def hold_order(self) -> None:
        """Keep every row in its place while a question is open."""
        self.grid.hold_order()

    def release_order(self) -> None:
        """Undo `hold_order`."""
        self.grid.release_order()
