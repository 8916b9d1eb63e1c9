"""A row that was sent is not asked why it is not; the story begins on what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from engine.reader import GateView
from engine.views import ContactRowView
from seqconsole.readings import Subject
from seqconsole.screens.story import StoryScreen
from tests.console.fakes import FakeSource, Scene, screen_text, until
from tests.console.figures import contact

pytestmark = pytest.mark.anyio

STORY = tuple(
    replace(contact(at), name="Aqil", day_number=at, status="completed" if at < 3 else "pending")
    for at in (1, 2, 3, 4)
)  # fmt: skip


class Sent(FakeSource):
    """Two steps were sent, two are to come."""

    async def contact_story(self, phone_key: str) -> Sequence[ContactRowView]:
        return STORY

    async def gates(self, subject: Subject, id: UUID) -> Sequence[GateView]:
        view = next(each for each in STORY if each.id == id)
        return [
            GateView("state", view.status == "pending", view.status, None),
            GateView("hold: device", False, "held by operator", None),
        ]


async def test_the_story_begins_on_what_comes_next_and_a_sent_step_says_so() -> None:
    scene = Scene(Sent())
    console = scene.console()
    async with console.run_test(size=(100, 30)) as pilot:
        await console.push_screen(StoryScreen("60123450000"))
        await until(pilot, lambda: "hold: device" in screen_text(console))
        screen: Any = console.screen
        assert screen.row.view.day_number == 3
        await pilot.press("g")
        await until(pilot, lambda: "it was sent, nothing more" in screen_text(console))
        assert "hold: device" not in screen_text(console)
        await pilot.press("e")
        await until(pilot, lambda: "Why is this contact" in screen_text(console))
        await until(pilot, lambda: "completed: it was sent" in screen_text(console))
        assert "held by hold" not in screen_text(console)
