"""The live grid: thousands of rows at one snapshot a second, only changed lines drawn again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from textual import events
from textual.geometry import Region

from seqconsole.widgets.columns import GUTTER, Row, column_at
from seqconsole.widgets.grid_keys import GRID_BINDINGS
from seqconsole.widgets.grid_messages import Moved, Opened, Refused, SelectionChanged, Sorted
from seqconsole.widgets.grid_rows import IDLE_SECONDS, Arrangement
from seqconsole.widgets.grid_view import GridState, GridView, Line


class Grid(GridView[Row], inherit_bindings=False):
    """A table of rows told apart by key: cursor and marks stay with the key (STYLE 3.1).

    `noun` is what the rows are called ("devices"). `clock` gives seconds that only grow.
    """

    BINDINGS = GRID_BINDINGS

    Moved = Moved
    Opened = Opened
    SelectionChanged = SelectionChanged
    Sorted = Sorted

    # What the screen does.

    def show(self, rows: Sequence[Row]) -> int:
        """Show a new snapshot; cursor, its line on the screen and marks stay with their rows.

        Answers how many lines are drawn again.
        """
        now = self._clock()
        settled = self.state is GridState.READY
        self.state = GridState.READY
        drawn = self._change(lambda: self._rows.take(rows, now), redraw=not settled)
        if self._marks.keys or self._marks.anchor is not None:
            self._forget_gone()
        if self._rows.stale_order and not self._waits_for_order:
            self._waits_for_order = True
            self.set_timer(IDLE_SECONDS, self._let_order_in)
        return drawn

    def fail(self, text: str) -> None:
        """Say that the rows could not be read; rows shown before stay."""
        if self.state is not GridState.FAILED or self._failure != text:
            self.state, self._failure = GridState.FAILED, text
            self._fit_height()
            self.refresh()

    def filter_by(self, matches: Callable[[Row], bool] | None, text: str = "") -> None:
        """Show only rows that match; without one all of them. A row that is gone: to the top."""
        self._filter_text = text if matches is not None else ""
        now = self._clock()
        self._change(lambda: self._rows.filter_by(matches, now), gone_to_top=True, redraw=True)

    def sort_by(self, column: str | None, reverse: bool = False) -> None:
        """Sort by a column; ties by key."""
        now = self._clock()
        self._change(lambda: self._rows.sort_by(column, reverse, now), redraw=True)

    def arrange_by(self, arrangement: Arrangement[Row] | None) -> None:
        """Show lines that stand for several rows; again after one was folded or unfolded."""
        self._rows.arrangement = arrangement
        now = self._clock()
        self._change(lambda: self._rows.reorder(now), redraw=True)

    def move_to(self, key: Hashable) -> bool:
        """Put the cursor on a row; whether it is shown."""
        at = self._rows.place_of(key)
        if at is not None:
            self._go(at)
        return at is not None

    def clear_marks(self) -> bool:
        """Unmark everything; whether anything was marked."""
        had = self._marks.clear()
        if had:
            self._marks_changed()
        return had

    def hold_order(self) -> None:
        """Keep every row in its place, as under an open dialog; undone by `release_order`."""
        self._rows.hold()

    def release_order(self) -> None:
        """Undo one `hold_order`; the last one lets waiting changes in."""
        now = self._clock()
        self._change(lambda: self._rows.release(now))

    # How a change keeps its place.

    def _change(
        self, act: Callable[[], None], *, gone_to_top: bool = False, redraw: bool = False
    ) -> int:
        held, line = self.cursor_key, self._cursor - self._top
        in_view = 0 <= line < self.page
        old = self._lines()
        act()
        at = self._rows.place_of(held)
        if at is None:
            at = 0 if gone_to_top else min(self._cursor, len(self._rows.shown) - 1)
        self._cursor = max(0, at)
        self._fit_height()
        if in_view:
            self._scroll(self._cursor - line)
            self._reveal()
        else:
            self._scroll(self._top)
        if self.cursor_key != held:
            self.post_message(Moved(self, self.cursor_key))
        new = self._lines()
        if redraw or len(new) != len(old) or not new:
            self.refresh()
            return len(new)
        return self._refresh_changed(old, new)

    def _refresh_changed(self, old: list[Line], new: list[Line]) -> int:
        drawn = 0
        for y, (before, after) in enumerate(zip(old, new, strict=True), start=1):
            spans = [(0, self.size.width)]
            if before == after:  # the same row in the same look: only its cells
                spans = self._drawing.changed(after[0], self._rows.shown[self._top + y - 1])
            if spans:
                self.refresh(*(Region(x, y, width, 1) for x, width in spans))
                drawn += 1
        return drawn

    def _let_order_in(self) -> None:
        self._waits_for_order = False
        now = self._clock()
        if self._rows.is_due(now):
            self._change(lambda: self._rows.reorder(now))
        elif self._rows.stale_order:
            self._waits_for_order = True
            self.set_timer(IDLE_SECONDS, self._let_order_in)

    def _forget_gone(self) -> None:
        if self._marks.keep(self._rows.knows):
            self._marks_changed()

    def _go(self, at: int) -> None:
        old, self._cursor = self._cursor, max(0, min(at, len(self._rows.shown) - 1))
        self._rows.touch(self._clock())
        self._reveal()
        if self._cursor == old:
            return
        self.post_message(Moved(self, self.cursor_key))
        if self.spans:
            self._marks_changed()
            return
        for place in (old, self._cursor):
            self._refresh_row(place)

    def _marks_changed(self) -> None:
        self.post_message(SelectionChanged(self, len(self.marked)))
        self.refresh()

    # Keys and mouse.

    def action_cursor(self, step: int) -> None:
        """Move by rows."""
        self._go(self._cursor + step)

    def action_edge(self, at: int) -> None:
        """Move to the first row (0) or the last (-1)."""
        self._go(0 if at == 0 else len(self._rows.shown) - 1)

    def action_page(self, pages: int) -> None:
        """Move by pages, one row of the old page staying in view."""
        self._go(self._cursor + pages * max(1, self.page - 1))

    def action_open(self) -> None:
        """Ask for what is behind the row under the cursor."""
        key = self.cursor_key
        if key is None:
            self._refuse_without_rows()
        else:
            self.post_message(Opened(self, key))

    def _refuse_without_rows(self) -> None:
        what = (
            f"no {self.noun} match /{self._filter_text}"
            if self._filter_text
            else f"no {self.noun} here"
        )
        self.post_message(Refused(self, what))

    def action_mark(self) -> None:
        """Mark or unmark the row and go on; ends an open span."""
        row = self.cursor_row
        if row is None:
            self._refuse_without_rows()
            return
        if self.spans:
            self.action_span()
            return
        self._flip(row)
        self.post_message(SelectionChanged(self, len(self._marks.keys)))
        self._go(self._cursor + 1)

    def _flip(self, row: Row) -> None:
        """Mark what a line stands for, or unmark it where all of it is marked."""
        keys = self._rows.behind(row)
        if not all(key in self._marks.keys for key in keys):
            self._marks.add(keys)
        else:
            self._marks.keys.difference_update(keys)
        if len(keys) == 1:
            self._refresh_row(self._cursor)
        else:
            self.refresh()

    def action_span(self) -> None:
        """Open a span at the row under the cursor, or mark all from its start to here."""
        if self.spans:
            self._marks.add(self._span_keys())
            self._marks.anchor = None
        elif self.cursor_row is None:
            self._refuse_without_rows()
        else:
            self._marks.anchor = self.cursor_key
        self._marks_changed()

    def action_mark_all(self) -> None:
        """Mark every row that matches, in view or not."""
        if not self._rows.matching:
            self._refuse_without_rows()
            return
        self._marks.anchor = None
        self._marks.add(self._rows.keys())
        self._marks_changed()

    def action_mark_none(self) -> None:
        """Unmark everything."""
        if not self.clear_marks():
            self.post_message(Refused(self, "nothing is marked"))

    def action_sort(self, step: int) -> None:
        """Sort by the next or the previous column that can sort."""
        keys = [column.key for column in self.columns if column.order is not None]
        if not keys:
            self.post_message(Refused(self, f"these {self.noun} have one order"))
            return
        at = keys.index(self.sort_column) + step if self.sort_column in keys else 0
        self._sort_as_asked(keys[at % len(keys)])

    def action_reverse(self) -> None:
        """Turn the order round."""
        if self.sort_column is None:
            self.post_message(Refused(self, "no column sorts them yet: < or > chooses one"))
        else:
            self._sort_as_asked(self.sort_column)

    def _sort_as_asked(self, key: str) -> None:
        if key == self.sort_column:
            reverse = not self.sort_reverse
        else:
            reverse = next(column.falling for column in self.columns if column.key == key)
        self.sort_by(key, reverse)
        self.post_message(Sorted(self))

    def on_click(self, event: events.Click) -> None:
        """A click moves, in the first cells it marks, twice opens; on the header it sorts."""
        if event.y == 0:
            column = column_at(self._drawing.placed, event.x)
            if column is not None and column.order is not None:
                self._sort_as_asked(column.key)
            return
        at = self._top + event.y - 1
        if event.y > self.page or at >= len(self._rows.shown):
            return
        self._go(at)
        if event.x < GUTTER:
            self._flip(self._rows.shown[at])
            self._marks_changed()
        elif event.chain == 2:
            self.action_open()
