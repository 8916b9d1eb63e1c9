"""Random operations of all verbs on a dirty database, undone in reverse: nothing is left of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from random import Random

import anyio
import pytest

from engine.adoption import migrate, use_declared_zone
from engine.projection import Track, project
from engine.store import Access, Database
from tests.dirty import DATA, Wild, build
from tests.operations.scene import sound
from tests.operations.walk import Walk, difference, everything, work_a_little
from tests.postgres import TestServer
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", params=["timestamptz", "timestamp"])
def dirty(request: pytest.FixtureRequest, server: TestServer) -> Iterator[str]:
    """An adopted database with every defect of rows, to be copied; its unique key never was."""
    name, naive = server.create("template0"), request.param == "timestamp"
    dsn = server.dsn(name)
    build(dsn, Wild(contacts=8, campaigns=6, devices=3, naive=naive), DATA, count=2)

    async def adopt() -> None:
        await migrate(Access(dsn), country="60", zone="Asia/Kuala_Lumpur" if naive else "")

    anyio.run(adopt)
    world = World.at(dsn)
    world.setting("mark", "test")
    world.close()
    yield name
    server.drop(name)


@asynccontextmanager
async def copied(server: TestServer, dirty: str) -> AsyncIterator[tuple[World, Database]]:
    name = server.create(dirty)
    world = World.at(server.dsn(name))
    try:
        async with Database.open(Access(server.dsn(name))) as database:
            await use_declared_zone(database)
            world.run("SET search_path = public")
            world.run(f"SET timezone = '{database.zone}'")
            yield world, database
    finally:
        world.close()
        server.drop(name)


async def there_and_back(
    world: World, database: Database, seed: int, steps: int
) -> tuple[Counter[str], Counter[str]]:
    """A walk, undone: the same rows, the same open work, and all that a projection makes of them."""
    world.freeze()
    random = Random(seed)
    await work_a_little(world, database, random)
    await projected_anew(world, database)
    before = await everything(world, database)
    walk = Walk(world, database, random)
    await walk.go(steps)
    assert difference(before, await everything(world, database)) != {}
    assert await walk.back() >= sum(walk.done.values())
    world.advance(seconds=11)
    assert difference(before, await everything(world, database)) == {}
    await projected_anew(world, database)
    assert difference(before, await everything(world, database)) == {}
    await sound(world, database)
    return walk.done, walk.refused


async def projected_anew(world: World, database: Database) -> None:
    """All open work derived again from contact rows, ledger and queue."""
    pairs = world.run(
        "SELECT DISTINCT sequence_id AS track, seqconsole.phone_key(contact_phone) AS phone FROM sequence_contacts "
        "WHERE sequence_id IS NOT NULL AND seqconsole.phone_key(contact_phone) IS NOT NULL"
    )
    async with database.transaction(writer="engine") as tx:
        await tx.run("session/lock_projection")
        tracks = [Track(p["track"], p["phone"]) for p in pairs]
        now = await tx.now()
        await project(tx, tracks, now=now, duplicates=True)
        alone = world.run("SELECT track FROM seqconsole.progress WHERE track = message_id")
        await tx.run("engine/project_campaigns", ids=[a["track"] for a in alone], now=now)


@pytest.mark.large
@pytest.mark.parametrize("seed", [1, 2, 6, 7, 9])  # 2 an order, 6 and 7 charges, 9 a device's gate
async def test_everything_undone_in_reverse_leaves_nothing(
    server: TestServer, dirty: str, seed: int
) -> None:
    async with copied(server, dirty) as (world, database):
        await there_and_back(world, database, seed, steps=24)


@pytest.mark.large
async def test_many_walks_with_every_verb(server: TestServer, dirty: str) -> None:
    done: Counter[str] = Counter()
    for seed in range(100, 130):
        async with copied(server, dirty) as (world, database):
            done += (await there_and_back(world, database, seed, steps=40))[0]
    assert set(done) == set(Walk(world, database, Random()).verbs)
