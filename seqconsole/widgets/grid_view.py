"""What a grid shows: the rows in view, the header, or what there is to say instead of rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from enum import StrEnum
from typing import Any, ClassVar, Generic

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from seqconsole.widgets.columns import Column, Row
from seqconsole.widgets.grid_drawing import GridDrawing, Look
from seqconsole.widgets.grid_marks import Marks
from seqconsole.widgets.grid_rows import GridRows
from seqconsole.widgets.tones import TONE_CLASSES, Tone, component_style, tone_css

Line = tuple[Hashable, bool, bool]
"""The key of a row, whether it is under the cursor, whether it is marked."""


class GridState(StrEnum):
    """What a grid can say: no data yet, data, or that it could not be read."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


class GridView(ScrollView, Generic[Row], can_focus=True):
    """What a grid shows and where its view stands; `Grid` adds what changes it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = TONE_CLASSES | {
        "grid--header",
        "grid--sorted",
        "grid--cursor",
        "grid--marked",
    }
    DEFAULT_CSS = """
    GridView {
        height: 1fr; width: 1fr; overflow-x: hidden; overflow-y: auto;
        scrollbar-size-vertical: 1; background: $background; color: $foreground;
        scrollbar-background: $background; scrollbar-color: $panel-lighten-2;
    }
    GridView > .grid--header { background: $panel; color: $foreground-muted; }
    GridView > .grid--sorted { color: $foreground; text-style: bold; }
    GridView > .grid--cursor { background: $panel; text-style: bold; }
    GridView:focus > .grid--cursor { background: $primary-muted; text-style: bold; }
    GridView > .grid--marked { text-style: bold; }
    GridView:ansi > .grid--header { color: ansi_default; text-style: underline; }
    GridView:ansi > .grid--cursor { background: ansi_default; text-style: bold; }
    GridView:ansi:focus > .grid--cursor { background: ansi_default; text-style: bold reverse; }
    """ + tone_css("GridView")

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], Any],
        *,
        noun: str = "rows",
        empty: str | None = None,
        sort: str | None = None,
        reverse: bool = False,
        clock: Callable[[], float] = time.monotonic,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.columns = tuple(columns)
        self.state = GridState.LOADING
        self.noun = noun
        self._empty = empty or f"No {noun}."
        self._failure = ""
        self._clock = clock
        self._cursor = 0
        self._marks = Marks()
        self._rows: GridRows[Row] = GridRows(columns, key)
        self._rows.sort_column, self._rows.sort_reverse = sort, reverse
        self._drawing: GridDrawing[Row] = GridDrawing(columns)
        self._look: Look | None = None
        self._filter_text = ""
        self._waits_for_order = False

    # What the screen reads.

    @property
    def shown_rows(self) -> Sequence[Row]:
        """The rows that pass the filter, in the order shown."""
        return self._rows.shown

    @property
    def matching_rows(self) -> Sequence[Row]:
        """The rows that pass the filter, also those that a folded line stands for."""
        return self._rows.matching

    @property
    def total(self) -> int:
        """How many rows the last snapshot has, filtered out or not."""
        return self._rows.total

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor."""
        rows = self._rows.shown
        return rows[self._cursor] if 0 <= self._cursor < len(rows) else None

    @property
    def cursor_key(self) -> Hashable | None:
        """The key of the row under the cursor."""
        row = self.cursor_row
        return None if row is None else self._rows.key(row)

    @property
    def marked(self) -> frozenset[Hashable]:
        """The marked keys, an open span included, also those the filter hides."""
        return frozenset(self._marks.keys | self._span_keys())

    @property
    def spans(self) -> bool:
        """Whether a span is open, from where `v` was pressed to the cursor."""
        return self._marks.anchor is not None

    @property
    def sort_column(self) -> str | None:
        """The key of the column that sorts."""
        return self._rows.sort_column

    @property
    def sort_reverse(self) -> bool:
        """Whether the largest comes first."""
        return self._rows.sort_reverse

    @property
    def page(self) -> int:
        """How many rows are in view."""
        return max(1, self.size.height - 1 - self._foot)

    def _lines(self) -> list[Line]:
        top, key = self._top, self._rows.key
        return [
            (key(row), at == self._cursor, self._is_marked(at, row))
            for at, row in enumerate(self._rows.shown[top : top + self.page], top)
        ]

    def _span_places(self) -> range:
        start = self._rows.place_of(self._marks.anchor) if self.spans else None
        if start is None:
            return range(0)
        return range(min(start, self._cursor), max(start, self._cursor) + 1)

    def _span_keys(self) -> set[Hashable]:
        rows, behind = self._rows.shown, self._rows.behind
        return {key for at in self._span_places() if at < len(rows) for key in behind(rows[at])}

    def _is_marked(self, at: int, row: Row) -> bool:
        """Whether a line is drawn as marked: it is, or all that it stands for, or a span holds it."""
        marked = self._marks.keys
        if at in self._span_places():
            return True
        return bool(marked) and all(key in marked for key in self._rows.behind(row))

    # Where the view stands.

    @property
    def _top(self) -> int:
        return int(self.scroll_y)

    @property
    def _foot(self) -> int:
        return 1 if self.state is GridState.FAILED and self._rows.shown else 0

    def _fit_height(self) -> None:
        size = Size(self.size.width, len(self._rows.shown) + 1 + self._foot)
        if size != self.virtual_size:
            self.virtual_size = size

    def _scroll(self, top: int) -> None:
        last = max(0, len(self._rows.shown) - self.page)
        top = max(0, min(top, last))
        if top != self._top:
            self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def _reveal(self) -> None:
        top = self._top
        if self._cursor < top:
            self._scroll(self._cursor)
        elif self._cursor >= top + self.page:
            self._scroll(self._cursor - self.page + 1)

    def _refresh_row(self, place: int) -> None:
        y = place - self._top + 1
        if 1 <= y <= self.page:
            self.refresh(Region(0, y, self.size.width, 1))

    # Drawing.

    def notify_style_update(self) -> None:
        """Styles changed: draw everything with the new ones."""
        self._look = None
        self._drawing.forget()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """One line of the view: the header, a row, or what there is to say instead of rows."""
        self._drawing.set_width(self.size.width)
        look = self._look or self._new_look()
        if y == 0:
            return self._drawing.header(look, self.sort_column, self.sort_reverse)
        rows = self._rows.shown
        if self._foot and y == self.size.height - 1:
            return self._drawing.message(look, f"× {self._failure}", Tone.BAD)
        at = self._top + y - 1
        if at < len(rows):
            row = rows[at]
            key = self._rows.key(row)
            marked = self._is_marked(at, row)
            return self._drawing.row(look, key, row, at == self._cursor, marked)
        if not rows and y == 2:
            return self._drawing.message(look, *self._instead())
        return self._drawing.blank(look)

    def _instead(self) -> tuple[str, Tone]:
        if self.state is GridState.LOADING:
            return f"Loading {self.noun}…", Tone.MUTED
        if self.state is GridState.FAILED:
            return f"× {self._failure}", Tone.BAD
        if self._filter_text:
            text = f"No {self.noun} match /{self._filter_text} · esc clears the filter"
            return text, Tone.MUTED
        return self._empty, Tone.MUTED

    def _new_look(self) -> Look:
        def style(name: str) -> Style:
            return component_style(self, name)

        tones: dict[Tone, Style] = {Tone.PLAIN: Style.null()}
        tones.update((tone, style(tone)) for tone in Tone if tone is not Tone.PLAIN)
        self._look = Look(
            base=self.rich_style,
            header=style("grid--header"),
            sorted=style("grid--sorted"),
            cursor=style("grid--cursor"),
            marked=style("grid--marked"),
            tones=tones,
        )
        return self._look

    def on_resize(self, event: events.Resize) -> None:
        """The columns are placed anew and the cursor stays in view."""
        self._drawing.set_width(self.size.width)
        self._fit_height()
        self.call_after_refresh(self._reveal)
