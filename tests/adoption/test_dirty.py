"""Every defect of the wild can be adopted, or is refused with statements that make it so; the invariants hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.adoption import migrate, use_declared_zone
from engine.invariants import violations
from engine.preflight import Unfit
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.world import World

dirty = pytest.importorskip("tests.dirty")

pytestmark = [pytest.mark.anyio, pytest.mark.large]

ZONE = "Asia/Kuala_Lumpur"


async def adopted(dsn: str, naive: bool) -> None:
    """Adopt, doing what a refusal says; then everything that must hold does."""
    zone = ZONE if naive else ""
    world = World.at(dsn)
    try:
        for _ in range(2):
            try:
                await migrate(Access(dsn), country="60", zone=zone)
                break
            except Unfit as error:
                for reason in error.reasons:
                    world.run(reason.partition(": ")[2])
    finally:
        world.close()
    async with Database.open(Access(dsn)) as database:
        await use_declared_zone(database)
        assert await violations(database) == {}
        await roll_up_all(database)
        assert await violations(database) == {}


@pytest.mark.parametrize("naive", [False, True], ids=["aware", "naive"])
@pytest.mark.parametrize("defect", list(dirty.Defect))
async def test_each_defect_alone(
    new_database: Callable[..., str], defect: dirty.Defect, naive: bool
) -> None:
    dsn = new_database(template="template0")
    dirty.build(dsn, dirty.Wild(contacts=20, naive=naive), [defect])
    await adopted(dsn, naive)


@pytest.mark.parametrize("naive", [False, True], ids=["aware", "naive"])
async def test_all_defects_of_rows_in_a_hundred_thousand(
    new_database: Callable[..., str], naive: bool
) -> None:
    dsn = new_database(template="template0")
    wild = dirty.Wild(contacts=20_000, campaigns=20_000, devices=30, naive=naive)
    dirty.build(dsn, wild, dirty.DATA, count=200)
    await adopted(dsn, naive)
