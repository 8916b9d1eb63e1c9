"""Naive timestamps: the declared zone decides what they mean, and it is read again when it is declared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pytest

from engine.adoption import migrate
from engine.store import Access, Refused
from engine.store.sqlfiles import text
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_the_zone_of_naive_times_is_declared_and_then_holds(
    new_database: Callable[..., str],
) -> None:
    dsn = new_database(template="template0")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(text("operator_tables").replace("timestamptz", "timestamp").encode())
    world = World.at(dsn)
    world.contact(
        world.sequence(), "0123456789", world.device(), due=datetime(2030, 1, 1, 9, 0, tzinfo=UTC)
    )
    world.run("UPDATE sequence_contacts SET next_trigger_time = '2030-01-01 09:00'")
    first = await migrate(Access(dsn), country="60")
    assert any("no zone" in line for line in first.left)
    await migrate(Access(dsn), country="60", zone="Asia/Kuala_Lumpur")
    due = world.value("SELECT due_at FROM seqconsole.progress")
    assert due == datetime(2030, 1, 1, 1, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="no time zone"):
        await migrate(Access(dsn), zone="Nowhere/City")
    world.close()
