"""A filter that the database answers with nothing is not an empty queue."""

from __future__ import annotations

import pytest

from tests.console.fakes import Scene, screen_text, started, until

pytestmark = pytest.mark.anyio


async def test_a_queue_without_a_match_does_not_say_that_nothing_is_queued(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(80, 24)) as pilot:
        await started(pilot)
        await pilot.press("4", "slash", *"state:skipped", "enter")
        await until(pilot, lambda: "messages skipped" in " ".join(scene.source.asked))
        await until(pilot, lambda: "No messages match /state:skipped" in screen_text(console))
        assert "Nothing is queued" not in screen_text(console)
