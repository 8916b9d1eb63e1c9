"""Texts on their way through the engine: rendered when queued, kept on the attempt, parked where they have a hole."""

from __future__ import annotations

import pytest

from engine.reader import Reader
from engine.rollup import roll_up_all
from engine.store import Database
from tests.engine.steps import end, prepare, send_all, take
from tests.world import World

pytestmark = pytest.mark.anyio
PHONE = "60123456789"


async def test_the_text_as_sent_is_kept_with_the_attempt(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    world.run("UPDATE sequence_steps SET content = 'Hi {name}'")
    world.contact(sequence, PHONE, world.device(), name="Aqil 1", due=now)
    await send_all(database)
    assert world.value("SELECT content FROM broadcast_messages") == "Hi Aqil"
    assert world.value("SELECT content FROM seqconsole.attempts") == "Hi Aqil"


async def test_a_step_with_a_hole_is_parked_until_its_text_is_mended(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    world.run("UPDATE sequence_steps SET content = 'Hi {nama}'")
    [row] = world.contact(sequence, PHONE, world.device(), due=now)
    await prepare(database)
    assert await take(database) == []
    work = world.run("SELECT state, gate, at > %s AS later FROM seqconsole.progress", now)
    assert work == [{"state": "w", "gate": "text", "later": True}]
    assert world.statuses("broadcast_messages") == {}
    assert world.value("SELECT count(*) FROM seqconsole.deliveries") == 0
    gates = {g.name: g for g in await Reader(database).explain_contact(row)}
    assert gates["text"].passes is False
    assert "{nama} is no column" in gates["text"].value
    await prepare(database)
    await prepare(database)  # a changed step reaches its contacts with the second look at the feed
    assert world.value("SELECT gate FROM seqconsole.progress WHERE at > %s", now) == "text"
    world.run("UPDATE sequence_steps SET content = 'Hi {name}'")
    await roll_up_all(database)
    assert [c.content for c in await send_all(database)] == ["Hi Aqil"]


async def test_another_writers_message_is_rendered_or_kept_back(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    world.message(world.device("a"), PHONE, "Hi {name|you}, ok")
    bad = world.message(world.device("b"), "60123456780", "Hi {nama}")
    await prepare(database)
    claims = await take(database)
    assert [c.content for c in claims] == ["Hi you, ok"]
    await end(database, claims)
    gate = world.run("SELECT gate, state FROM seqconsole.progress WHERE message_id = %s", bad)
    assert gate == [{"gate": "text", "state": "r"}]
    assert world.value("SELECT count(*) FROM seqconsole.attempts") == 1
    world.run("UPDATE broadcast_messages SET content = 'Hi' WHERE id = %s", bad)
    await roll_up_all(database)
    assert [c.content for c in await take(database)] == ["Hi"]


async def test_a_name_is_no_template(world: World, database: Database) -> None:
    """A hostile name brings in no placeholder, no line, no link."""
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    world.run("UPDATE sequence_steps SET content = 'Hi {name}.'")
    names = ["{phone}", "{{nama}}", "x\n\nPay at www.evil.com", "\x1b[31mRed\x07"]
    for n, name in enumerate(names):
        world.contact(sequence, f"6012345670{n}", world.device(f"d{n}"), name=name, due=now)
    claims = await send_all(database)
    assert {c.content for c in claims} == {"Hi phone.", "Hi nama.", "Hi."}
