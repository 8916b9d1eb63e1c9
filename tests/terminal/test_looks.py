"""Each screen wide, without colours, in sixteen, and in its hard moments, as a person has looked at it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.store.errors import DatabaseUnavailable, Refused
from tests.console.fakes import Scene, screen_text, started, until
from tests.console.test_looks import SCREENS, led_by

pytestmark = pytest.mark.slow
Compare = Callable[..., bool]
NARROW, WIDE = (80, 24), (160, 50)


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize(("name", "keys"), SCREENS, ids=[name for name, _ in SCREENS])
def test_wide(snap_compare: Compare, scene: Scene, name: str, keys: list[str]) -> None:
    assert snap_compare(scene.console(), terminal_size=WIDE, run_before=led_by(*keys))


@pytest.mark.parametrize("name", ["story", "group"])
def test_narrow(snap_compare: Compare, scene: Scene, name: str) -> None:
    keys = dict(SCREENS)[name]
    assert snap_compare(scene.console(), terminal_size=NARROW, run_before=led_by(*keys))


@pytest.mark.parametrize("keys", [(), ("3", "enter")], ids=["devices", "group"])
def test_without_colours(
    snap_compare: Compare, scene: Scene, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(scene.console(), terminal_size=NARROW, run_before=led_by(*keys))


@pytest.mark.parametrize("keys", [(), ("4",)], ids=["devices", "queue"])
@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
def test_sixteen_colours(
    snap_compare: Compare, scene: Scene, theme: str, keys: tuple[str, ...]
) -> None:
    console = scene.console(theme=theme)
    assert snap_compare(console, terminal_size=NARROW, run_before=led_by(*keys))


def test_nothing_to_show(snap_compare: Compare, scene: Scene) -> None:
    scene.source.devices = []
    assert snap_compare(scene.console(), terminal_size=NARROW, run_before=led_by())


def test_loading(snap_compare: Compare, scene: Scene) -> None:
    scene.source.gate = asyncio.Event()

    async def seen(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "Loading devices" in screen_text(console))

    console = scene.console()
    assert snap_compare(console, terminal_size=NARROW, run_before=seen)


def test_the_database_is_away(snap_compare: Compare, scene: Scene) -> None:
    console = scene.console(production=True, poll_seconds=60.0)

    async def poked(pilot: Pilot[Any]) -> None:
        await started(pilot)
        scene.source.error = DatabaseUnavailable("cannot reach demo on host-3: refused")
        console.poke()
        await until(pilot, lambda: "Connection lost" in screen_text(console))

    assert snap_compare(console, terminal_size=NARROW, run_before=poked)


def test_one_panel_fails(snap_compare: Compare, scene: Scene) -> None:
    scene.source.journal_error = Refused("missing privilege on demo: operations")

    async def failed(pilot: Pilot[Any]) -> None:
        await started(pilot)
        await pilot.press("6")
        await until(pilot, lambda: "missing privilege" in screen_text(console))

    console = scene.console()
    assert snap_compare(console, terminal_size=NARROW, run_before=failed)
