"""One device lost: from the alarm over hold, flight and doubt to the move, each by one key."""

from __future__ import annotations

import pytest

from engine.operations.model import Scope
from engine.views import DeviceCondition
from seqconsole.screens.device import DeviceScreen
from seqconsole.screens.devices import DevicesScreen
from seqconsole.screens.lost_device import LostDeviceScreen
from seqconsole.widgets.confirm import Confirm
from tests.console.fakes import Scene, screen_text, started, toasts, until
from tests.console.figures import device

pytestmark = pytest.mark.anyio
SIZE = (80, 24)


@pytest.mark.slow
async def test_from_the_alarm_to_hold_doubt_and_move(scene: Scene) -> None:
    scene.source.devices = [
        device(0),
        device(
            13, condition=DeviceCondition.OFFLINE, hold="gateway: logged out", unknown=3, failed=2
        ),
    ]
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("5", "slash", *"finding:offline", "enter", "enter")
        await until(pilot, lambda: isinstance(console.screen, DevicesScreen))
        await until(pilot, lambda: "/state:offline" in screen_text(console))
        await pilot.press("L")
        await until(pilot, lambda: "x moves" in screen_text(console))
        text = screen_text(console)
        for said in (
            "○ offline: gateway: logged out",
            "2 may still arrive, until 10:24:07",
            "3 messages: nobody knows",
            "2 messages failed",
            "212 contacts move: 80 queued",
            "Ipoh 01: 100 contacts",
            "3 stay, in doubt",
        ):
            assert said in text, said
        await pilot.press("j", "j", "j", "j", "j")
        await until(pilot, lambda: "New number: 180 of them have" in screen_text(console))
        await pilot.press("g", "p")
        await until(pilot, lambda: scene.verbs.done)
        target = scene.verbs.done[0][1]
        assert (target.scope, target.names) == (Scope.DEVICE, ("Seremban 13",))
        await pilot.press("j", "j", "enter")
        await until(pilot, lambda: isinstance(console.screen, DeviceScreen))
        await until(pilot, lambda: "/state:unknown" in screen_text(console))
        await pilot.press("escape", "escape")
        screen = console.screen
        assert isinstance(screen, LostDeviceScreen)
        assert screen.row is not None
        assert screen.row.name == "In doubt", "the cursor is where it was"
        await pilot.press("x")
        await until(pilot, lambda: isinstance(console.screen, Confirm))
        assert isinstance(console.screen, Confirm)
        assert console.screen.lines[-1].startswith("Stays: 3 stay")
        await pilot.press("y")
        await until(pilot, lambda: len(scene.verbs.done) == 2)
        assert scene.verbs.done[1] == ("move", (device(13).id, "pin of the move"))
        await until(pilot, lambda: "z takes it back" in screen_text(console))


async def test_a_device_that_nothing_holds_says_it_may_still_send_and_why_it_can_not_move(
    scene: Scene,
) -> None:
    scene.source.devices = [device(0)]
    scene.verbs.refuse = "no other device of the same user can take over"
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("enter", "L")
        await until(pilot, lambda: "not possible" in screen_text(console))
        assert "nothing holds it: it may still send" in screen_text(console)
        await pilot.press("x")
        await until(pilot, lambda: toasts(console))
        assert toasts(console) == [f"Move to others: {scene.verbs.refuse}"]
    assert scene.verbs.done == []


async def test_what_a_move_would_do_is_looked_at_anew_when_doubts_were_settled(
    scene: Scene,
) -> None:
    scene.source.devices = [device(0, unknown=3)]
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("L")
        await until(pilot, lambda: "212 open steps to the devices above" in screen_text(console))
        scene.verbs.moves = 215
        scene.source.devices = [device(0, unknown=0)]
        await until(pilot, lambda: "3 messages: nobody knows" not in screen_text(console))
        assert "212 open steps" in screen_text(console), "not at every second"
        scene.clock.now += 6
        await until(pilot, lambda: "215 open steps to the devices above" in screen_text(console))
