"""The pure pieces under the widgets: widths, columns, rows and marks."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from seqconsole.widgets.ascii_only import AsciiOnly
from seqconsole.widgets.cells import bar, cut, fit, sparkline
from seqconsole.widgets.columns import GUTTER, Column, column_at, gap_at, place
from seqconsole.widgets.grid_drawing import GridDrawing, Look
from seqconsole.widgets.grid_marks import Marks
from seqconsole.widgets.grid_rows import GridRows
from seqconsole.widgets.tones import Tone, fit_pieces
from tests.widgets.fleet import COLUMNS, Device, fleet

WORDS = st.text(st.sampled_from("ab陈 é👩…"), max_size=30)


@given(WORDS, st.integers(0, 40), st.booleans())
def test_a_fitted_text_is_exactly_as_wide_as_asked(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(text, width, right)) == width
    assert cell_len(cut(text, width)) <= width
    if cell_len(text) <= width:
        assert cut(text, width) == text


@given(st.lists(WORDS, max_size=6), st.integers(0, 60))
def test_fitted_pieces_never_overflow(texts: list[str], width: int) -> None:
    fitted = fit_pieces([(text, Tone.PLAIN) for text in texts], width)
    assert sum(cell_len(text) for text, _ in fitted) <= width
    whole = "".join(texts)
    if cell_len(whole) <= width:
        assert "".join(text for text, _ in fitted) == whole
    elif width > 0:
        assert "".join(text for text, _ in fitted).endswith("…")


@pytest.mark.parametrize(
    ("n", "drawn"),
    [(0, "▯▯▯▯▯▯▯▯"), (1, "▮▯▯▯▯▯▯▯"), (40, "▮▮▮▮▯▯▯▯"), (79, "▮▮▮▮▮▮▮▯"), (80, "▮▮▮▮▮▮▮▮"),
     (93, "▮▮▮▮▮▮▮▮"), (-1, "▯▯▯▯▯▯▯▯")],
)  # fmt: skip
def test_a_bar_is_full_only_at_the_limit(n: int, drawn: str) -> None:
    assert bar(n, 80, 8) == drawn


def test_bars_and_sparklines_at_the_edges() -> None:
    assert (bar(5, 0, 3), bar(5, 5, 0)) == ("▯▯▯", "")
    assert sparkline([]) == ""
    assert sparkline([0, 0]) == "··"
    assert sparkline([0, 1, 4, 8]) == "·▂▅█"
    assert sparkline([1, 2, 3, 8], 2) == "▄█"


@given(st.integers(1, 260))
def test_columns_never_need_more_than_the_width(width: int) -> None:
    placed = place(COLUMNS, width)
    assert placed
    assert placed[0].x == GUTTER
    for one, other in pairwise(placed):
        assert one.x + one.width + gap_at(width) == other.x
    assert placed[-1].x + placed[-1].width <= max(width, GUTTER + 1)


@given(st.integers(30, 109), st.integers(0, 50))
def test_a_wider_terminal_shows_at_least_the_same_columns(width: int, more: int) -> None:
    narrow = {each.column.key for each in place(COLUMNS, width)}
    wide = {each.column.key for each in place(COLUMNS, min(109, width + more))}
    assert narrow <= wide


def test_flexing_columns_grow_one_after_the_other() -> None:
    columns = (
        Column[str]("a", "A", 5, str, flex=True, most=9),
        Column[str]("b", "B", 5, str),
        Column[str]("c", "C", 5, str, flex=True),
    )
    assert [each.width for each in place(columns, 23)] == [7, 5, 5]
    assert [each.width for each in place(columns, 50)] == [9, 5, 30]
    placed = place(columns, 50)
    assert column_at(placed, 1) is None
    assert [column_at(placed, x) for x in (3, 12, 13, 49)] == [
        columns[0], columns[0], columns[1], columns[2],
    ]  # fmt: skip


def _rows(sort: str | None = None) -> GridRows[Device]:
    rows = GridRows(COLUMNS, lambda row: row.id)
    rows.sort_column = sort
    return rows


@given(
    st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(0, 3)), max_size=12,
             unique_by=lambda pair: pair[0]),
    st.booleans(),
)  # fmt: skip
def test_sorting_is_total_and_stable(pairs: list[tuple[int, int | None]], reverse: bool) -> None:
    rows = _rows()
    devices = [Device(at, "x", queue=queue) for at, queue in pairs]
    rows.take(devices, 0)
    rows.sort_by("queue", reverse, 0)
    once = [row.id for row in rows.shown]
    rows.take(list(reversed(devices)), 100)
    assert [row.id for row in rows.shown] == once
    assert sorted(once) == sorted(at for at, _ in pairs)
    known = [row.queue for row in rows.shown if row.queue is not None]
    assert known == sorted(known, reverse=reverse)
    assert [row.queue for row in rows.shown[len(known) :]] == [None] * (len(devices) - len(known))
    assert [rows.place_of(at) for at in once] == list(range(len(once)))


@given(st.lists(st.tuples(st.integers(0, 4), st.lists(st.integers(0, 8), unique=True))))
def test_while_the_operator_moves_rows_keep_their_order(
    steps: list[tuple[int, list[int]]],
) -> None:
    rows, now = _rows("queue"), 0.0
    everyone = fleet(9)
    rows.take(everyone, now)
    ordered_at = 0.0
    for wait, ids in steps:
        now += wait
        before = [row.id for row in rows.shown]
        rows.touch(now)
        rows.take([replace(everyone[at], queue=-at) for at in ids], now)
        after = [row.id for row in rows.shown]
        assert set(after) == set(ids)
        if now - ordered_at < 5 and before:
            assert [at for at in after if at in before] == [at for at in before if at in after]
            assert rows.stale_order
        else:
            assert after == sorted(ids, reverse=True)
            ordered_at = now


def test_marks_forget_what_is_gone() -> None:
    marks = Marks()
    marks.add([1, 2, 3])
    marks.flip(2)
    assert marks.keys == {1, 3}
    assert not marks.keep({1, 2, 3}.__contains__)
    assert marks.keep({1}.__contains__)
    assert marks.keys == {1}
    marks.anchor = 7
    assert marks.keep({1}.__contains__)
    assert marks.anchor is None
    assert marks.clear()
    assert not marks.clear()


def test_ascii_swaps_each_glyph_by_one_plain_character() -> None:
    glyphs = "●○◐◆‖›»√×▲▼▶▮▯▁▂▃▄▅▆▇█…·─│┌┐└┘═←→—"
    [plain, same] = AsciiOnly().apply([Segment(glyphs), Segment("plain")], Color(0, 0, 0))
    assert plain.text.isascii()
    assert len(plain.text) == len(glyphs) == cell_len(glyphs)
    assert same.text == "plain"


def test_a_header_keeps_its_arrow_when_the_label_is_as_wide_as_the_column() -> None:
    drawing = GridDrawing((Column[str]("sent", "Sent/h", 6, str, right=True),))
    drawing.set_width(12)
    plain = Look(*([Style.null()] * 5), tones={})
    assert drawing.header(plain, "sent", True).text == "   Sent/▼   "
    assert drawing.header(plain, None, True).text == "   Sent/h   "
