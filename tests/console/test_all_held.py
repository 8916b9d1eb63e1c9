"""While everything is held each device says so, the strip says paused, and the footer offers to resume."""

from __future__ import annotations

import pytest

from engine.views import DeviceCondition
from tests.console.fakes import Scene, screen_text, started, until

pytestmark = pytest.mark.anyio


async def test_a_hold_on_everything_is_seen_on_each_device(scene: Scene) -> None:
    scene.source.facts["everything_held"] = "held by operator"
    console = scene.console()
    async with console.run_test(size=(120, 40)) as pilot:
        await started(pilot)
        await until(pilot, lambda: "R Resume all" in screen_text(console))
        text = screen_text(console)
        assert "● ready" not in text
        assert "▶ sending" not in text
        free = [d for d in scene.source.devices if d.condition is DeviceCondition.READY]
        assert text.count("‖ all held") >= len(free) > 0
        assert "◆ paused" in text or "engine paused" in text
        assert "P Pause all" not in text
        scene.source.facts["everything_held"] = None
        await until(pilot, lambda: "P Pause all" in screen_text(console))
        await until(pilot, lambda: "‖ all held" not in screen_text(console))
