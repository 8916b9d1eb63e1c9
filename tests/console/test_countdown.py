"""What may cause a send waits with its number on the screen; z takes back exactly that act."""

from __future__ import annotations

from datetime import timedelta

import pytest

from seqconsole.widgets.confirm import Confirm
from tests.console.fakes import Scene, screen_text, started, until
from tests.console.figures import NOW

pytestmark = pytest.mark.anyio
SIZE = (80, 24)

# Each key that may let something out, from launch.
ACTS = {
    "resume": ["r"],
    "resume all": ["R", "y"],
    "resolve": ["3", "x", "y"],
    "resolve all": ["3", "ctrl+d", "y"],
    "retry": ["4", "t", "y"],
    "retry all": ["4", "ctrl+d", "y"],
    "skip": ["4", "s", "y"],
    "mark sent": ["4", "m", "y"],
    "move": ["1", "L", "x", "y"],
}


@pytest.mark.slow
async def test_each_act_that_may_send_counts_down_with_its_number(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        for name, keys in ACTS.items():
            scene.source.facts.update(countdown=12, countdown_until=NOW + timedelta(seconds=10))
            scene.verbs.done.clear()
            for key in keys:
                await started(pilot)
                await pilot.press(key)
                await until(pilot, lambda: not console.must_wait())
            await until(pilot, lambda: scene.verbs.done)
            shown = "In 10s: 12 messages may go out · z takes it back"
            await until(pilot, lambda shown=shown: shown in screen_text(console))  # type: ignore[misc]
            scene.source.facts.clear()
            await pilot.press("z")
            await until(pilot, lambda: len(scene.verbs.done) == 2)
            assert scene.verbs.done[1] == ("undo", 1), f"{name}: the act whose countdown is shown"
            await until(pilot, lambda: "z takes it back" not in screen_text(console))
            await pilot.press("1")


async def test_engine_on_counts_down_too(scene: Scene) -> None:
    scene.source.facts["engine_on"] = False
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("E", "y")
        await until(pilot, lambda: "z takes it back" in screen_text(console))


async def test_z_takes_back_the_act_that_counts_down_and_asks_for_any_other(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("r")
        await until(pilot, lambda: scene.verbs.done)
        scene.clock.now += 11
        scene.source.facts["now"] = NOW + timedelta(seconds=11)
        await until(pilot, lambda: "z takes it back" not in screen_text(console))
        await pilot.press("z")
        await until(pilot, lambda: isinstance(console.screen, Confirm))
        await pilot.press("n")
        assert len(scene.verbs.done) == 1


async def test_the_countdown_of_another_operator_does_not_offer_my_undo(scene: Scene) -> None:
    scene.source.facts.update(countdown=12, countdown_until=NOW + timedelta(seconds=7))
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        text = screen_text(console)
        assert "In 7s: 12 messages may go out · 6, then x, takes it back" in text
        assert "z takes" not in text


async def test_an_undo_that_sends_is_not_said_to_be_taken_back_by_z(scene: Scene) -> None:
    scene.verbs.undo_sends = True
    console = scene.console()
    async with console.run_test(size=(80, 24)) as pilot:
        await started(pilot)
        await pilot.press("z", "y")
        await until(pilot, lambda: "In 10s: undid operation 41" in screen_text(console))
        assert "P pauses all" in screen_text(console)
        assert "z takes it back" not in screen_text(console)
