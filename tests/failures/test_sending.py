"""The text and the number that reach the wire."""

from __future__ import annotations

import pytest

from engine.store import Database
from tests.engine.steps import prepare, take
from tests.world import World

pytestmark = pytest.mark.anyio

TEXT = "Hi {name}!\nsee https://example.org/a?b=1&c={x}"


@pytest.mark.parametrize(
    ("name", "shown"), [("Aqil", "Aqil"), ("{name}", "{name}"), ("", ""), ("60123456789", "")]
)
async def test_f72_f73_the_text_is_filled_in_once_and_stored(
    world: World, database: Database, name: str, shown: str
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    world.run("UPDATE sequence_steps SET content = %s", TEXT)
    world.contact(sequence, "60123456789", world.device(), name=name, due=now)
    await prepare(database)
    [claim] = await take(database)
    stored = world.value("SELECT content FROM broadcast_messages")
    assert claim.content == stored == TEXT.replace("{name}", shown)


@pytest.mark.parametrize("phone", ["62812345678901", "+62 812-3456-78901", "447700900123"])
async def test_f74_no_country_is_put_before_a_number_that_has_one(
    world: World, database: Database, phone: str
) -> None:
    now = world.freeze()
    world.engine()
    world.contact(world.sequence(delays=(0,)), phone, world.device(), due=now)
    await prepare(database)
    assert [c.phone for c in await take(database)] == ["".join(c for c in phone if c.isdigit())]
