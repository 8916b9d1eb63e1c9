"""Each screen over the demo data, as it was when it was last looked at."""

from __future__ import annotations

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion

from engine.opening import open_adopted
from engine.store import Access
from seqconsole.app import Console
from seqconsole.database_source import DatabaseSource, DatabaseVerbs
from seqconsole.options import ConsoleOptions
from seqconsole.screenshots import settled, without_outside_fonts

pytestmark = pytest.mark.anyio

SCREENS = (
    ("devices", (), (80, 24)),
    ("devices", (), (160, 50)),
    ("sequences", ("2",), (80, 24)),
    ("duplicates", ("3",), (80, 24)),
    ("duplicate-group", ("3", "enter"), (80, 24)),
    ("queue", ("4",), (80, 24)),
    ("health", ("5",), (80, 24)),
    ("journal", ("6",), (80, 24)),
    ("too-small", (), (50, 10)),
)


@pytest.mark.parametrize(
    ("name", "keys", "size"), SCREENS, ids=[f"{n}-{w}x{h}" for n, _, (w, h) in SCREENS]
)
async def test_screen(
    scene: Access,
    name: str,
    keys: tuple[str, ...],
    size: tuple[int, int],
    snapshot: SnapshotAssertion,
) -> None:
    async with open_adopted(scene) as database:
        verbs = DatabaseVerbs(database, "ops@console", gateway_configured=True)
        options = ConsoleOptions(database_label="demo", poll_seconds=0.2, clock=lambda: 0.0)
        console = Console(DatabaseSource(database), verbs, options=options)
        async with console.run_test(size=size, notifications=False) as pilot:
            await settled(pilot, console)
            for key in keys:
                await pilot.press(key)
                await settled(pilot, console)
            drawn = without_outside_fonts(console.export_screenshot(title="seqconsole"))
    known = ("http://www.w3.org/2000/svg", "https://www.textualize.io")
    assert drawn.count("http") == sum(drawn.count(link) for link in known)
    assert drawn == snapshot(extension_class=SVGImageExtension)
