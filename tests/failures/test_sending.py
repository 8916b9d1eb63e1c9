"""The text and the number that reach the wire."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.store import Database
from tests.engine.steps import SENT, end, prepare, take
from tests.world import World

pytestmark = pytest.mark.anyio

NAMES = {"Aqil": " Aqil", "{name}": " name", "": "", "60123456789": "", "Aqil 1": " Aqil"}
TEXT = "Hi {name}!\nsee https://example.org/a?b=1&c={}"


async def test_f72_f73_the_text_is_filled_in_once_and_stored(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    world.run("UPDATE sequence_steps SET content = %s", TEXT)
    wanted: dict[UUID, str] = {}
    for n, (name, shown) in enumerate(NAMES.items()):
        device = world.device(f"d{n}")
        wanted[device] = TEXT.replace(" {name}", shown)
        world.contact(sequence, f"6012345678{n}", device, name=name, due=now)
    await prepare(database)
    assert {c.device_id: c.content for c in await take(database)} == wanted
    stored = world.run("SELECT device_id, content FROM broadcast_messages")
    assert {row["device_id"]: row["content"] for row in stored} == wanted


@pytest.mark.slow
async def test_f62_a_burst_of_failures_fails_nothing_and_rests_the_device(
    world: World, database: Database
) -> None:
    """Everything asked for is refused for a while: nothing is given up, and it goes out afterwards."""
    world.freeze()
    world.engine()
    bad, good = world.device("bad"), world.device("good")
    for n in range(12):
        world.message(bad, f"601234567{n:02}")
    world.message(good, "60123456600")
    await prepare(database)
    asked = 0
    for _ in range(40):
        claims = await take(database)
        asked += sum(c.device_id == bad for c in claims)
        for claim in claims:
            again = Answer(Verdict.RETRY, "DEVICE_MANAGER_UNAVAILABLE")
            await end(database, [claim], again if claim.device_id == bad else SENT)
        world.advance(seconds=5)
    holds = world.run("SELECT scope, key FROM seqconsole.holds WHERE holder = 'breaker'")
    assert holds == [{"scope": "device", "key": str(bad)}]
    assert asked < 12, "the breaker rests the device instead of burning the tries of all"
    assert world.statuses("broadcast_messages") == {"pending": 12, "sent": 1}
    for _ in range(16):
        world.advance(minutes=2)
        await end(database, await take(database))
    assert world.statuses("broadcast_messages") == {"sent": 13}


async def test_f74_no_country_is_put_before_a_number_that_has_one(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    for phone in ("62812345678901", "+62 813-3456-78901", "447700900123"):
        world.contact(sequence, phone, world.device(phone), due=now)
    await prepare(database)
    phones = {c.phone for c in await take(database)}
    assert phones == {"62812345678901", "62813345678901", "447700900123"}


async def test_f91_a_changed_step_leaves_what_is_queued_as_it_was(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    sequence, closed = world.sequence(delays=(0,)), world.device("closed", limit=0)
    world.contact(sequence, "60123456780", closed, due=now)
    world.contact(sequence, "60123456781", world.device(), due=now + timedelta(hours=1))
    await prepare(database)
    world.run("UPDATE sequence_steps SET content = 'new'")
    world.advance(hours=1)
    await prepare(database)
    texts = world.run("SELECT recipient_phone AS p, content AS c FROM broadcast_messages")
    assert {row["p"]: row["c"] for row in texts} == {
        "60123456780": "Welcome 1",
        "60123456781": "new",
    }
    assert [c.content for c in await take(database)] == ["new"]
