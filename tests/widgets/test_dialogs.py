"""The filter line, the question, the help and the footer, by keystroke."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input, Static

from seqconsole.filtering import Filter
from seqconsole.widgets.confirm import Confirm
from seqconsole.widgets.filter_bar import FilterBar
from seqconsole.widgets.grid import Grid
from seqconsole.widgets.help_screen import HelpScreen, help_parts
from seqconsole.widgets.key_line import KeyLine, live_keys
from tests.widgets.fleet import COLUMNS, Clock, Device, fleet, lines

pytestmark = pytest.mark.anyio


class Devices(Screen[None]):
    """A screen with a grid, as the console's are."""

    BINDINGS = [  # noqa: RUF012
        Binding("p", "act('pause')", "Pause"),
        Binding("r", "act('resume')", "Resume"),
        Binding("t", "never", "Retry"),
        Binding("slash", "filter", "Filter"),
        Binding("y", "act('copy')", "Copy", show=False),
        Binding("escape", "act('back')", "Back", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.acts: list[str] = []
        self.filters: list[Filter] = []
        self.grid: Grid[Device] = Grid(COLUMNS, lambda row: row.id, noun="devices", clock=Clock())

    def compose(self) -> ComposeResult:
        yield self.grid
        yield FilterBar()
        yield KeyLine()

    def on_mount(self) -> None:
        self.grid.focus()
        self.grid.show(fleet(100))

    def on_filter_bar_filtered(self, message: FilterBar.Filtered) -> None:
        chosen = message.chosen
        self.filters.append(chosen)
        self.grid.filter_by(
            (lambda row: chosen.matches({"device": row.name, "state": row.state}))
            if chosen
            else None,
            chosen.text,
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if action == "never" else True

    def action_act(self, what: str) -> None:
        self.acts.append(what)

    def action_never(self) -> None:
        self.acts.append("never")

    def action_filter(self) -> None:
        self.query_one(FilterBar).open()


class Console(App[None]):
    BINDINGS = [  # noqa: RUF012
        Binding("question_mark", "help", "Help"),
        Binding("P", "all", "Pause everything"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.devices = Devices()
        self.answers: list[bool | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.devices)

    def action_help(self) -> None:
        self.push_screen(HelpScreen("Devices", help_parts(self.screen)))

    def action_all(self) -> None:
        self.ask()

    def ask(self, *lines: str) -> None:
        self.push_screen(
            Confirm("Pause 41 [b]devices?", lines or ("52 rows [/] go",), yes="Yes, 41"),
            self.answers.append,
        )


async def test_the_filter_is_live_kept_and_cleared() -> None:
    app = Console()
    async with app.run_test(size=(80, 24)) as pilot:
        grid, bar = app.devices.grid, app.devices.query_one(FilterBar)
        assert not bar.display
        await pilot.press("slash", *"state:paused", "space", *"!14")
        await pilot.pause()
        assert bar.display
        assert {row.state for row in grid.shown_rows} == {"paused"}
        assert len(grid.shown_rows) == 24
        assert app.devices.acts == []
        await pilot.press("enter")
        await pilot.pause()
        assert grid.has_focus
        assert bar.display
        await pilot.press("p", "j")
        assert app.devices.acts == ["pause"]
        assert grid.cursor_key == 6
        await pilot.press("slash", "escape")
        await pilot.pause()
        assert grid.has_focus
        assert not bar.display
        assert len(grid.shown_rows) == 100
        assert app.devices.acts == ["pause"]
        assert not app.devices.filters[-1]


async def test_a_slash_and_every_letter_are_typed() -> None:
    app = Console()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", "a", "slash", "P", "question_mark", "p", "y")
        await pilot.pause()
        assert app.screen is app.devices
        assert app.devices.query_one(Input).value == "a/P?py"
        assert app.devices.acts == []
        assert app.devices.query_one(KeyLine).text() == "enter Keep  esc Clear"


async def test_an_empty_filter_hides_the_line_and_text_can_be_set() -> None:
    app = Console()
    async with app.run_test(size=(80, 24)) as pilot:
        bar = app.devices.query_one(FilterBar)
        await pilot.press("slash", "down")
        await pilot.pause()
        assert not bar.display
        assert app.devices.grid.has_focus
        bar.set_text("device-0007")
        await pilot.pause()
        assert bar.display
        assert app.devices.grid.has_focus
        assert [row.id for row in app.devices.grid.shown_rows] == [7]
        assert bar.clear()
        await pilot.pause()
        assert not bar.clear()
        assert [bool(chosen) for chosen in app.devices.filters] == [True, False]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["y"], True),
        (["n"], False),
        (["escape"], False),
        (["enter"], False),
        (["left", "enter"], True),
        (["tab", "tab", "enter"], False),
        (["y", "n"], True),
    ],
)
async def test_the_answer_of_a_question(keys: list[str], answer: bool) -> None:
    app = Console()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("P")
        await pilot.pause()
        question = app.screen
        assert isinstance(question, Confirm)
        assert question.focused is question.query_one("#no")
        assert question.question == "Pause 41 [b]devices?"
        await pilot.press(*keys)
        await pilot.pause()
        assert app.answers == [answer]
        assert app.screen is app.devices
        assert app.devices.acts == []


async def test_keys_of_the_screen_below_do_nothing_under_a_question() -> None:
    app = Console()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(*[f"line {at}" for at in range(60)])
        await pilot.pause()
        await pilot.press("p", "r", "slash", "z")
        assert app.devices.acts == []
        assert isinstance(app.screen, Confirm)
        assert app.screen.query_one("#answers").region.bottom <= 24
        await pilot.press("n")
        assert app.answers == [False]


@pytest.mark.smoke
@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_help_lists_the_live_keys(size: tuple[int, int]) -> None:
    app = Console()
    async with app.run_test(size=size) as pilot:
        parts = help_parts(app.devices)
        assert [part.title for part in parts] == ["This screen", "Rows", "Everywhere"]
        own, rows, everywhere = (dict(part.lines) for part in parts)
        assert own["p"] == "Pause"
        assert own["t"] == "Retry (not now)"
        assert own["/"] == "Filter"
        assert rows["j down"] == "Down"
        assert rows["<"] == "Sort by the column before"
        assert everywhere["?"] == "Help"
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        text = str(app.screen.query_one(Static).content)
        assert "Mark a span" in text
        assert "Scroll Left" not in text
        await pilot.press("j", "p", "q")
        await pilot.pause()
        assert app.screen is app.devices
        assert app.devices.acts == []


async def test_the_footer_fits_and_a_click_acts() -> None:
    app = Console()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        line = app.devices.query_one(KeyLine)
        assert line.text() == (
            "enter Open  p Pause  r Resume  t Retry  / Filter  P Pause everything  ? Help"
        )
        assert cell_len(line.render_line(0).text) == line.size.width
        await pilot.click(KeyLine, offset=(line.text().index("Resume") + 2, 0))
        await pilot.click(KeyLine, offset=(line.text().index("Retry") + 2, 0))
        await pilot.pause()
        assert app.devices.acts == ["resume"]
        await pilot.resize_terminal(42, 24)
        await pilot.pause()
        assert line.text() == "enter Open  p Pause  r Resume  ? Help"
        assert {key.label for key in live_keys(app.devices)} >= {"j down", "esc", "P"}


async def test_the_grid_behind_a_dialog_is_still_there() -> None:
    app = Console()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "P", "n")
        await pilot.pause()
        assert app.devices.grid.has_focus
        assert lines(app.devices.grid)[2].startswith("›")


async def test_a_long_line_of_a_question_is_wrapped_in_a_narrow_terminal() -> None:
    line = "word " * 30 + "end"
    app = App[None]()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(Confirm("Sure?", (line,)))
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        drawn = " ".join("".join(segment.text for segment in strip) for strip in strips)
        assert drawn.count("word") == 30
        assert "end" in drawn
