"""Drawing of the grid's lines as strips, kept until something they show has changed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from seqconsole.text import harmless
from seqconsole.widgets.cells import cut, fit, shortened
from seqconsole.widgets.columns import GUTTER, Column, Placed, Row, gap_at, place
from seqconsole.widgets.tones import Tone

_MOST_KEPT = 2048
_LONGEST_CELL = 500


@dataclass(frozen=True, slots=True)
class Look:
    """The styles a grid is drawn with, taken from its component classes."""

    base: Style
    header: Style
    sorted: Style
    cursor: Style
    marked: Style
    tones: Mapping[Tone, Style]


Cells = list[tuple[str, Tone]]


@dataclass(frozen=True, slots=True)
class _Drawn:
    cells: Cells
    under: bool
    marked: bool
    strip: Strip


class GridDrawing(Generic[Row]):
    """The strips of one grid at one width; a row is drawn again only when its cells say something else."""

    def __init__(self, columns: Sequence[Column[Row]]) -> None:
        self._columns = tuple(columns)
        self._drawn: dict[Hashable, _Drawn] = {}
        self.width = 0
        self.placed: tuple[Placed[Row], ...] = ()

    def set_width(self, width: int) -> None:
        """Place the columns for a width in cells."""
        if width != self.width:
            self.width = width
            self.placed = place(self._columns, width)
            self._drawn.clear()

    def forget(self) -> None:
        """Draw everything again, as after a change of theme or focus."""
        self._drawn.clear()

    def header(self, look: Look, sort_column: str | None, reverse: bool) -> Strip:
        """The labels, with an arrow at the column that sorts."""
        head = look.base + look.header
        segments = [Segment(" " * GUTTER, head)]
        gap = " " * gap_at(self.width)
        for each in self.placed:
            column = each.column
            sorts = column.key == sort_column
            label = column.label
            if sorts:
                # The arrow is worth the label's last letter.
                label = shortened(label, each.width - 1) + ("▼" if reverse else "▲")
            text = fit(label, each.width, column.right)
            segments.append(Segment(text, head + look.sorted if sorts else head))
            segments.append(Segment(gap, head))
        return Strip(segments).adjust_cell_length(self.width, head)

    def row(self, look: Look, key: Hashable, row: Row, under: bool, marked: bool) -> Strip:
        """The line of a row, `under` the cursor or not, marked or not."""
        kept = self._drawn.get(key)
        cells = self._cells(row)
        if (
            kept is not None
            and kept.under is under
            and kept.marked is marked
            and kept.cells == cells
        ):
            return kept.strip
        strip = self._draw(look, cells, under, marked)
        if len(self._drawn) >= _MOST_KEPT:
            self._drawn.clear()
        self._drawn[key] = _Drawn(cells, under, marked, strip)
        return strip

    def changed(self, key: Hashable, row: Row) -> list[tuple[int, int]]:
        """Where the line of a row says something else than was drawn: first cell and width of each place."""
        kept = self._drawn.get(key)
        if kept is None:
            return [(0, self.width)]
        cells = self._cells(row)
        if kept.cells == cells:
            return []
        return [
            (each.x, each.width)
            for each, was, now in zip(self.placed, kept.cells, cells, strict=True)
            if was != now
        ]

    def _cells(self, row: Row) -> Cells:
        return [cell_of(each.column, row) for each in self.placed]

    def _draw(self, look: Look, cells: Cells, under: bool, marked: bool) -> Strip:
        line = look.base
        if marked:
            line += look.marked
        if under:
            line += look.cursor
        toned = not (under and look.cursor.reverse)
        accent = line + look.tones[Tone.ACCENT] if toned else line
        pieces = [("›" if under else " ", line), ("● " if marked else "  ", accent)]
        x = GUTTER
        for each, (text, tone) in zip(self.placed, cells, strict=True):
            style = line + look.tones[tone] if toned and tone is not Tone.PLAIN else line
            pieces += (" " * (each.x - x), line), (fit(text, each.width, each.column.right), style)
            x = each.x + each.width
        if x > self.width:
            return Strip(_joined(pieces)).adjust_cell_length(self.width, line)
        return Strip(_joined([*pieces, (" " * (self.width - x), line)]), self.width)

    def message(self, look: Look, text: str, tone: Tone) -> Strip:
        """A line that is no row: loading, nothing to show, or a failure."""
        line = cut(harmless(text, _LONGEST_CELL), max(0, self.width - GUTTER))
        segments = [Segment(" " * GUTTER, look.base), Segment(line, look.base + look.tones[tone])]
        return Strip(segments).adjust_cell_length(self.width, look.base)

    def blank(self, look: Look) -> Strip:
        """A line below the last row."""
        return Strip.blank(self.width, look.base)


def _joined(pieces: Sequence[tuple[str, Style]]) -> list[Segment]:
    """One segment for neighbours of one style: each costs time in every layer down to the terminal."""
    segments: list[Segment] = []
    text, style = pieces[0]
    for more, its in pieces[1:]:
        if its == style or not more:
            text += more
        else:
            segments.append(Segment(text, style))
            text, style = more, its
    return [*segments, Segment(text, style)]


def cell_of(column: Column[Row], row: Row) -> tuple[str, Tone]:
    """What a cell says and means; a row its column cannot read is shown as such, in its place."""
    try:
        text = harmless(column.text(row), _LONGEST_CELL)
        return text, column.tone(row) if column.tone is not None else Tone.PLAIN
    except Exception as error:
        # An exception in render_line ends the whole app.
        return f"× {type(error).__name__}", Tone.BAD
