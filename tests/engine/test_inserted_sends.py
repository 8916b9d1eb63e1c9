"""Another sender that inserts its messages as sent is seen as well (DESIGN 5)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from engine.rollup import hold_for_another_sender
from engine.store import Database
from tests.engine.steps import prepare, send_all, take
from tests.world import World

pytestmark = pytest.mark.anyio


def insert(world: World, status: str, sent_at: datetime | None, phone: str = "60123456700") -> None:
    world.run(
        "INSERT INTO broadcast_messages (user_id, device_id, recipient_phone, content, status, sent_at) "
        "SELECT %s, id, %s, 'x', %s, %s FROM user_devices",
        world.user,
        phone,
        status,
        sent_at,
    )


def seen(world: World) -> int:
    found: int = world.value(
        "SELECT count(*) FROM seqconsole.findings WHERE kind = 'another sender'"
    )
    return found


async def test_messages_inserted_as_sent_hold_everything_and_are_charged(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    device = world.device(limit=2)
    for n in range(3):
        world.message(device, f"6012345678{n}")
    await prepare(database)
    insert(world, "sent", world.now() - timedelta(minutes=1))
    await prepare(database)
    assert await hold_for_another_sender(database) == 1
    assert await take(database) == []
    world.advance(minutes=11)
    assert len(await send_all(database)) == 1
    assert await send_all(database) == [], "its send is charged"


@pytest.mark.parametrize(
    ("status", "ago", "expected"),
    [
        ("sending", None, 1),
        ("Sent", timedelta(minutes=59), 1),
        ("delivered", timedelta(0), 1),
        ("sent", timedelta(minutes=61), 0),
        ("sent", timedelta(days=40), 0),
        ("sent", None, 0),
        ("pending", None, 0),
        ("failed", timedelta(0), 0),
    ],
)
async def test_only_sends_of_the_last_window_count(
    world: World, database: Database, status: str, ago: timedelta | None, expected: int
) -> None:
    world.freeze()
    world.device()
    insert(world, status, None if ago is None else world.now() - ago)
    await prepare(database)
    assert seen(world) == expected


@pytest.mark.parametrize(("hours", "expected"), [(8, 1), (6, 0)])
async def test_a_naive_time_is_read_in_the_declared_zone(
    world: World, database: Database, hours: int, expected: int
) -> None:
    world.freeze()
    world.setting("timezone", "Asia/Kuala_Lumpur")
    world.run("ALTER TABLE broadcast_messages ALTER sent_at TYPE timestamp USING NULL")
    world.device()
    world.run("SET timezone = 'America/Sao_Paulo'")
    world.run(
        "INSERT INTO broadcast_messages (user_id, device_id, recipient_phone, content, status, sent_at) "
        "SELECT %s, id, '60123456700', 'x', 'sent', "
        "(seqconsole.now() AT TIME ZONE 'UTC') + make_interval(hours => %s, mins => -5) FROM user_devices",
        world.user,
        hours,
    )
    await prepare(database)
    assert seen(world) == expected


async def test_our_own_insert_is_not_another_sender(world: World, database: Database) -> None:
    world.freeze()
    world.device()
    with world.connection.transaction():
        world.run("SELECT set_config('seqconsole.writer', 'engine', true)")
        insert(world, "sent", world.now())
    await prepare(database)
    assert seen(world) == 0
