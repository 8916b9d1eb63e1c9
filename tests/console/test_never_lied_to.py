"""What is wrong is said in words, at 80 columns too, and what can not be known is not shown as known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.store.errors import DatabaseUnavailable
from engine.views import AlarmView
from seqconsole.screens.explain import ExplainScreen
from seqconsole.screens.rows import RowsScreen
from seqconsole.screens.views import LISTS
from seqconsole.widgets.key_line import live_keys
from tests.console.fakes import FakeEngine, Scene, screen_text, started, toasts, until
from tests.console.figures import NOW, device, uid

pytestmark = pytest.mark.anyio
SIZE = (80, 24)
LAG = timedelta(seconds=40)

# What is so, what the strip says of it at 80 columns, what Health says in words.
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "engine off": ({"engine_on": False}, "◆ off", "Engine off"),
    "no worker": ({"workers": 0, "lag": None}, "no worker", "Engine no worker"),
    "lagging": ({"lag": LAG}, "◆ lag", "Engine lagging"),
    "two versions": ({"versions": 2}, "▲ 1 alarm", "2 versions at work"),
    "all held": ({"everything_held": "audit"}, "paused  ▲ 1", "ALL PAUSED: audit"),
    "read-only server": ({"server_read_only": True}, "▲ 1 alarm", "READ-ONLY SERVER"),
    "slow": ({"alarm": "claims are slow: p99 3 s"}, "▲ 1 alarm", "claims are slow: p99 3 s"),
    "unknown": ({"unknown": 7}, "unk 7", "in doubt"),
    "findings": ({"findings": 3}, "", "other findings"),
}


@pytest.mark.slow
async def test_each_trouble_is_in_the_strip_and_in_words_on_health(scene: Scene) -> None:
    console = scene.console()

    def is_said(strip: str, health: str) -> bool:
        text = screen_text(console)
        first = text.partition("\n")[0].replace("unknown", "unk")
        return health in text and (strip.removeprefix("◆ ") in first)

    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("5")
        await started(pilot)
        for facts, strip, health in WRONG.values():
            scene.source.facts.clear()
            scene.source.facts.update(facts)
            await until(pilot, lambda: is_said(strip, health))  # noqa: B023


async def test_an_alarm_that_does_not_fit_the_strip_is_in_full_on_health_and_explains_a_case(
    scene: Scene,
) -> None:
    scene.source.facts.update(unclaimable=1)
    scene.source.alarms_there = [
        AlarmView("k", "host", "gw-2", "gateway", "logged out", [uid(7001)], NOW)
    ]
    console = scene.console()
    async with console.run_test(size=(200, 30)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "host gw-2: logged out" in screen_text(console))
        await pilot.press("g")
        await until(pilot, lambda: "Repair: mend the cause" in screen_text(console))
        assert "mend the cause, then seqconsole holds --lift 'gateway'" in screen_text(console)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(console.screen, ExplainScreen))
        await until(pilot, lambda: "gates message" in scene.source.asked)


async def test_a_frozen_screen_says_when_its_data_is_from_while_the_clock_goes_on(
    scene: Scene,
) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("f")
        scene.source.facts["now"] = NOW + timedelta(minutes=3)
        await until(
            pilot, lambda: console.snapshot is not None and console.snapshot.now.minute == 44
        )
        await pilot.pause()
        assert "Frozen at 10:41:07" in screen_text(console)
        await pilot.press("f")
        await until(pilot, lambda: "10:44:07" in screen_text(console))


async def test_what_was_read_before_the_database_went_is_dim_and_every_act_says_why(
    scene: Scene,
) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("L")
        await until(pilot, lambda: "x moves" in screen_text(console))
        scene.source.error = DatabaseUnavailable("cannot reach demo on host-3: refused")
        await until(pilot, lambda: console.lost is not None)
        for key in ("p", "x", "r", "P", "R", "z", "E"):
            said = len(toasts(console))
            await pilot.press(key)
            await until(pilot, lambda said=said: len(toasts(console)) > said)  # type: ignore[misc]
            assert toasts(console)[-1].endswith("no connection to the database")
        assert console.screen.has_class("-old")
    assert scene.verbs.done == []


@pytest.mark.slow
async def test_every_key_that_does_not_act_says_why(scene: Scene) -> None:
    """Nothing under the cursor: a key either does something or says why it can not."""
    scene.source.devices, scene.source.groups_there = [], []
    console = scene.console(read_only=True)
    async with console.run_test(size=SIZE) as pilot:
        for view in LISTS:
            await pilot.press(view)
            await started(pilot)
            bound = {b.binding.action: k for k, b in console.screen.active_bindings.items()}
            for key in live_keys(console.screen):
                if not key.enabled:
                    said = toasts(console)[-1:]
                    console.explain_key(bound[key.action])
                    assert toasts(console)[-1:] != said or key.description in said[0], key
    assert scene.verbs.done == []


@pytest.mark.slow
async def test_the_palette_offers_every_key_of_the_screen_and_why_one_can_not_act(
    scene: Scene,
) -> None:
    console = scene.console(read_only=True)
    async with console.run_test(size=(120, 40)) as pilot:
        await started(pilot)
        await pilot.press("colon")
        await pilot.press(*"Lost")
        await until(pilot, lambda: "Lost device: hold, doubts" in screen_text(console))
        await pilot.press("escape", "colon")
        await pilot.press(*"Pause all that")
        await until(pilot, lambda: "not now: this console is read-only" in screen_text(console))
        await pilot.press("enter")
        await until(pilot, lambda: toasts(console))
        assert toasts(console)[-1] == "Pause all that match: this console is read-only"
    assert scene.verbs.done == []


@pytest.mark.slow
async def test_leaving_as_the_only_sender_says_what_stays_due_also_with_an_engine_off(
    scene: Scene,
) -> None:
    console = scene.console(engine=FakeEngine())
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("q")
        await until(pilot, lambda: "due messages stay queued" in screen_text(console))
        await pilot.press("n")
        scene.source.facts["engine_on"] = False
        await until(pilot, lambda: "◆ off" in screen_text(console))
        await pilot.press("q")
        await until(pilot, lambda: console.return_value is not None)


async def test_a_column_of_every_list_can_sort(scene: Scene) -> None:
    for screen in LISTS.values():
        assert isinstance(screen, type)
        assert issubclass(screen, RowsScreen)
        assert [column.key for column in screen.COLUMNS if column.order is None] == []


async def test_a_device_that_vanishes_under_its_own_screen_says_so(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("enter")
        await started(pilot)
        scene.source.devices = [replace(device(1), id=uid(99))]
        await until(pilot, lambda: "This device is no longer there." in screen_text(console))
        for key in ("p", "L", "ctrl+d"):
            await pilot.press(key)
        await until(pilot, lambda: len(toasts(console)) == 3)
        assert all(line.endswith("this device is no longer there") for line in toasts(console))
