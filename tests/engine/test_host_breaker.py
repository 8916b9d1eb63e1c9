"""Many devices of one host in trouble hold the host; its own refusal of us holds it until a person acts."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from engine.device_states import record_states
from engine.gateways.protocol import Answer, DeviceState, GatewayState, Verdict
from engine.invariants import violations
from engine.store import Database
from engine.store.infinity import FOREVER
from tests.engine.steps import SENT, end, prepare, take
from tests.world import World

pytestmark = pytest.mark.anyio

DOWN = Answer(Verdict.RETRY, "connect_failed", written=False, host="a")
STOPPED = Answer(Verdict.STOP_DEVICE, "DEVICE_NOT_FOUND", host="a")


async def busy(world: World, database: Database, devices: int, host: str = "a") -> list[UUID]:
    """Devices of one host, each with a message that is due."""
    made = [world.device(f"{host}{n}") for n in range(devices)]
    for n, device in enumerate(made):
        world.message(device, f"6012345{len(host)}{n:04}", f"{host} {n}")
    await prepare(database)
    online = GatewayState.ONLINE
    await record_states(database, [DeviceState(device, online, host) for device in made])
    return made


def host_holds(world: World) -> list[tuple[str, timedelta]]:
    rows = world.run(
        "SELECT key, until - since AS length FROM seqconsole.holds WHERE scope = 'host'"
    )
    return [(row["key"], row["length"]) for row in rows]


@pytest.mark.parametrize("answer", [DOWN, STOPPED])
async def test_three_devices_in_trouble_hold_their_host_and_no_other(
    world: World, database: Database, answer: Answer
) -> None:
    world.freeze()
    world.engine()
    await busy(world, database, 4)
    claims = await take(database, 2)
    await end(database, claims, answer)
    assert host_holds(world) == []
    world.advance(seconds=20)
    [third] = await take(database, 1)
    await end(database, [third], answer)
    assert host_holds(world) == [("a", timedelta(minutes=2))]
    others = await busy(world, database, 1, host="bb")
    world.advance(seconds=100)
    assert [c.device_id for c in await take(database)] == others
    assert await violations(database) == {}


async def test_the_fourth_goes_on_when_the_hold_is_over(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    await busy(world, database, 4)
    await end(database, await take(database, 3), STOPPED)
    assert await take(database) == []
    world.advance(minutes=2, seconds=1)
    assert len(await take(database)) == 1


async def test_a_host_that_stays_down_is_held_twice_as_long_each_time(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    await busy(world, database, 3)
    lengths = []
    for _ in range(7):
        claims = await take(database)
        assert len(claims) == 3
        await end(database, claims, DOWN)
        [(_, length)] = host_holds(world)
        lengths.append(length.total_seconds() / 60)
        world.run("DELETE FROM seqconsole.holds WHERE scope = 'device'")
        world.run("UPDATE seqconsole.progress SET at = seqconsole.now()")
        world.advance(minutes=lengths[-1], seconds=1)
    assert lengths == [2, 4, 8, 16, 32, 60, 60]
    await end(database, await take(database))
    world.advance(hours=1)
    await busy(world, database, 3)
    await end(database, await take(database), DOWN)
    assert host_holds(world) == [("a", timedelta(minutes=2))]


async def test_trouble_from_before_the_last_hold_counts_no_more(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    await busy(world, database, 5)
    await end(database, await take(database, 3), STOPPED)
    world.advance(minutes=2, seconds=1)
    await end(database, await take(database, 1), STOPPED)
    assert len(await take(database)) == 1


async def test_few_devices_of_many_do_not_hold_the_host(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    await busy(world, database, 20)
    claims = await take(database)
    await end(database, claims[:17])
    await end(database, claims[17:], STOPPED)
    assert host_holds(world) == []


async def test_a_device_that_sends_again_is_not_in_trouble(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    await busy(world, database, 3)
    claims = await take(database)
    await end(database, claims[:2], DOWN)
    world.advance(seconds=40)
    again = [c for c in await take(database) if c.device_id != claims[2].device_id]
    assert len(again) == 2
    await end(database, again, SENT)
    await end(database, claims[2:], DOWN)
    assert host_holds(world) == []


@pytest.mark.parametrize(
    "first", [DOWN, Answer(Verdict.STOP_DEVICE, "gateway_credentials", host="a", whole_host=True)]
)
async def test_what_was_in_flight_when_the_host_was_held_changes_nothing(
    world: World, database: Database, first: Answer
) -> None:
    world.freeze()
    world.engine()
    await busy(world, database, 6)
    claims = await take(database)
    await end(database, claims[:3], first)
    held = host_holds(world)
    assert len(held) == 1
    world.advance(seconds=30)
    await end(database, claims[3:], DOWN)
    assert host_holds(world) == held


async def test_our_wrong_password_holds_the_host_at_once_until_a_person_acts(
    world: World, database: Database
) -> None:
    """The host is known from the answer, although it never gave a list of devices."""
    world.freeze()
    world.engine()
    for n in range(2):
        world.message(world.device(f"d{n}"), f"6012345678{n}")
    await prepare(database)
    assert world.value("SELECT count(*) FROM seqconsole.devices WHERE host IS NOT NULL") == 0
    claims = await take(database)
    refused = Answer(Verdict.STOP_DEVICE, "gateway_credentials", host="a", whole_host=True)
    await end(database, claims, refused)
    [hold] = world.run("SELECT scope, key, holder, reason, until FROM seqconsole.holds")
    assert hold == {
        "scope": "host",
        "key": "a",
        "holder": "breaker",
        "reason": "gateway_credentials",
        "until": FOREVER,
    }
    world.advance(days=2)
    assert await take(database) == []
    world.run("DELETE FROM seqconsole.holds")
    assert len(await take(database)) == 2
