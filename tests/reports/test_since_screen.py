"""Launch says what changed, keys pressed at once still reach the first device, `0` shows it, enter leads on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.operations.model import Scope
from engine.reports.since import Change, Changes, Topic
from engine.store import StoreError
from seqconsole.app import Console
from seqconsole.screens.devices import DevicesScreen
from seqconsole.screens.queue import QueueScreen
from seqconsole.screens.since import SinceScreen
from seqconsole.screenshots import settled
from tests.console.fakes import Scene, screen_text, started, until
from tests.console.figures import NOW

pytestmark = pytest.mark.anyio

LINES = (
    Change(Topic.NOTE, 1, "09:12 budi: \x1b[31mleave Sales 3", "seqconsole journal 4", "6", "verb:note"),
    Change(Topic.UNKNOWN, 2, "2 messages to settle", "seqconsole settle", "4", "state:unknown"),
    Change(Topic.SENT, 90, "90 sent of 100 planned", "seqconsole status", "1", quiet=True),
)  # fmt: skip


@dataclass
class FakeAway:
    """An operator who was away since 20 minutes."""

    seen: datetime | None = NOW - timedelta(minutes=20)
    lines: tuple[Change, ...] = LINES
    error: StoreError | None = None
    done: list[str] = field(default_factory=list)

    async def last(self) -> datetime | None:
        return self.seen

    async def now(self) -> datetime:
        return NOW

    async def here(self) -> None:
        self.done.append("here")

    async def changes(self, since: datetime) -> Changes:
        self.done.append("changes")
        if self.error is not None:
            raise self.error
        return Changes(since, NOW, self.lines)


def at_launch(scene: Scene, away: FakeAway, size: tuple[int, int] = (80, 24)):  # type: ignore[no-untyped-def]
    console = scene.console(away=away)
    return console, console.run_test(size=size)


async def test_a_line_at_launch_and_p_still_pauses_the_first_device(scene: Scene) -> None:
    console, run = at_launch(scene, FakeAway())
    async with run as pilot:
        await pilot.press("p")
        await started(pilot)
        await until(pilot, lambda: scene.verbs.done)
        [(verb, target)] = scene.verbs.done
        assert (verb, target.scope) == ("pause", Scope.DEVICE)
        await until(pilot, lambda: "Since you left" in screen_text(console))
        assert "1 note, 2 in doubt · 0 shows, esc hides" in screen_text(console)
        await pilot.press("escape")
        await until(pilot, lambda: "Since you left" not in screen_text(console))
        assert isinstance(console.top, DevicesScreen)


async def test_0_shows_it_and_enter_leads_to_the_rows(scene: Scene) -> None:
    away = FakeAway()
    console, run = at_launch(scene, away)
    async with run as pilot:
        await started(pilot)
        await pilot.press("0")
        await until(pilot, lambda: isinstance(console.top, SinceScreen) and console.top.ready)
        text = screen_text(console)
        assert "leave Sales 3" in text
        assert "\x1b" not in text
        assert "90 sent of 100 planned" in text
        await pilot.press("0")
        assert len(console.screen_stack) == 2
        await pilot.press("j", "enter")
        await until(pilot, lambda: isinstance(console.top, QueueScreen))
        await until(pilot, lambda: "/state:unknown" in screen_text(console))
        await pilot.press("1")
        await until(pilot, lambda: isinstance(console.top, DevicesScreen))
        assert "0 shows" not in screen_text(console)  # it was seen
        await pilot.press("0")
        await until(pilot, lambda: isinstance(console.top, SinceScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(console.top, DevicesScreen))
        assert away.done.index("changes") < away.done.index("here")


@pytest.mark.parametrize(
    "away", [FakeAway(lines=LINES[2:]), FakeAway(seen=None), FakeAway(error=StoreError("too slow"))]
)
async def test_nothing_to_say_says_nothing(scene: Scene, away: FakeAway) -> None:
    console, run = at_launch(scene, away)
    async with run as pilot:
        await started(pilot)
        await until(pilot, lambda: "here" in away.done)
        assert "0 shows" not in screen_text(console)
        await pilot.press("0")
        await until(pilot, lambda: isinstance(console.top, SinceScreen) and console.top.ready)
        if away.error:
            await until(pilot, lambda: "too slow" in screen_text(console))
            away.error = None
            away.lines = (replace(LINES[1], text="it answers"),)
            await pilot.press("escape", "0")
            await until(pilot, lambda: "it answers" in screen_text(console))


async def test_a_console_without_it_says_why(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(80, 24)) as pilot:
        await started(pilot)
        await pilot.press("0")
        await until(pilot, lambda: "does not know who you are" in screen_text(console))


@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=["80x24", "160x50"])
def test_picture(snap_compare: Callable[..., bool], scene: Scene, size: tuple[int, int]) -> None:
    """At 80x24 the line at launch, at 160x50 what it leads to."""

    async def lead(pilot: Pilot[Any]) -> None:
        console = pilot.app
        assert isinstance(console, Console)
        await settled(pilot, console)
        await until(pilot, lambda: console.absence.notice)
        if size[0] > 80:
            await pilot.press("0")
        await settled(pilot, console)

    assert snap_compare(scene.console(away=FakeAway()), terminal_size=size, run_before=lead)
