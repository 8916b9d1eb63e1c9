"""What is due is sent however old it is; nothing is dropped, expired or deleted by age."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import anyio
import pytest

from engine.alarms import find_unclaimable
from engine.gateways.protocol import Answer, Outgoing
from engine.reader import Reader
from engine.recovery import expire, plan_ahead, recover
from engine.store import Database
from engine.upkeep import upkeep
from tests.engine.inprocess import RecordingGateway, until, working
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


async def everything_by_age(database: Database) -> None:
    """Whatever a worker does from time to time."""
    await upkeep(database)
    await recover(database)
    await expire(database)
    await plan_ahead(database)
    await find_unclaimable(database)


async def test_f55_f56_age_neither_expires_nor_deletes(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    device, closed = world.device("d"), world.device("closed", limit=0)
    due_at(world, world.message(device, "60123456789"), days=-40)
    due_at(world, world.message(closed, "60123456788"), days=90)
    sequence = world.sequence(delays=(0, 24 * 40))
    world.contact(
        sequence, "60123456787", world.device("s"), statuses=("pending",) * 2, due=world.now()
    )
    assert len(await send_all(database)) == 1
    world.run("UPDATE sequence_contacts SET processing_started_at = seqconsole.now()")
    kept = "SELECT count(*) FROM {}"
    counts = [world.value(kept.format(t)) for t in ("sequence_contacts", "seqconsole.deliveries")]
    for _ in range(3):
        world.advance(days=13)
        await everything_by_age(database)
        assert await send_all(database) == []
    assert world.statuses("broadcast_messages") == {"pending": 2, "sent": 1}
    assert world.statuses() == {"completed": 1, "pending": 1}
    assert counts == [
        world.value(kept.format(t)) for t in ("sequence_contacts", "seqconsole.deliveries")
    ]
    world.advance(days=2)
    assert len(await send_all(database)) == 2, "each at its own time, and late is not too late"


class Slow(RecordingGateway):
    """Answers when it is told to, and knows how many wait."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def send(self, message: Outgoing, *, before_write: Callable[[], None]) -> Answer:
        said = await super().send(message, before_write=before_write)
        await self.go.wait()
        return said


async def test_f57_what_a_worker_has_no_room_for_stays_pending(
    world: World, database: Database, tmp_path: Path
) -> None:
    world.engine()
    for n in range(6):
        world.message(world.device(f"d{n}"), f"6012345678{n}")
    await prepare(database)
    gateway = Slow()
    async with working(database, gateway, tmp_path, tick=0.02, concurrency=2):
        await until(lambda: gateway.has_sent(2))
        for _ in range(5):  # it has looked for more since
            await anyio.sleep(0.02)
            await prepare(database)
        assert world.statuses("broadcast_messages") == {"sending": 2, "pending": 4}
        gateway.go.set()
        await until(lambda: world.statuses("broadcast_messages") == {"sent": 6})


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
