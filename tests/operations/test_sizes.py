"""Every operation on many people: done, sound, and all of it undone, whatever was counted of the tables before."""

from __future__ import annotations

import os

import pytest

from engine.operations.undo import undo
from engine.store import Database
from tests.operations.scene import ME, fingerprint, sound
from tests.operations.sizes import SIZES, built
from tests.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.large]

N = int(os.environ.get("SEQCONSOLE_TEST_PEOPLE", "10000"))


@pytest.mark.parametrize("verb", [verb for verb in SIZES if verb != "decide order"])
async def test_an_operation_on_many_people_comes_back(
    world: World, database: Database, verb: str
) -> None:
    await built(world, database, verb, N)
    before = fingerprint(world)
    done = await SIZES[verb].act(world, database)
    assert done.refused == ()
    await sound(world, database)
    back = await undo(database, ME, done.operation_id)
    assert back.refused == ()
    after = fingerprint(world)
    if verb == "enroll":  # what was queued of it stays in the queue's table, skipped
        after["broadcast_messages"] = before["broadcast_messages"]
    assert after == before
    await sound(world, database)
