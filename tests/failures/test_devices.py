"""A device that is away holds its messages; one broken row or device stops no other."""

from __future__ import annotations

import pytest

from engine.device_states import WHO, record_states
from engine.gateways.protocol import Answer, DeviceState, GatewayState, Verdict
from engine.operations.undo import undo
from engine.reader import Reader
from engine.store import Database
from tests.engine.steps import end, prepare, send_all, take
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_f75_offline_holds_and_drains_at_the_limit(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    device = world.device(limit=2)
    for n in range(4):
        world.message(device, f"6012345678{n}")
    await prepare(database)
    await record_states(database, [DeviceState(device, GatewayState.LOGGED_OUT)])
    world.advance(days=3)
    assert await send_all(database) == []
    assert world.statuses("broadcast_messages") == {"pending": 4}
    await record_states(database, [DeviceState(device, GatewayState.ONLINE)])
    sent = 0
    for _ in range(4):
        sent += len(await send_all(database))
        world.advance(seconds=1)
    assert sent == 2
    world.advance(hours=1)
    assert len(await send_all(database)) == 1


async def test_a_device_that_goes_through_a_silent_gateway_now_is_held_by_none_of_before(
    world: World, database: Database
) -> None:
    """Wablas never says that a device is online: what the gowa host said of it would hold it for ever."""
    world.freeze()
    world.engine()
    device, other = world.device("moved"), world.device("asked to wait")
    for one in (device, other):
        world.message(one, "60123456781" if one is device else "60123456782")
    await prepare(database)
    await record_states(database, [DeviceState(device, GatewayState.OFFLINE, "main")])
    unread = DeviceState(device, GatewayState.UNKNOWN, "main")  # a gowa host that cannot tell now
    moved = DeviceState(device, GatewayState.UNKNOWN, "solo", tells=False)
    waiting = DeviceState(other, GatewayState.UNKNOWN, "solo", tells=False)
    await record_states(database, [unread, waiting])
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, reason, until, since) "
        "VALUES ('device', %s, 'gateway', 'DEVICE_DISCONNECTED', 'infinity', seqconsole.now())",
        str(other),
    )
    assert await send_all(database) == []
    assert await record_states(database, [moved, waiting]) == 1
    assert [c.device_id for c in await send_all(database)] == [device]
    lifts = world.run("SELECT who, summary FROM seqconsole.operations WHERE verb = 'lift'")
    assert [(row["who"], row["summary"][:35]) for row in lifts] == [
        ("the engine", "lifted what the gateway of before h")
    ]
    before = world.run("SELECT before ->> 'reason' AS reason FROM seqconsole.operation_rows")
    assert before == [{"reason": "offline"}]
    assert await record_states(database, [moved, waiting]) == 0
    world.message(device, "60123456783")
    assert len((await undo(database, WHO, None)).refused) == 0
    await prepare(database)
    world.advance(hours=1)
    assert await send_all(database) == []  # who wants it held has it held
    assert await record_states(database, [moved, waiting]) == 0


async def test_f76_a_contact_keeps_its_device(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    for n in range(3):
        world.device(f"d{n}", gap=(600, 600))
    sequence = world.sequence(delays=(0, 0, 0))
    world.contact(sequence, "60123456789", None, statuses=("pending",) * 3, due=now)
    devices = []
    for _ in range(3):
        devices += [c.device_id for c in await send_all(database)]
        world.advance(seconds=1)
        await prepare(database)  # now the other devices are free earlier
        world.advance(seconds=600)
    assert len(devices) == 3
    assert len(set(devices)) == 1


async def test_f78_the_gateway_says_who_is_online_not_the_column(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    devices = [world.device(f"d{n}") for n in range(6)]
    columns = ("Online", "connected", "refreshing", "offline", "", None)
    for device, column in zip(devices, columns, strict=True):
        world.run("UPDATE user_devices SET status = %s WHERE id = %s", column, device)
        world.message(device, f"601234567{devices.index(device):02}")
    await prepare(database)
    await record_states(database, [DeviceState(d, GatewayState.OFFLINE) for d in devices])
    assert await take(database) == []
    await record_states(database, [DeviceState(d, GatewayState.ONLINE) for d in devices])
    assert len(await take(database)) == 6
    assert {view.proven_at for view in await Reader(database).devices()} == {world.now()}


async def test_f79_f80_f81_devices_without_or_with_the_same_names_and_numbers(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    devices = [world.device("same") for _ in range(4)]
    world.run("UPDATE user_devices SET phone = NULL, jid = ''")
    world.run("UPDATE user_devices SET device_name = NULL WHERE id = %s", devices[0])
    for n, device in enumerate(devices):
        world.message(device, f"6012345678{n}")
    await prepare(database)
    await record_states(database, [DeviceState(devices[1], GatewayState.OFFLINE)])
    assert {c.device_id for c in await take(database)} == set(devices) - {devices[1]}
    assert len(await Reader(database).devices()) == 4
    assert world.value("SELECT count(*) FROM user_devices WHERE phone IS NULL AND jid = ''") == 4


async def test_f82_a_deleted_device_takes_nothing_with_it(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    device = world.device()
    world.message(device, "60123456788")
    await send_all(database)
    world.message(device, "60123456789")
    await prepare(database)
    world.run("DELETE FROM user_devices")
    world.advance(hours=2)
    await prepare(database)
    assert await take(database) == []
    assert world.statuses("broadcast_messages") == {"sent": 1, "pending": 1}
    assert world.value("SELECT count(*) FROM seqconsole.deliveries WHERE outcome = 's'") == 1


async def test_f90_one_bad_device_stops_no_other(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    bad, good = world.device("bad"), world.device("good")
    for n in range(3):
        world.message(bad, f"6012345678{n}")
        world.message(good, f"6012345679{n}")
    await prepare(database)
    for _ in range(3):
        for claim in await take(database):
            stops = claim.device_id == bad
            await end(
                database,
                [claim],
                Answer(Verdict.STOP_DEVICE, "DEVICE_NOT_FOUND")
                if stops
                else Answer(Verdict.SENT, "SUCCESS", gateway_id="3EB0"),
            )
        world.advance(seconds=1)
    states = world.run(
        "SELECT device_id, status, count(*) AS n FROM broadcast_messages GROUP BY 1, 2"
    )
    assert {(r["device_id"], r["status"], r["n"]) for r in states} == {
        (good, "sent", 3),
        (bad, "pending", 3),
    }
