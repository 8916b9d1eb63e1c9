"""Reconnect: by the command and by the console's key; it sends nothing, and it is in the journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from uuid import UUID

import pytest

from engine.addresses import load_addresses
from engine.device_states import record_states
from engine.gateways.fleet import Fleet
from engine.gateways.protocol import DeviceAddress, DeviceState, GatewayState, Platform
from engine.operations.model import OperationRefused, Scope, Target
from engine.operations.reconnect import MOST, preview_reconnect, reconnect
from engine.operations.undo import undo
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.gateways.kinds import GOWA, TOKEN, WABLAS_KIND
from tests.gateways.scripted import Seen, host, reply
from tests.world import World

pytestmark = pytest.mark.anyio

WHO = "ana@desk"


@pytest.fixture
def world(new_database: Callable[..., str]) -> Iterator[World]:
    made = World.at(new_database())
    yield made
    made.close()


@pytest.fixture
async def database(world: World) -> AsyncIterator[Database]:
    async with Database.open(Access(world.connection.info.dsn)) as opened:
        yield opened


def target_of(**devices: UUID) -> Target:
    return Target(Scope.DEVICE, tuple(map(str, devices.values())), tuple(devices))


async def test_what_came_of_each_device_is_said_journaled_and_known(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.gateways.gowa_devices.LOOKS", 1)
    up, out, strange, hosted = (world.device(n) for n in ("up", "out", "strange", "hosted"))
    await roll_up_all(database)
    everyone = [up, out, strange, hosted]
    await record_states(database, [DeviceState(d, GatewayState.OFFLINE) for d in everyone])

    def answer(request: Seen) -> bytes:
        if str(strange) in request.path:
            return reply(500, {"code": "INTERNAL_SERVER_ERROR", "message": "device not found"})
        said = {"is_connected": True, "is_logged_in": str(up) in request.path}
        return reply(200, {"code": "SUCCESS", "message": "ok", "results": said})

    async with host(answer) as there:
        fleet = Fleet(
            {
                Platform.GOWA: GOWA.make(there.url),
                Platform.WABLAS: WABLAS_KIND.make("https://wablas.example"),
            }
        )
        gowa = [DeviceAddress(d, "", "") for d in (up, out, strange)]
        fleet.know([*gowa, DeviceAddress(hosted, "Wablas", TOKEN)])
        many = target_of(up=up, out=out, strange=strange, hosted=hosted)
        done = await reconnect(database, WHO, fleet, many, reason="router")
        one = await reconnect(database, WHO, fleet, target_of(up=up))
        await fleet.close()
    assert {s.method for s in there.seen} == {"POST", "GET"}
    assert {s.path.rpartition("/")[2] for s in there.seen} == {"reconnect", "status"}
    assert (done.n, done.summary) == (1, "reconnected 4 devices: 1 logged in")
    assert done.refused == (
        "out: connected, but logged out: scan its code at the gateway",
        "strange: status 500: device not found",
        "hosted: wablas has no such call: connect it at wablas itself",
    )
    assert one.summary == "reconnected device up: connected and logged in"
    journaled = world.run(
        "SELECT who, verb, n, summary, reason FROM seqconsole.operations ORDER BY id"
    )
    assert [tuple(row.values()) for row in journaled] == [
        (WHO, "reconnect", 1, done.summary, "router"),
        (WHO, "reconnect", 1, one.summary, None),
    ]
    held = {
        r["key"] for r in world.run("SELECT key FROM seqconsole.holds WHERE holder = 'gateway'")
    }
    assert held == {str(d) for d in (out, strange, hosted)}
    assert world.value("SELECT count(*) FROM seqconsole.attempts") == 0
    assert "canary" not in str(world.run("SELECT * FROM seqconsole.operations"))
    with pytest.raises(OperationRefused, match="reconnect"):
        await undo(database, WHO, done.operation_id)


async def test_what_cannot_be_reconnected_changes_nothing(world: World, database: Database) -> None:
    device = world.device()
    fleet = Fleet({Platform.GOWA: GOWA.make("https://gowa.example")})
    for target in (
        Target(Scope.ALL),
        Target(Scope.DEVICE, (str(device),) * (MOST + 1)),
    ):
        with pytest.raises(OperationRefused):
            preview_reconnect(target)
        with pytest.raises(OperationRefused):
            await reconnect(database, WHO, fleet, target)

    class Mute:
        """A gateway without the call."""

    with pytest.raises(OperationRefused, match="cannot reconnect"):
        await reconnect(database, WHO, Mute(), target_of(one=device))  # type: ignore[arg-type]
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0


async def test_a_table_without_the_columns_is_one_of_gowa_devices(
    world: World, database: Database
) -> None:
    device = world.device()
    world.run("UPDATE user_devices SET platform = 'Wablas', jid = %s", TOKEN)
    assert await load_addresses(database) == [DeviceAddress(device, "Wablas", TOKEN)]
    world.run("ALTER TABLE user_devices DROP COLUMN platform, DROP COLUMN jid")
    assert await load_addresses(database) == [DeviceAddress(device, "", "")]
