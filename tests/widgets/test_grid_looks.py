"""How the grid looks: column sets, wide and hostile text, its states, no colour alone."""

from __future__ import annotations

import pytest

from seqconsole.widgets.columns import Column
from seqconsole.widgets.grid import Grid
from seqconsole.widgets.tones import Tone
from tests.widgets.fleet import COLUMNS, Clock, Device, FleetApp, cursor_line, fleet, lines

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("size", "labels"),
    [
        ((80, 24), ["Device", "State", "Queue"]),
        ((110, 30), ["Device", "State", "Queue", "Id"]),
        ((160, 50), ["Device", "State", "Queue", "Id", "Last error"]),
        ((250, 70), ["Device", "State", "Queue", "Id", "Last error"]),
        ((30, 10), ["Device", "State"]),
        ((10, 4), ["Device"]),
    ],
)
async def test_columns_grow_with_the_terminal(size: tuple[int, int], labels: list[str]) -> None:
    app = FleetApp(Clock())
    async with app.run_test(size=size):
        app.grid.show([Device(1, "x" * 60, error="y" * 300)])
        header = lines(app.grid)[0]
        assert " ".join(header.split()) == " ".join(labels)
        assert not app.grid.show_horizontal_scrollbar
        if size[0] == 250:
            assert lines(app.grid)[1].endswith("y…")


async def test_a_resize_keeps_the_cursor_in_view() -> None:
    app = FleetApp(Clock())
    async with app.run_test(size=(160, 50)) as pilot:
        app.grid.show(fleet(200))
        app.grid.move_to(45)
        await pilot.resize_terminal(80, 12)
        await pilot.pause()
        assert app.grid.cursor_key == 45
        assert 1 <= cursor_line(app.grid) < 12


async def test_wide_and_hostile_names_keep_the_columns_in_place() -> None:
    app = FleetApp(Clock())
    names = ["陈记茶室陈记茶室陈记茶室陈记茶室", "Siti\x1b[31m", "[b]x[/b]", "[@click=app.quit]y",
             "a\u202eb", "👩\u200d💻 shop", "e" + "\u0301" * 500, "", "❤\ufe0f love"]  # fmt: skip
    async with app.run_test(size=(80, 24)) as pilot:
        app.grid.show([Device(at, name) for at, name in enumerate(names)])
        await pilot.pause()
        drawn = lines(app.grid)
        assert drawn[1].startswith("›  陈记茶室陈记茶室陈记茶…  ● online")
        assert "Siti\\x1b[31m" in drawn[2]
        assert "[b]x[/b]" in drawn[3]
        assert "a\\u202eb" in drawn[5]


async def test_loading_nothing_and_failure_are_said() -> None:
    app = FleetApp(Clock(), empty="No devices. Add one.")
    async with app.run_test(size=(80, 24)) as pilot:
        assert lines(app.grid)[2].strip() == "Loading devices…"
        app.grid.fail("no privilege\x1b on user_devices")
        assert lines(app.grid)[2].strip() == "× no privilege\\x1b on user_devices"
        app.grid.show([])
        assert lines(app.grid)[2].strip() == "No devices. Add one."
        app.grid.show(fleet(100))
        app.grid.fail("server gone")
        await pilot.press("G")
        await pilot.pause()
        drawn = lines(app.grid)
        assert drawn[-1].strip() == "× server gone"
        assert "device-0099" in drawn[-2]
        app.grid.show(fleet(100))
        await pilot.pause()
        assert "device-0099" in lines(app.grid)[-1] + lines(app.grid)[-2]
        assert "× server gone" not in "".join(lines(app.grid))


async def test_a_row_its_column_cannot_read_spoils_one_cell() -> None:
    def broken(row: Device) -> str:
        return str(1 // row.id)

    columns = (*COLUMNS[:2], Column("bad", "Bad", 20, broken))
    app = FleetApp(Clock(), columns)
    async with app.run_test(size=(80, 24)) as pilot:
        app.grid.show(fleet(2))
        await pilot.pause()
        assert "device-0000" in lines(app.grid)[1]
        assert "× ZeroDivisionError" in lines(app.grid)[1]
        assert lines(app.grid)[2].endswith(" 1")


@pytest.mark.parametrize("theme", ["textual-dark", "ansi-dark", "textual-light"])
async def test_a_bad_state_is_bold_and_has_a_glyph_and_a_word(theme: str) -> None:
    app = FleetApp(Clock())
    app.theme = theme
    async with app.run_test(size=(80, 24)) as pilot:
        app.grid.show(fleet(8))
        await pilot.pause()
        strip = app.grid.render_line(4)
        [bad] = [segment for segment in strip if "offline" in segment.text]
        assert bad.text.startswith("○ offline")
        assert bad.style is not None
        assert bad.style.bold
        [good] = [segment for segment in app.grid.render_line(2) if "online" in segment.text]
        assert good.style is not None
        assert not good.style.bold
        assert good.style.color != bad.style.color


async def test_no_color_leaves_glyphs_words_and_bold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = FleetApp(Clock())
    async with app.run_test(size=(80, 24)) as pilot:
        app.grid.show(fleet(8))
        await pilot.press("space")
        await pilot.pause()
        picture = app.export_screenshot()
        for text in ("○", "offline", "‖", "●", "›"):
            assert text in picture


def test_tones_are_all_component_classes() -> None:
    assert {str(tone) for tone in Tone} <= Grid.COMPONENT_CLASSES | {"tone--plain"}
