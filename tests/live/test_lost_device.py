"""A lost device on a real database: held, moved after a preview that says who sees a new number, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from seqconsole.screens.lost_device import LostDeviceScreen
from seqconsole.widgets.confirm import Confirm
from tests.live.test_operator import console, until
from tests.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    made = World.at(dsn)
    yield made
    made.close()


def places(world: World) -> list[tuple[str, str]]:
    found = world.run(
        "SELECT m.recipient_phone AS phone, u.device_name AS name FROM broadcast_messages m"
        " JOIN user_devices u ON u.id = m.device_id ORDER BY 1"
    )
    return [(row["phone"], row["name"]) for row in found]


async def test_hold_move_and_take_back_by_key(dsn: str, world: World) -> None:
    lost, other = world.device("Lost one"), world.device("Other")
    for device in (lost, other):
        world.run(
            "INSERT INTO seqconsole.devices (device_id, user_id, host, slot_at)"
            " VALUES (%s, %s, 'gw-1', seqconsole.now())",
            device,
            world.user,
        )
    for n in range(3):
        world.message(lost, f"6012345678{n}")
    before = places(world)
    async with console(dsn, (80, 24)) as (app, pilot):
        await pilot.press("slash", *"lost", "enter", "L")
        await until(lambda: isinstance(app.screen, LostDeviceScreen))
        screen = app.screen
        assert isinstance(screen, LostDeviceScreen)
        await until(lambda: not screen.busy)
        await pilot.press("p")
        await until(lambda: world.value("SELECT count(*) FROM seqconsole.holds"))
        await pilot.press("ctrl+r")
        while screen.busy or screen.why_not("repair"):
            await pilot.pause(0.02)
        await pilot.press("x")
        await until(lambda: isinstance(app.screen, Confirm))
        assert isinstance(app.screen, Confirm)
        assert app.screen.question == "Move the future of device Lost one?"
        assert any("new" in line or "None of them has" in line for line in app.screen.lines)
        await pilot.press("y")
        await until(lambda: {name for _, name in places(world)} == {"Other"})
        ahead = world.run("SELECT at FROM seqconsole.progress WHERE state = 'r'")
        assert all(row["at"] > world.now() + timedelta(seconds=5) for row in ahead)
        while "z takes it back" not in app._desk.counting(app.options.clock()):
            await pilot.pause(0.02)
        await pilot.press("z")
        await until(lambda: places(world) == before)
    verbs = world.run("SELECT verb FROM seqconsole.operations ORDER BY id")
    assert [row["verb"] for row in verbs] == ["pause", "reassign", "undo"]
