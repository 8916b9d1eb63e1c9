"""The generator: what it plants is there, alone and mixed, in both kinds of timestamps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine import adoption
from engine.invariants import violations
from engine.store import Access, Database
from tests.dirty import DATA, Defect, Wild, build
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("naive", [False, True])
async def test_every_defect_of_rows_at_once_can_be_adopted(
    new_database: Callable[..., str], naive: bool
) -> None:
    dsn = new_database(template="template0")
    planted = build(dsn, Wild(naive=naive), [*DATA, Defect.FOREIGN_TRIGGER, Defect.INVALID_INDEX])
    assert {each.n for each in planted.values()} >= {1, 3}
    assert all(each.ids for each in planted.values())
    await adoption.migrate(Access(dsn), country="60", zone="Asia/Kuala_Lumpur" if naive else "")
    async with Database.open(Access(dsn)) as database:
        await adoption.use_declared_zone(database)
        assert await violations(database) == {}
    world = World.at(dsn)
    kind = world.value("SELECT pg_typeof(sent_at)::text FROM broadcast_messages LIMIT 1")
    world.close()
    assert kind.endswith("without time zone" if naive else "with time zone")


def test_the_same_seed_builds_the_same_ids(new_database: Callable[..., str]) -> None:
    wild, defects = Wild(contacts=12, seed=7), [Defect.NULL_STEP, Defect.SAME_DAY]
    found = [build(new_database(template="template0"), wild, defects) for _ in range(2)]
    assert found[0] == found[1]
