"""Pictures of each screen, compared with those that a person has looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from seqconsole.app import Console
from seqconsole.screenshots import settled, without_outside_fonts
from tests.console.fakes import Scene

Compare = Callable[..., bool]

SCREENS = [
    ("device", ["enter"]),
    ("sequences", ["2"]),
    ("steps", ["2", "G", "enter"]),
    ("contacts", ["2", "G", "enter", "enter"]),
    ("story", ["2", "G", "enter", "enter", "enter"]),
    ("duplicates", ["3"]),
    ("group", ["3", "enter"]),
    ("resolve", ["3", "x"]),
    ("queue", ["4"]),
    ("explain", ["4", "e"]),
    ("health", ["5"]),
    ("journal", ["6"]),
    ("marked", ["space", "space", "slash", *"state:ready", "enter"]),
]


def led_by(*keys: str) -> Callable[[Pilot[Any]], Any]:
    """Presses keys and waits for the data of each screen on the way."""

    async def lead(pilot: Pilot[Any]) -> None:
        assert isinstance(pilot.app, Console)
        await settled(pilot, pilot.app)
        for key in keys:
            await pilot.press(key)
            await settled(pilot, pilot.app)

    return lead


@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=["80x24", "160x50"])
def test_devices(snap_compare: Compare, scene: Scene, size: tuple[int, int]) -> None:
    assert snap_compare(scene.console(), terminal_size=size, run_before=led_by())


@pytest.mark.parametrize(("name", "keys"), SCREENS, ids=[name for name, _ in SCREENS])
def test_screen(snap_compare: Compare, scene: Scene, name: str, keys: list[str]) -> None:
    size = (120, 36) if name in {"story", "group"} else (80, 24)
    assert snap_compare(scene.console(), terminal_size=size, run_before=led_by(*keys))


def test_sixteen_colours_and_ascii(snap_compare: Compare, scene: Scene) -> None:
    console = scene.console(theme="ansi-dark", ascii=True, production=True, read_only=True)
    assert snap_compare(console, terminal_size=(80, 24), run_before=led_by())


def test_a_picture_needs_nothing_from_outside() -> None:
    svg = '<style>@font-face {\n src: url("https://cdn/x.woff2");\n}\n.terminal-42-r1 {}</style>'
    assert without_outside_fonts(svg) == "<style>.terminal-r1 {}</style>"
