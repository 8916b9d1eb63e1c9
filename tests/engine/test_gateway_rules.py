"""What gateways say, as it is recorded: states and hosts, refusals before a byte was written."""

from __future__ import annotations

from uuid import UUID

import pytest

from engine.device_states import record_states
from engine.gateways.protocol import Answer, DeviceState, GatewayState, Verdict
from engine.store import Database
from tests.engine.steps import end, prepare, take
from tests.world import World

pytestmark = pytest.mark.anyio


def host_of(world: World, device: UUID) -> str | None:
    host: str | None = world.value(
        "SELECT host FROM seqconsole.devices WHERE device_id = %s", device
    )
    return host


async def test_the_host_of_a_device_is_what_its_gateway_says(
    world: World, database: Database
) -> None:
    world.freeze()
    device = world.device()
    await prepare(database)
    for state, host, known in (
        (GatewayState.ONLINE, None, None),
        (GatewayState.ONLINE, "a", "a"),
        (GatewayState.ONLINE, None, "a"),
        (GatewayState.UNKNOWN, "b", "b"),
    ):
        await record_states(database, [DeviceState(device, state, host)])
        assert host_of(world, device) == known


async def test_a_refusal_for_good_before_writing_is_failed_and_not_tried_for_ever(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    world.contact(world.sequence(), "60123456789", world.device(), due=now)
    await prepare(database)
    answer = Answer(Verdict.FAIL, "unsupported_type", body="text only", written=False)
    await end(database, await take(database), answer)
    assert world.statuses("broadcast_messages") == {"failed": 1}
    assert world.value("SELECT last_error FROM sequence_contacts") == "text only"
    world.advance(hours=30)
    await prepare(database)
    assert await take(database) == []


async def test_a_device_without_a_host_stops_and_its_message_stays(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    device = world.device()
    world.message(device, "60123456789")
    await prepare(database)
    answer = Answer(Verdict.STOP_DEVICE, "not_configured", written=False)
    await end(database, await take(database), answer)
    assert world.statuses("broadcast_messages") == {"pending": 1}
    [hold] = world.run("SELECT scope, key, holder, reason FROM seqconsole.holds")
    assert hold == {
        "scope": "device",
        "key": str(device),
        "holder": "breaker",
        "reason": "not_configured",
    }
    world.advance(days=3)
    assert await take(database) == []
