"""An undo gives work back as it was: parked where it was, tried as often, and waiting for a device."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.operations.skip import Skip
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import prepare, take
from tests.operations.repairs import repair
from tests.operations.scene import ME
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_overdue_work_that_was_skipped_is_overdue_again(
    world: World, database: Database
) -> None:
    at = world.freeze()
    world.engine()
    world.contact(world.sequence("Now", (0, 0)), "60111111111", world.device("a"))
    await prepare(database)
    until = at + timedelta(days=30)
    world.run(
        "UPDATE seqconsole.progress SET gate = 'overdue', at = %s, tries = 3 WHERE state = 'r'",
        until,
    )
    work = "SELECT state, at, gate, tries FROM seqconsole.progress"
    before = world.run(work)
    await repair(database, Skip())
    assert world.run(work) != before
    await undo(database, ME, None)
    assert world.run(work) == before
    world.advance(seconds=60)
    assert await take(database) == [], "it was parked, and is not sent"
