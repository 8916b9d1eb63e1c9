"""Columns of the grid: fixed widths, sets that grow with the terminal, flexing ones. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from seqconsole.widgets.tones import Tone

Row = TypeVar("Row")

GUTTER = 3
"""Cells before the first column: the cursor, the mark and a space."""


# With slots, `Column[Device](...)` raises TypeError on Python 3.11.
@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column: what it says about a row, how it sorts and when there is room for it.

    `width` is in cells; a flexing column takes what is left, up to `most`; of several the first
    one grows first. Lower `priority` is kept longer.
    `from_width` is the least grid width in cells (80, 110, 160, 250) at which it is considered.
    `falling` sorts the largest first on the first press. `order` None cannot be sorted by;
    a row whose order is None comes last both ways.
    """

    key: str
    label: str
    width: int
    text: Callable[[Row], str]
    order: Callable[[Row], Any] | None = None
    right: bool = False
    tone: Callable[[Row], Tone] | None = None
    priority: int = 0
    from_width: int = 0
    flex: bool = False
    most: int = 1000
    falling: bool = False


@dataclass(frozen=True, slots=True)
class Placed(Generic[Row]):
    """A column with the place it has at the present width, in cells."""

    column: Column[Row]
    x: int
    width: int


def gap_at(width: int) -> int:
    """The cells between two columns at a width of the grid."""
    return 1 if width < 110 else 2


def place(columns: Sequence[Column[Row]], width: int) -> tuple[Placed[Row], ...]:
    """The columns that fit a width, in their order; flexing ones take what is left."""
    gap = gap_at(width)
    chosen = _chosen(columns, width, gap)
    taken = GUTTER + sum(column.width for column in chosen) + gap * max(0, len(chosen) - 1)
    spare = max(0, width - taken - 1)
    placed: list[Placed[Row]] = []
    x = GUTTER
    for column in chosen:
        wide = column.width
        if column.flex:
            more = max(0, min(spare, column.most - wide))
            wide, spare = wide + more, spare - more
        wide = max(1, min(wide, width - x))
        placed.append(Placed(column, x, wide))
        x += wide + gap
    return tuple(placed)


def _chosen(columns: Sequence[Column[Row]], width: int, gap: int) -> list[Column[Row]]:
    """The columns considered at this width, taken by priority until one does not fit."""
    left = width - GUTTER + gap
    kept: set[str] = set()
    for column in sorted(columns, key=lambda each: each.priority):
        if width < column.from_width:
            continue
        left -= column.width + gap
        if left < 0 and kept:
            break
        kept.add(column.key)
    return [column for column in columns if column.key in kept]


def column_at(placed: Sequence[Placed[Row]], x: int) -> Column[Row] | None:
    """The column drawn at a cell of a line, its gap to the right included."""
    found: Column[Row] | None = None
    for each in placed:
        if each.x <= x:
            found = each.column
    return found
