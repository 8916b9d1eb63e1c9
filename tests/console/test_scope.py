"""Devices grouped by user, host or platform: lines of sums, folding, marks, and holds of a whole group."""

from __future__ import annotations

import pytest

from engine.operations.model import Scope
from engine.views import ScopeHoldView
from seqconsole.app import Console
from seqconsole.screens.device_groups import By
from seqconsole.screens.devices import DevicesScreen
from seqconsole.widgets.confirm import Confirm
from tests.console.fakes import Scene, screen_text, started, toasts, until
from tests.console.figures import device, uid

pytestmark = pytest.mark.anyio
SIZE = (80, 24)


def devices(console: Console) -> DevicesScreen:
    assert isinstance(console.screen, DevicesScreen)
    return console.screen


async def test_b_groups_folds_and_every_line_shows_the_sum(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        screen = devices(console)
        await pilot.press("b")
        [user] = screen.grid.shown_rows
        assert (user.view.name, user.view.pending) == (
            str(uid(1)),
            sum(each.pending for each in scene.source.devices),
        )
        await pilot.press("b")
        assert screen.by is By.HOST
        names = [row.view.name for row in screen.grid.shown_rows]
        assert sorted(names) == ["gw-0", "gw-1", "gw-2", "no host"]
        assert "24 of 24" in screen_text(console)
        await pilot.press("G", "enter")
        held = screen.grid.cursor_key
        inside = len(screen.grid.shown_rows) - 4
        assert inside == len(screen.groups.rows_of(held)) > 0
        assert screen.grid.cursor_key == held
        await pilot.press("j", "minus")
        assert len(screen.grid.shown_rows) == 4
        assert screen.grid.cursor_key == held, "the cursor is on the group it was in"
        await pilot.press("plus")
        assert len(screen.grid.shown_rows) == 28
        await pilot.press("b", "b")
        assert len(screen.grid.shown_rows) == 24


async def test_p_and_r_on_a_group_hold_the_user_or_the_host_as_a_whole(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("b", "p")
        await until(pilot, lambda: scene.verbs.done)
        await pilot.press("b", "slash", *"host:gw-1", "enter", "r")
        await until(pilot, lambda: len(scene.verbs.done) == 2)
    targets = [(verb, what.scope, what.keys) for verb, what in scene.verbs.done]
    assert targets == [
        ("pause", Scope.USER, (str(uid(1)),)),
        ("resume", Scope.HOST, ("gw-1",)),
    ]


async def test_a_platform_is_its_devices_and_says_how_many(scene: Scene) -> None:
    scene.source.devices[0] = device(0, platform="other")
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("b", "b", "b", "slash", *"platform:gowa", "enter", "p")
        await until(pilot, lambda: isinstance(console.screen, Confirm))
        assert isinstance(console.screen, Confirm)
        assert console.screen.question == "Pause 23 devices of gowa?"
        await pilot.press("y")
        await until(pilot, lambda: scene.verbs.done)
    [(_, target)] = scene.verbs.done
    assert (target.scope, len(target.keys)) == (Scope.DEVICE, 23)


async def test_marks_and_bulk_reach_into_folded_groups(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        screen = devices(console)
        await pilot.press("b", "b", "slash", *"host:gw-2", "enter", "space")
        n = len(screen.grid.matching_rows)
        assert len(screen.grid.shown_rows) == 1
        assert len(screen.grid.marked) == n > 1
        assert "● ▶" in screen_text(console)
        await pilot.press("space", "ctrl+d", "y")
        await until(pilot, lambda: scene.verbs.done)
    assert len(scene.verbs.done[0][1].keys) == n


@pytest.mark.slow
async def test_a_held_group_says_so_and_groups_keep_their_place_under_a_question(
    scene: Scene,
) -> None:
    scene.source.holds_there = [ScopeHoldView("host", "gw-2", "operator", "moving racks", None)]
    console = scene.console()
    async with console.run_test(size=(148, 24)) as pilot:
        await started(pilot)
        screen = devices(console)
        await pilot.press("b", "b")
        await until(pilot, lambda: "‖ held" in screen_text(console))
        assert "moving racks" in screen_text(console)
        before = [row.group for row in screen.grid.shown_rows]
        await pilot.press("P")
        await until(pilot, lambda: isinstance(console.screen, Confirm))
        scene.source.devices = [device(at, pending=at**3) for at in range(24)]
        reads = scene.source.reads
        await until(pilot, lambda: scene.source.reads > reads + 2)
        assert [row.group for row in screen.grid.shown_rows] == before
        await pilot.press("n", "e")
        await until(pilot, lambda: toasts(console))
    assert toasts(console)[-1].startswith("Explain: a group is under the cursor")


@pytest.mark.slow
async def test_the_palette_scopes_to_one_group_by_name(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(120, 36)) as pilot:
        await started(pilot)
        screen = devices(console)
        await pilot.press("colon")
        await pilot.press(*"scope host gw-1")
        await until(pilot, lambda: "only the" in screen_text(console))
        await pilot.press("enter")
        await until(pilot, lambda: screen.by is By.HOST and screen.grid.matching_rows)
        hosts = {row.view.host for row in screen.grid.matching_rows}
        assert hosts == {"gw-1"}
        assert len(screen.grid.shown_rows) == len(screen.grid.matching_rows) + 1
        await pilot.press("b", "b")
        assert len(screen.grid.shown_rows) == 24, "its filter goes with the scope"
