"""One person gets one step once, whatever rows another application leaves."""

from __future__ import annotations

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.store import Database
from tests.engine.steps import end, prepare, send_all, take
from tests.operations.scene import resolve_all
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_f07_one_phone_on_two_devices(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    world.contact(sequence, "60123456789", world.device("one"), due=now)
    world.contact(sequence, "012-345 6789", world.device("two"), due=now)
    assert await send_all(database) == []
    await resolve_all(database)
    world.advance(seconds=11)
    assert len(await send_all(database)) == 1
    world.advance(hours=2)
    assert await send_all(database) == []
    assert world.statuses("broadcast_messages") == {"sent": 1}


async def test_f07_one_step_queued_for_several_devices(world: World, database: Database) -> None:
    """Another application queues it itself, a device and a spelling each: one goes out, the others are named."""
    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    for phone in ("60123456789", "012-345 6789", "+60 12 3456789"):
        message = world.message(world.device(phone), phone)
        world.run(
            "UPDATE broadcast_messages SET sequence_id = %s, sequence_stepid = %s WHERE id = %s",
            *sequence,
            message,
        )
    sent = []
    for _ in range(3):
        sent += await send_all(database)
        world.advance(hours=1)
    assert len(sent) == 1
    assert world.statuses("broadcast_messages") == {"sent": 1, "pending": 2}
    found = world.run("SELECT kind, detail ->> 'why' AS why FROM seqconsole.findings")
    twice = {"kind": "unsendable message", "why": "this person has this step already"}
    assert found == [twice] * 2


@pytest.mark.parametrize("end_of_it", ["failed", "unknown"])
async def test_f10_a_step_that_was_tried_is_not_enrolled_again(
    world: World, database: Database, end_of_it: str
) -> None:
    now = world.freeze()
    world.engine()
    device, sequence = world.device(), world.sequence(delays=(0,))
    world.contact(sequence, "60123456789", device, due=now)
    await prepare(database)
    verdict = Verdict.FAIL if end_of_it == "failed" else Verdict.UNKNOWN
    await end(database, await take(database), Answer(verdict, "X"))
    world.run("DELETE FROM sequence_contacts")
    world.contact(sequence, "+60 12 345 6789", device, due=now)
    world.advance(days=2)
    assert await send_all(database) == []
    assert world.statuses("broadcast_messages") == {end_of_it: 1}
