"""Takeover: a device that is provably lost for long enough loses its future to others, and never to a bad one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from uuid import UUID

import pytest

from engine.device_states import record_states
from engine.gateways.protocol import DeviceState, GatewayState
from engine.operations.holds import pause
from engine.operations.model import Scope, Target
from engine.operations.undo import undo
from engine.reader import Reader
from engine.store import Access, Database
from engine.takeover import take_over
from tests.engine.steps import prepare, take
from tests.operations.scene import ME, sound
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    made = World.at(dsn)
    yield made
    made.close()


@pytest.fixture
async def database(world: World, dsn: str) -> AsyncIterator[Database]:
    async with Database.open(Access(dsn, max_connections=4)) as opened:
        yield opened


async def states(database: Database, **said: tuple[UUID, GatewayState]) -> None:
    await record_states(database, [DeviceState(id_, state) for id_, state in said.values()])


async def scene(world: World, database: Database, *names: str) -> dict[str, UUID]:
    """Old is offline, with three messages; the others are online. Failover after 4 hours."""
    world.freeze()
    world.engine()
    world.setting("failover_after", "4 hours", "default")
    devices = {name: world.device(name) for name in ("Old", *names)}
    for n in range(3):
        world.message(devices["Old"], f"6012345678{n}")
    await prepare(database)
    await say(world, database, devices)
    return devices


async def say(world: World, database: Database, devices: dict[str, UUID]) -> None:
    online = {
        n: (i, GatewayState.LOGGED_OUT if n == "Old" else GatewayState.ONLINE)
        for n, i in devices.items()
    }
    await states(database, **online)


def on(world: World) -> dict[str, int]:
    rows = world.run(
        "SELECT device_name AS name, count(*) AS n FROM seqconsole.progress p "
        "JOIN user_devices u ON u.id = p.device_id GROUP BY 1"
    )
    return {row["name"]: row["n"] for row in rows}


async def later(world: World, database: Database, devices: dict[str, UUID], hours: float) -> int:
    world.advance(hours=hours)
    await say(world, database, devices)
    return await take_over(database)


async def test_the_future_of_a_lost_device_is_moved_once_its_time_is_over(
    world: World, database: Database
) -> None:
    devices = await scene(world, database, "New")
    [gate] = [
        g for g in await Reader(database).explain_device(devices["Old"]) if g.name == "online"
    ]
    assert "logged_out; other devices take over at " in gate.value
    assert await later(world, database, devices, 3.9) == 0
    assert on(world) == {"Old": 3}
    assert await later(world, database, devices, 0.2) == 3
    assert on(world) == {"New": 3}
    row = world.run("SELECT who, verb, n, reason FROM seqconsole.operations")[0]
    assert (row["who"], row["verb"], row["n"]) == ("engine", "reassign", 3)
    assert row["reason"].startswith("logged_out since ")
    assert row["reason"].endswith("failover after 4:00:00")
    message = world.value("SELECT id FROM broadcast_messages LIMIT 1")
    gates = {g.name: g.value for g in await Reader(database).explain_message(message)}
    assert gates["device assigned"].startswith("New, moved here by operation ")
    assert await take(database) == []
    world.advance(seconds=11)
    assert [c.device_id for c in await take(database)] == [devices["New"]]
    await sound(world, database)


async def test_without_the_setting_nothing_moves(world: World, database: Database) -> None:
    devices = await scene(world, database, "New")
    world.run("DELETE FROM seqconsole.settings WHERE name = 'failover_after'")
    assert await later(world, database, devices, 1000) == 0
    world.setting("failover_after", "4 hours", "user", str(world.user))
    world.setting("failover_after", None, "device", str(devices["Old"]))
    assert await later(world, database, devices, 1) == 0
    world.setting("failover_after", "5 hours", "device", str(devices["Old"]))
    assert await later(world, database, devices, 0) == 3


async def test_what_is_not_proven_now_moves_nothing(world: World, database: Database) -> None:
    """A gateway that says nothing any more proves nothing, and a device that came back is not lost."""
    devices = await scene(world, database, "New")
    world.advance(hours=5)
    assert await take_over(database) == 0
    await states(database, old=(devices["Old"], GatewayState.ONLINE))
    assert await take_over(database) == 0
    assert await later(world, database, devices, 1) == 0
    assert on(world) == {"Old": 3}


@pytest.mark.parametrize("bad", ["held", "offline", "stranger", "limit 0", "host held"])
async def test_it_never_moves_to_a_device_that_can_not(
    world: World, database: Database, bad: str
) -> None:
    devices = await scene(world, database, "New")
    if bad == "held":
        await pause(database, ME, Target(Scope.DEVICE, (str(devices["New"]),)), None)
    elif bad == "stranger":
        world.run(
            "UPDATE user_devices SET user_id = gen_random_uuid() WHERE id = %s", devices["New"]
        )
        await prepare(database)
    elif bad == "limit 0":
        world.run(
            "UPDATE seqconsole.devices SET send_limit = 0 WHERE device_id = %s", devices["New"]
        )
    elif bad == "host held":
        world.run("UPDATE seqconsole.devices SET host = 'h' WHERE device_id = %s", devices["New"])
        world.run(
            "INSERT INTO seqconsole.holds (scope, key, holder) VALUES ('host', 'h', 'breaker')"
        )
    world.advance(hours=5)
    state = GatewayState.LOGGED_OUT if bad == "offline" else GatewayState.ONLINE
    await states(
        database, old=(devices["Old"], GatewayState.LOGGED_OUT), new=(devices["New"], state)
    )
    assert await take_over(database) == 0
    assert on(world) == {"Old": 3}
    alarms = [a for a in await Reader(database).alarms() if a.scope == "stranded"]
    assert [a.name for a in alarms] == ["Old"]
    assert "no other device of the same user can take over" in alarms[0].why
    other = world.device("Another")
    await prepare(database)
    await states(
        database, old=(devices["Old"], GatewayState.LOGGED_OUT), other=(other, GatewayState.ONLINE)
    )
    assert await take_over(database) == 3
    assert on(world) == {"Another": 3}
    assert [a for a in await Reader(database).alarms() if a.scope == "stranded"] == []


async def test_an_operator_has_the_last_word(world: World, database: Database) -> None:
    """A device that an operator holds is his; and what he took back is not moved again."""
    devices = await scene(world, database, "New")
    await pause(database, ME, Target(Scope.DEVICE, (str(devices["Old"]),)), "mine")
    assert await later(world, database, devices, 5) == 0
    await undo(database, ME, None)
    assert await later(world, database, devices, 0) == 3
    moved = world.value("SELECT id FROM seqconsole.operations WHERE verb = 'reassign'")
    await undo(database, ME, moved)
    assert on(world) == {"Old": 3}
    assert await later(world, database, devices, 1) == 0
    await states(
        database, old=(devices["Old"], GatewayState.ONLINE)
    )  # it was back, and is lost anew
    assert await later(world, database, devices, 1) == 0
    assert await later(world, database, devices, 5) == 3


async def test_a_device_that_comes_back_in_between_keeps_the_rest(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.operations.reassign.PORTION", 1)
    devices = await scene(world, database, "New")
    world.advance(hours=5)
    await say(world, database, devices)
    world.run(
        "CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN DELETE FROM seqconsole.holds; RETURN NULL; END $$; "
        "CREATE TRIGGER back AFTER INSERT ON seqconsole.operations EXECUTE FUNCTION back()"
    )
    assert await take_over(database) == 1
    assert on(world) == {"Old": 2, "New": 1}
