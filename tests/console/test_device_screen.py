"""One device on its screen: throttle, picture of its sends, its past; and the funnel of a sequence."""

from __future__ import annotations

import pytest

from engine.store.errors import Refused
from seqconsole.screens.device import DeviceScreen
from seqconsole.screens.device_journal import DeviceJournalScreen
from seqconsole.screens.steps import FUNNEL, StepRow, funnel
from seqconsole.screens.story import StoryScreen
from seqconsole.widgets.cells import sparkline
from tests.console.fakes import Scene, screen_text, started, until
from tests.console.figures import DETAIL, step

pytestmark = pytest.mark.anyio


async def test_a_device_shows_rules_sends_by_hour_last_messages_and_journal(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(80, 24)) as pilot:
        await started(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Rules" in screen_text(console))
        text = screen_text(console)
        assert "gap 8-15 s · cap 300 a day · quiet 22:00-08:00" in text
        assert sparkline(DETAIL.hours) in text
        assert "697 sent, at most 80 in an hour" in text
        await until(pilot, lambda: "paused device Kuching 04" in screen_text(console))
        assert "messages sent" in scene.source.asked
        await pilot.press("J")
        await until(pilot, lambda: isinstance(console.screen, DeviceJournalScreen))
        await pilot.press("x", "y")
        await until(pilot, lambda: scene.verbs.done)
        assert scene.verbs.done == [("undo", 41)]


async def test_a_part_of_the_device_that_can_not_be_read_says_so_alone(scene: Scene) -> None:
    scene.source.journal_error = Refused("missing privilege on demo: operations")
    console = scene.console()
    async with console.run_test(size=(80, 24)) as pilot:
        await started(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Did   × missing privilege" in screen_text(console))
        assert "Rules gap" in screen_text(console)
        assert "16 of 16" in screen_text(console)


@pytest.mark.slow
async def test_from_a_device_to_a_person_and_back_to_the_same_row(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(80, 24)) as pilot:
        await started(pilot)
        await pilot.press("j", "j", "enter")
        await until(
            pilot, lambda: isinstance(console.screen, DeviceScreen) and console.screen.ready
        )
        screen = console.screen
        assert isinstance(screen, DeviceScreen)
        await pilot.press("j", "j", "j")
        held = screen.grid.cursor_key
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(console.screen, StoryScreen) and console.screen.ready)
        await until(pilot, lambda: "Sequence" in screen_text(console))
        await pilot.press("escape")
        assert console.screen is screen
        assert screen.grid.cursor_key == held


def test_the_funnel_is_as_long_as_the_step_and_shows_every_state() -> None:
    whole = StepRow(0, step(1), 0, step(1).total)
    line = funnel(whole)
    assert FUNNEL - 1 <= len(line) <= FUNNEL
    assert set(line) == set("█▄▁×")
    half = StepRow(0, step(1), 0, 2 * step(1).total)
    assert FUNNEL // 2 <= len(funnel(half)) <= FUNNEL // 2 + 2
    assert funnel(StepRow(0, None, 0, 0)) == ""
