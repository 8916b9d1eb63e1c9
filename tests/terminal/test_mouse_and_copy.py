"""Through a terminal: the mouse moves, sorts, opens and does what the footer says; `y` copies by OSC 52."""

from __future__ import annotations

import base64

import pytest

from tests.terminal.conftest import Open
from tests.terminal.terminal import Terminal
from tests.world import World

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _devices(world: World) -> None:
    for number in range(15):
        world.device(f"Device {number:02d}")
    world.device("Evil \x1b]52;c;aGk=\x07 \n rm -rf")


def place_of(terminal: Terminal, words: str) -> tuple[int, int]:
    """Column and line, from 0, of the first place of these words."""
    for number, line in enumerate(terminal.text.splitlines()):
        if words in line:
            return line.index(words), number
    raise AssertionError(f"{words!r} not in\n{terminal.text}")


def click(terminal: Terminal, words: str, times: int = 1) -> None:
    """Press and release the left button in the midst of these words (SGR, mode 1006)."""
    column, line = place_of(terminal, words)
    at = f"{column + 2};{line + 1}"
    terminal.write(f"\x1b[<0;{at}M\x1b[<0;{at}m" * times)


def cursor_is_on(name: str, terminal: Terminal) -> None:
    terminal.until(lambda text: any("›" in line and name in line for line in text.splitlines()))


def test_a_click_moves_twice_opens_and_the_header_sorts(console: Open) -> None:
    terminal = console()
    terminal.shows("Device 00", "Device 05")
    assert {"1000", "1006"} <= terminal.screen.modes
    click(terminal, "Device 05")
    cursor_is_on("Device 05", terminal)
    click(terminal, "Device 03", times=2)
    terminal.shows("Device 03", "Doubt", "Rules")
    terminal.press("escape")
    terminal.shows("Device 00", "Sent/h")
    click(terminal, "State")
    terminal.shows("by state")
    terminal.press("q")
    assert terminal.wait() == 0
    assert terminal.screen.violations == []


def test_a_click_on_a_view_goes_there_and_on_the_footer_does_what_the_key_does(
    console: Open, world: World
) -> None:
    terminal = console()
    terminal.shows("Device 00")
    click(terminal, "2 Seq")
    terminal.shows("Sequence", "Total")
    click(terminal, "1 Dev")
    terminal.shows("Sent/h")
    click(terminal, "Device 07")
    cursor_is_on("Device 07", terminal)
    click(terminal, "Pause")
    terminal.shows("Paused device Device 07")
    held = world.run("SELECT d.device_name FROM seqconsole.holds h JOIN user_devices d "
                     "ON d.id::text = h.key WHERE h.scope = 'device'")  # fmt: skip
    assert held == [{"device_name": "Device 07"}]
    terminal.write("\x1b[<64;20;10M\x1b[<65;20;10M")  # the wheel
    terminal.press("q")
    assert terminal.wait() == 0
    assert terminal.screen.violations == []


def test_y_copies_the_name_harmless_through_osc_52_and_shows_it(console: Open) -> None:
    terminal = console()
    terminal.shows("Device 00")
    terminal.press("/", "Device 09", "enter", "y")
    terminal.shows("Copied Device 09")
    assert [base64.b64decode(text).decode() for text in terminal.screen.copied] == ["Device 09"]
    terminal.press("/", *["\x7f"] * 9, "evil", "enter", "y")
    terminal.shows("Copied Evil")
    copied = base64.b64decode(terminal.screen.copied[-1]).decode()
    assert copied.isprintable()
    assert copied.startswith("Evil \\x1b]52;c;aGk=\\x07")
    terminal.press("q")
    assert terminal.wait() == 0
    assert terminal.screen.violations == []
