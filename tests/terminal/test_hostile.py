"""Hostile names through a terminal (FAULTS 44): it is sent known sequences only, whatever a name holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.terminal.conftest import Open, rolled_up
from tests.terminal.hostile import fill
from tests.terminal.screen import Screen, is_harmful
from tests.terminal.terminal import Terminal
from tests.world import World

NUMBER = re.compile(r"#\d{5}")
SIZE = (250, 90)
WALK: tuple[tuple[tuple[str, str], ...], ...] = (
    (("1", "Sent/h"), ("enter", "Proof")),
    (("2", "No step"), ("enter", "remaining"), ("enter", "Engine "), ("enter", "Sequences:")),
    (("3", "Keep"), ("enter", "Phone as stored")),
    (("4", "Try "), ("e", "held by")),
    (("5", "What it means"),),
    (("6", "Undo "),),
)
"""The keys that lead from each view down, and a word of the screen that each opens."""


def paged(terminal: Terminal, patience: float) -> set[str]:
    """Page down until the cursor stays where it is; the numbers of the names that were drawn."""
    seen: set[str] = set()
    while True:
        text = terminal.text
        seen |= set(NUMBER.findall(text))
        before = cursor_line(text)
        if not before:
            return seen
        terminal.press("ctrl+f")
        try:
            terminal.until(lambda now, was=before: cursor_line(now) != was, patience)
        except AssertionError:
            return seen


def cursor_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.startswith("›")), "")


def walked(terminal: Terminal, patience: float) -> set[str]:
    """All screens, each to its end, and the filter, the help, the palette and a copy on the way."""
    seen: set[str] = set()
    for view in WALK:
        for key, word in view:
            terminal.press(key)
            terminal.until(lambda text, word=word: word in text and "Loading" not in text)
            seen |= paged(terminal, patience)
            terminal.press("g", "y", "?")
            terminal.shows("esc closes")
            terminal.press("escape", "/", "#0")
            terminal.shows("/#0")
            terminal.press("escape")
        terminal.press("e")
        terminal.press("escape", "escape", "escape", "escape")
    terminal.press(":", "pause", "escape", "ctrl+s")
    terminal.shows("Saved", seconds=30)
    return seen


def checked(console: Open, world: World, dsn: str, count: int, home: Path) -> set[str]:
    fill(world, count)
    rolled_up(dsn)
    terminal = console(size=SIZE)
    terminal.shows("#00000", seconds=60)
    seen = walked(terminal, 0.4 if count < 1000 else 3)
    terminal.press("q")
    assert terminal.wait() == 0
    assert terminal.screen.violations == []
    for copied in terminal.screen.copied:
        assert len(copied) < 2000
    for file in (home / ".local/state/seqconsole/exports").iterdir():
        text = file.read_text("utf-8")
        assert not {c for c in text if is_harmful(c) and c != "\n"}, file.name
    return seen


@pytest.mark.slow
def test_fault_44_hostile_names_send_a_terminal_nothing_but_known_sequences(
    console: Open, world: World, dsn: str, tmp_path: Path
) -> None:
    seen = checked(console, world, dsn, 300, tmp_path)
    assert len(seen) > 180, "they were drawn"


@pytest.mark.large
def test_fault_44_ten_thousand_hostile_names(
    console: Open, world: World, dsn: str, tmp_path: Path
) -> None:
    seen = checked(console, world, dsn, 10_000, tmp_path)
    assert len(seen) > 7_000, "they were drawn"


def test_the_screen_of_the_tests_notices_what_is_not_known() -> None:
    for harmful in ("\x1b[2J", "\x1b]0;t\x07", "\x9b2J", "\u202e", "\x1b[6n", "\x1bc", "\x1b[?1h"):
        terminal = Screen(80, 24)
        terminal.feed(f"\x1b[1;1Hx{harmful}y")
        assert terminal.violations, repr(harmful)
