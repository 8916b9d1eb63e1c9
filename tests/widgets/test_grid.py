"""The live grid: cursor and marks stay with their rows, and only changed lines are drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seqconsole.widgets.grid import Grid
from seqconsole.widgets.grid_messages import Moved, Opened, SelectionChanged, Sorted
from tests.widgets.fleet import SIZES, Clock, Device, FleetApp, cursor_line, fleet, lines

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("size", SIZES)
async def test_cursor_and_its_line_stay_with_the_row_through_a_new_order(
    size: tuple[int, int],
) -> None:
    clock = Clock()
    app = FleetApp(clock, sort="queue", reverse=True)
    async with app.run_test(size=size) as pilot:
        app.grid.show(fleet(3000))
        await pilot.press("G", "pageup", "k", "k")
        await pilot.pause()
        key, y = app.grid.cursor_key, cursor_line(app.grid)
        clock.now += 10
        app.grid.show([replace(row, queue=(row.id * 31) % 977) for row in fleet(3000)])
        await pilot.pause()
        assert app.grid.cursor_key == key
        assert isinstance(key, int)
        at = [row.id for row in app.grid.shown_rows].index(key)
        top = min(max(0, at + 1 - y), 3000 - app.grid.page)
        assert cursor_line(app.grid) == at - top + 1
        queues = [row.queue or 0 for row in app.grid.shown_rows]
        assert queues == sorted(queues, reverse=True)


async def test_ties_come_by_key_both_ways_and_nothing_known_comes_last() -> None:
    app = FleetApp(Clock(), sort="queue")
    async with app.run_test(size=(80, 24)):
        rows = [Device(4, "d", queue=1), Device(3, "c", queue=None), Device(2, "b", queue=1),
                Device(1, "a", queue=5)]  # fmt: skip
        app.grid.show(rows)
        assert [row.id for row in app.grid.shown_rows] == [2, 4, 1, 3]
        app.grid.sort_by("queue", reverse=True)
        assert [row.id for row in app.grid.shown_rows] == [1, 2, 4, 3]


@pytest.mark.parametrize("size", SIZES)
async def test_only_changed_lines_are_drawn_again(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = FleetApp(Clock())
    async with app.run_test(size=size) as pilot:
        rows = fleet(3000)
        app.grid.show(rows)
        await pilot.pause()
        asked: list[int] = []
        draw = Grid.render_line

        def counted(grid: Grid[Device], y: int) -> object:
            asked.append(y)
            return draw(grid, y)

        monkeypatch.setattr(Grid, "render_line", counted)
        assert app.grid.show(list(rows)) == 0
        await pilot.pause()
        assert asked == []
        rows[3] = replace(rows[3], queue=7)
        rows[2000] = replace(rows[2000], queue=7)
        assert app.grid.show(list(rows)) == 1
        await pilot.pause()
        assert asked == [4]
        asked.clear()
        await pilot.press("j")
        await pilot.pause()
        assert sorted(set(asked)) == [1, 2]


async def test_the_cursor_goes_to_the_next_row_when_its_own_is_gone() -> None:
    app = FleetApp(Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        app.grid.show(fleet(10))
        await pilot.press("j", "j")
        app.grid.show([row for row in fleet(10) if row.id != 2])
        assert app.grid.cursor_key == 3
        app.grid.show(fleet(1))
        assert app.grid.cursor_key == 0
        app.grid.show([])
        assert app.grid.cursor_key is None
        assert app.grid.cursor_row is None
        await pilot.press("j", "k", "G", "enter", "space", "v", "a", "pagedown")
        await pilot.pause()
        assert app.heard.of(Opened) == []
        app.grid.show(fleet(3))
        assert app.grid.cursor_key == 0


async def test_keys_move_and_messages_follow() -> None:
    app = FleetApp(Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        app.grid.show(fleet(100))
        for keys, key in [("j", 1), ("down", 2), ("k", 1), ("up", 0), ("k", 0), ("G", 99),
                          ("g", 0), ("end", 99), ("home", 0), ("ctrl+f", 22), ("pagedown", 44),
                          ("ctrl+b", 22), ("pageup", 0)]:  # fmt: skip
            await pilot.press(keys)
            assert app.grid.cursor_key == key, keys
            assert 1 <= cursor_line(app.grid) <= 23
        await pilot.press("j", "enter")
        await pilot.pause()
        assert [message.key for message in app.heard.of(Opened)] == [1]
        assert app.heard.of(Moved)[-1].key == 1
        assert app.heard.of(Moved)[-1].control is app.grid


async def test_marks_stay_with_their_rows() -> None:
    clock = Clock()
    app = FleetApp(clock, sort="queue")
    async with app.run_test(size=(80, 24)) as pilot:
        app.grid.show(fleet(50))
        first = [row.id for row in app.grid.shown_rows[:2]]
        await pilot.press("space", "space")
        assert app.grid.marked == set(first)
        assert [line[1] for line in lines(app.grid)[1:4]] == ["●", "●", " "]
        clock.now += 10
        app.grid.show([replace(row, queue=500 - (row.queue or 0)) for row in fleet(50)])
        assert app.grid.marked == set(first)
        app.grid.filter_by(lambda row: row.id not in first, "x")
        assert app.grid.marked == set(first)
        app.grid.filter_by(None)
        app.grid.show([row for row in fleet(50) if row.id != first[0]])
        await pilot.pause()
        assert app.grid.marked == {first[1]}
        assert app.heard.of(SelectionChanged)[-1].marked == 1
        await pilot.press("u")
        assert not app.grid.marked
        assert not app.grid.clear_marks()


async def test_a_span_marks_from_where_it_began_to_the_cursor() -> None:
    app = FleetApp(Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        app.grid.show(fleet(50))
        await pilot.press("j", "v", "j", "j")
        assert app.grid.spans
        assert app.grid.marked == {1, 2, 3}
        assert [line[1] for line in lines(app.grid)[1:6]] == [" ", "●", "●", "●", " "]
        await pilot.press("k")
        assert app.grid.marked == {1, 2}
        await pilot.press("v", "G")
        assert not app.grid.spans
        assert app.grid.marked == {1, 2}
        await pilot.press("v", "k", "space")
        assert app.grid.marked == {1, 2, 48, 49}
        app.grid.filter_by(lambda row: row.state == "paused", "state:paused")
        await pilot.press("u", "a")
        assert app.grid.marked == {row.id for row in fleet(50) if row.state == "paused"}


async def test_a_filter_keeps_the_row_or_goes_to_the_top() -> None:
    app = FleetApp(Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        app.grid.show(fleet(400))
        app.grid.move_to(202)
        y = cursor_line(app.grid)
        app.grid.filter_by(lambda row: row.state == "paused", "state:paused")
        assert app.grid.cursor_key == 202
        assert cursor_line(app.grid) == y
        assert (len(app.grid.shown_rows), app.grid.total) == (100, 400)
        app.grid.filter_by(lambda row: row.name.endswith("7"), "7")
        await pilot.pause()
        assert app.grid.cursor_key == 7
        assert cursor_line(app.grid) == 1
        app.grid.filter_by(lambda row: False, "zzz")
        assert lines(app.grid)[2].strip() == "No devices match /zzz · esc clears the filter"
        app.grid.filter_by(None)
        assert len(app.grid.shown_rows) == 400
        assert not app.grid.move_to(4000)


async def test_the_order_waits_while_the_operator_moves() -> None:
    clock = Clock()
    app = FleetApp(clock, sort="queue")
    async with app.run_test(size=(80, 24)) as pilot:
        rows = fleet(20)
        app.grid.show(rows)
        before = [row.id for row in app.grid.shown_rows]
        other = [replace(row, queue=1000 - (row.queue or 0)) for row in rows]
        clock.now += 3
        await pilot.press("j")
        app.grid.show([*other, Device(99, "new", queue=0)])
        assert [row.id for row in app.grid.shown_rows] == [*before, 99]
        assert app.grid.shown_rows[0].queue == 1000
        clock.now += 1.9
        app.grid.show(other)
        assert [row.id for row in app.grid.shown_rows] == before
        clock.now += 0.1
        app.grid.show(other)
        assert [row.id for row in app.grid.shown_rows] == [*reversed(before)]
        for _ in range(5):
            await pilot.press("j")
            clock.now += 1
            app.grid.show(rows)
        assert [row.id for row in app.grid.shown_rows] == before


async def test_the_order_is_held_under_a_dialog() -> None:
    clock = Clock()
    app = FleetApp(clock, sort="queue")
    async with app.run_test(size=(80, 24)):
        app.grid.show(fleet(20))
        before = [row.id for row in app.grid.shown_rows]
        app.grid.hold_order()
        app.grid.hold_order()
        clock.now += 60
        newer = [replace(row, queue=1000 - (row.queue or 0)) for row in fleet(19)]
        app.grid.show([*newer, Device(99, "new", queue=0)])
        app.grid.filter_by(None)
        assert [row.id for row in app.grid.shown_rows] == before
        app.grid.release_order()
        assert [row.id for row in app.grid.shown_rows] == before
        app.grid.release_order()
        kept = [at for at in before if at != 19]
        assert [row.id for row in app.grid.shown_rows] == [99, *reversed(kept)]


async def test_sorting_by_keys_and_by_the_header() -> None:
    app = FleetApp(Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        app.grid.show(fleet(30))
        await pilot.press("greater_than_sign")
        assert (app.grid.sort_column, app.grid.sort_reverse) == ("name", False)
        assert "Device▲" in lines(app.grid)[0]
        await pilot.press("less_than_sign")
        assert (app.grid.sort_column, app.grid.sort_reverse) == ("queue", True)
        await pilot.press("S")
        assert (app.grid.sort_column, app.grid.sort_reverse) == ("queue", False)
        assert "Queue▲" in lines(app.grid)[0]
        x = lines(app.grid)[0].index("State")
        await pilot.click(Grid, offset=(x, 0))
        assert (app.grid.sort_column, app.grid.sort_reverse) == ("state", False)
        await pilot.click(Grid, offset=(x, 0))
        await pilot.pause()
        assert app.grid.sort_reverse
        assert len(app.heard.of(Sorted)) == 5


async def test_the_mouse_moves_marks_and_opens() -> None:
    app = FleetApp(Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        app.grid.show(fleet(4))
        await pilot.click(Grid, offset=(20, 3))
        assert app.grid.cursor_key == 2
        await pilot.click(Grid, offset=(1, 2))
        assert app.grid.marked == {1}
        await pilot.double_click(Grid, offset=(20, 4))
        await pilot.pause()
        assert [message.key for message in app.heard.of(Opened)] == [3]
        await pilot.click(Grid, offset=(20, 15))
        assert app.grid.cursor_key == 3
