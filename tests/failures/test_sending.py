"""The text and the number that reach the wire."""

from __future__ import annotations

from uuid import UUID

import pytest

from engine.store import Database
from tests.engine.steps import prepare, take
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
