"""What a narrow list cuts off stands below it in full, for the row under the cursor."""

from __future__ import annotations

import pytest

from tests.console.fakes import Scene, screen_text, started, until

pytestmark = pytest.mark.anyio


async def test_the_queue_says_the_whole_of_a_reason(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(80, 24)) as pilot:
        await started(pilot)
        await pilot.press("4", "slash", *"state:failed", "enter")
        await until(pilot, lambda: "messages failed" in " ".join(scene.source.asked))
        await until(pilot, lambda: "· not on WhatsApp" in screen_text(console))
        await pilot.press("slash", *"zzz", "enter")
        await until(pilot, lambda: "not on WhatsApp" not in screen_text(console))


async def test_a_duplicate_group_says_what_stays_why_and_what_is_sent(scene: Scene) -> None:
    console = scene.console()
    verdict = scene.source.groups_there[0][1]
    async with console.run_test(size=(80, 24)) as pilot:
        await started(pilot)
        await pilot.press("3")
        await until(pilot, lambda: f"row: {verdict.rule}" in screen_text(console))
        told = " ".join(screen_text(console).split())
        assert f"message {verdict.when}" in told
        assert str(verdict.person) in told


async def test_enter_on_a_campaign_message_leads_to_its_gates(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(80, 24)) as pilot:
        await started(pilot)
        await pilot.press("4", "slash", *"campaign", "enter", "enter")
        await until(pilot, lambda: "Why is this message" in screen_text(console))
