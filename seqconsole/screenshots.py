"""Pictures of the screens as SVG files that need nothing from outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from textual.pilot import Pilot

from engine.opening import open_adopted
from engine.store import Access, DatabaseUnavailable
from seqconsole.app import Console
from seqconsole.database_source import DatabaseSource, DatabaseVerbs
from seqconsole.options import ConsoleOptions

WHO: Final = "ops@console"
"""Whose journal the pictures show."""

SIZE: Final = (120, 34)
"""Columns and lines of a picture."""

Keys = tuple[str, ...]
WIDE: Final[tuple[tuple[str, Keys], ...]] = (("devices", ("1",)),)
NARROW: Final[tuple[tuple[str, Keys], ...]] = (("devices-80x24", ("1",)),)
SCREENS: Final[tuple[tuple[str, Keys], ...]] = (
    ("device", ("1", "enter")),
    ("sequences", ("2",)),
    ("steps", ("2", "enter")),
    ("contacts", ("2", "enter", "enter")),
    ("story", ("2", "enter", "enter", "enter", "j", "j", "j")),
    ("why-not", ("2", "enter", "enter", "enter", "j", "j", "j", "e")),
    ("duplicates", ("3",)),
    ("duplicate-group", ("3", "enter")),
    ("resolve", ("3", "x")),
    ("queue", ("4",)),
    ("explain", ("4", "e")),
    ("health", ("5",)),
    ("journal", ("6",)),
    ("stopped", ("1", "slash", *"!state:idle !state:ready !state:sending", "enter")),
    ("pause-all", ("1", "P")),
    ("help", ("1", "question_mark")),
)
"""The pictures: their names and the keys that lead there from any list."""

_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_MADE_UP = re.compile(r"terminal-\d+-")


def without_outside_fonts(svg: str) -> str:
    """The picture without links to fonts, and with the same names in every run."""
    return _MADE_UP.sub("terminal-", _FONT_FACE.sub("", svg))


async def draw_all(access: Access, folder: Path, say: Callable[[str], None]) -> None:
    """Draw every screen of a database whose clock stands still; each file is said when it is there.

    Raises the errors of the store.
    """
    async with open_adopted(access) as database:
        source = DatabaseSource(database)
        verbs = DatabaseVerbs(database, WHO, gateway_configured=True)
        for size, screens in (((160, 36), WIDE), ((80, 24), NARROW), (SIZE, SCREENS)):
            options = ConsoleOptions(
                database_label="demo", who=WHO, poll_seconds=0.2, clock=lambda: 0.0
            )
            console = Console(source, verbs, options=options)
            pictures = await take_pictures(console, size=size, screens=screens)
            for name, svg in pictures.items():
                say(str(_written(folder / f"{name}.svg", svg)))


def _written(path: Path, svg: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg, encoding="utf-8")
    return path


async def take_pictures(
    console: Console,
    *,
    size: tuple[int, int] = SIZE,
    screens: Sequence[tuple[str, Keys]] = SCREENS,
) -> dict[str, str]:
    """Draw screens of a console without a terminal: the SVG of each by its name.

    Raises DatabaseUnavailable where there is no data to show.
    """
    made: dict[str, str] = {}
    async with console.run_test(size=size, notifications=False) as pilot:
        for name, keys in screens:
            await pilot.press("escape", "escape", "escape", "escape")
            for key in keys:
                await pilot.press(key)
                await settled(pilot, console)
            if console.lost is not None:
                raise DatabaseUnavailable(console.lost.text)
            made[name] = without_outside_fonts(console.export_screenshot(title="seqconsole"))
    return made


async def settled(pilot: Pilot[int], console: Console) -> None:
    """Wait until the screen on top shows its data, a question included that is on its way."""
    await pilot.pause()
    while console.must_wait():
        await pilot.pause(0.02)
    reads = console.reads
    # The second reading after a key has what the first one made the screen ask for.
    while console.reads < reads + 2 and console.lost is None:
        console.poke()
        await pilot.pause(0.02)
    while console.top is not None and console.top.busy and console.lost is None:
        console.poke()
        await pilot.pause(0.02)
    await pilot.pause()
