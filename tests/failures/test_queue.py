"""What is due is sent however old it is; nothing is dropped, expired or deleted by age."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from engine.reader import Reader
from engine.store import Database
from tests.engine.steps import prepare, send_all, take
from tests.world import World

pytestmark = pytest.mark.anyio


def due_at(world: World, message: UUID, **ago: float) -> None:
    world.run(
        "UPDATE broadcast_messages SET scheduled_at = %s, created_at = %s WHERE id = %s",
        world.now() - timedelta(**ago),
        world.now() - timedelta(days=60),
        message,
    )


async def test_f52_no_pickup_window(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    for n, ago in enumerate(({"minutes": 11}, {"days": 1}, {"days": 30})):
        due_at(world, world.message(world.device(f"d{n}"), f"6012345678{n}"), **ago)
    assert len(await send_all(database)) == 3


async def test_f55_f56_age_neither_expires_nor_deletes(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    due_at(world, world.message(world.device(), "60123456789"), days=-3)
    world.advance(days=2)
    assert await send_all(database) == []
    assert world.statuses("broadcast_messages") == {"pending": 1}
    world.advance(days=1, seconds=1)
    assert len(await send_all(database)) == 1


async def test_f57_what_a_worker_has_no_room_for_stays_pending(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    for n in range(6):
        world.message(world.device(f"d{n}"), f"6012345678{n}")
    await prepare(database)
    assert len(await take(database, 2)) == 2
    assert world.statuses("broadcast_messages") == {"sending": 2, "pending": 4}
    world.advance(days=2)
    assert len(await take(database, 10)) == 4


async def test_f53_what_is_shown_as_due_is_what_is_claimed(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    for n in range(4):
        message = world.message(world.device(f"d{n}"), f"6012345678{n}")
        due_at(world, message, days=(-2 if n == 3 else 2))
    world.message(world.device("group"), "12036304@g.us")
    await prepare(database)
    shown = sum(device.due for device in await Reader(database).devices())
    assert shown == len(await take(database)) == 3


async def test_f54_a_message_without_a_time_waits_for_one(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    world.message(world.device(), "60123456789")
    world.run("UPDATE broadcast_messages SET scheduled_at = NULL")
    assert await send_all(database) == []
    assert [device.due for device in await Reader(database).devices()] == [0]
    world.run("UPDATE broadcast_messages SET scheduled_at = %s", world.now())
    assert len(await send_all(database)) == 1
