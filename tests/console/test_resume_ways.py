"""A resume after a longer pause: the ways are said in plain words, a key chooses one, `y` takes it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from engine.operations.resuming import Choice, Way
from tests.console.fakes import Scene, screen_text, started, until

pytestmark = pytest.mark.anyio

WAYS = (
    Choice(Way.SPREAD, "Spread: the 340 messages that waited go out evenly until 22:41."),
    Choice(Way.FULL, "Full rate: as fast as the limits allow, done by 21:10."),
    Choice(Way.SKIP, "Skip older than 24 hours: 3 messages.", timedelta(hours=24)),
    Choice(Way.SKIP, "Skip older than 1 hour: 9 messages.", timedelta(hours=1)),
)


@pytest.mark.parametrize(
    ("keys", "way"), [("", 0), ("f", 1), ("fs", 0), ("k", 2), ("kk", 3), ("kkk", 2)]
)
async def test_a_key_chooses_the_way_and_y_takes_it(scene: Scene, keys: str, way: int) -> None:
    scene.verbs.resume_ways = WAYS
    console = scene.console()
    async with console.run_test(size=(80, 24)) as pilot:
        await started(pilot)
        await pilot.press("R")
        await until(pilot, lambda: "● s  Spread: the 340" in screen_text(console))
        await pilot.press(*keys)
        line = WAYS[way].line[:20]
        await until(pilot, lambda: re.search(rf"● [sfk]  {re.escape(line)}", screen_text(console)))
        await pilot.press("y")
        await until(pilot, lambda: bool(scene.verbs.done))
        assert scene.verbs.ways == [WAYS[way]]


async def test_no_way_is_taken_by_no(scene: Scene) -> None:
    scene.verbs.resume_ways = WAYS
    console = scene.console()
    async with console.run_test(size=(80, 24)) as pilot:
        await started(pilot)
        await pilot.press("r")
        await until(pilot, lambda: "○ f  Full rate" in screen_text(console))
        await pilot.press("f", "n")
        await until(pilot, lambda: "Full rate" not in screen_text(console))
        assert scene.verbs.done == []
