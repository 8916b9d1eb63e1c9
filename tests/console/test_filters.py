"""Filters: remembered per screen, asked of the database where that finds more, and pinned by bulk acts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.operations.repair_facts import Selection
from seqconsole.filtering import parse
from seqconsole.memory import Memory, Remembered
from seqconsole.screens.device_groups import By
from seqconsole.screens.devices import DevicesScreen
from seqconsole.screens.queue import QueueScreen
from seqconsole.selecting import failed_selection
from seqconsole.widgets.confirm import Confirm
from tests.console.fakes import FakeSource, Scene, screen_text, started, toasts, until
from tests.console.figures import uid

pytestmark = pytest.mark.anyio
SIZE = (80, 24)


@pytest.mark.slow
async def test_filter_order_and_grouping_are_there_after_a_restart(
    scene: Scene, tmp_path: Path
) -> None:
    kept = tmp_path / "state" / "screens.json"
    console = scene.console(memory=kept)
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("b", "b", "greater_than_sign", "slash", *"!host:gw-0", "enter", "4")
        await started(pilot)
        await pilot.press("slash", *"+60123450008", "enter")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "60123450008" not in kept.read_text(), "no phone is left in a file"
    console = scene.console(memory=kept)
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        screen = console.screen
        assert isinstance(screen, DevicesScreen)
        assert (screen.by, screen.grid.sort_column) == (By.HOST, "due")
        assert "/!host:gw-0" in screen_text(console)
        assert {row.view.host for row in screen.grid.matching_rows} == {"gw-1", "gw-2", None}
        await pilot.press("escape", "b", "b")
    assert "filter" not in kept.read_text() or '"filter": ""' in kept.read_text()


@pytest.mark.parametrize(
    "content", ["", "[]", '{"demo|Devices": 3}', '{"demo|Devices": {"sort": 7}}']
)
def test_a_memory_that_makes_no_sense_is_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "f").write_text(content)
    memory = Memory(tmp_path / "f", "demo")
    assert memory.of("Devices") == Remembered()
    memory.keep("Devices", Remembered("x"))
    assert json.loads((tmp_path / "f").read_text())["demo|Devices"]["filter"] == "x"


async def test_a_full_number_is_asked_of_the_database_in_the_queue(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("4", "slash", *"+6012 345-0005", "enter")
        screen = console.screen
        assert isinstance(screen, QueueScreen)
        await until(pilot, lambda: screen.grid.total == 1)
        assert "messages None of 60123450005" in scene.source.asked


@pytest.mark.slow
async def test_ctrl_d_retries_what_matches_and_no_more(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("4", "slash", *"device:melaka error:whatsapp", "enter", "ctrl+d")
        await until(pilot, lambda: isinstance(console.screen, Confirm))
        assert isinstance(console.screen, Confirm)
        assert console.screen.question == "Retry 7 steps?"
        await pilot.press("y")
        await until(pilot, lambda: scene.verbs.done)
        [(_, selection)] = scene.verbs.done
        melaka = tuple(d.id for d in scene.source.devices if "Melaka" in d.name)
        assert selection == Selection(devices=melaka, error="whatsapp")
        scene.verbs.done.clear()
        await pilot.press("escape", "slash", *"wei", "enter", "ctrl+d")
        await until(pilot, lambda: toasts(console)[-1] == "No failed message matches /wei")
        await pilot.press("escape", "slash", *"whatsapp", "enter", "ctrl+d", "y")
        await until(pilot, lambda: scene.verbs.done)
        [(_, selection)] = scene.verbs.done
        assert selection == Selection(ids=(uid(7004), uid(7005)))


async def test_which_filters_the_database_can_answer() -> None:
    figures = await FakeSource().snapshot()

    def chosen(text: str) -> Selection | None:
        return failed_selection(parse(text), figures)

    assert chosen("") == Selection()
    assert chosen("seq:renewal") == Selection(sequences=(uid(2),))
    assert chosen("phone:+60123456789") == Selection(phones=("60123456789",))
    assert chosen("device:nothing-like-it") == Selection(devices=())
    for words in ("wei", "!device:ipoh", "phone:012345678", "state:pending", "error:a error:b"):
        assert chosen(words) is None, words
