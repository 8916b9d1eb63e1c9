"""Fault 27: summer time, zones of host, server and data that differ, a leap day, times that never come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from engine.adoption import migrate, use_declared_zone
from engine.rollup import roll_up_all
from engine.store import Access, Database
from engine.store.sqlfiles import text
from tests.engine.steps import end, prepare, take
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["Australia/Lord_Howe", "America/Sao_Paulo"])
def host_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The zone of this process, which means nothing."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
async def naive(new_database: Callable[..., str], host_zone: str) -> str:
    """A database whose times have no zone and are New York's, on a server that believes something else."""
    dsn = new_database(template="template0")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(text("operator_tables").replace("timestamptz", "timestamp").encode())
    await migrate(Access(dsn), country="60", zone="America/New_York")
    with psycopg.connect(dsn, autocommit=True) as connection:
        name = conninfo_to_dict(dsn)["dbname"]
        connection.execute(f"ALTER DATABASE {name} SET timezone = '{host_zone}'".encode())
        connection.execute(
            "INSERT INTO seqconsole.settings (scope, name, value) VALUES ('database', 'mark', '\"test\"')"
        )
    return dsn


DUE = {
    # local: the one instant at which it is due
    "2027-03-11 02:30": datetime(2027, 3, 11, 7, 30, tzinfo=UTC),
    "2027-03-14 02:30": datetime(
        2027, 3, 14, 7, 30, tzinfo=UTC
    ),  # does not exist: 03:30 summer time
    "2027-11-07 01:30": datetime(2027, 11, 7, 6, 30, tzinfo=UTC),  # exists twice: the later one
    "2028-02-29 12:00": datetime(2028, 2, 29, 17, 0, tzinfo=UTC),
}


async def test_fault_27_each_local_time_is_due_once(naive: str) -> None:
    with closing(World.at(naive)) as world:
        world.freeze(datetime(2027, 1, 1, tzinfo=UTC))
        world.engine()
        device = world.device()
        sequence = world.sequence(delays=(0, 24))
        for n, local in enumerate([*DUE, "infinity"]):
            phone = f"6012345670{n}"
            world.contact(sequence, phone, device, statuses=("pending", "pending"))
            world.run(
                "UPDATE sequence_contacts SET next_trigger_time = %s WHERE contact_phone = %s AND current_step = 1",
                local,
                phone,
            )
        async with Database.open(Access(naive)) as database:
            await use_declared_zone(database)
            await roll_up_all(database)
            for n, instant in enumerate(DUE.values()):
                world.freeze(instant - timedelta(seconds=1))
                await prepare(database)
                assert await take(database) == [], "not a second too early"
                world.advance(seconds=1)
                await prepare(database)
                [claim] = await take(database)
                assert claim.phone == f"6012345670{n}"
                await end(database, [claim])
                world.advance(hours=23, minutes=59)
                await prepare(database)
                assert await take(database) == [], (
                    "neither again an hour later, nor its next step early"
                )
                world.advance(minutes=1)
                await prepare(database)
                [claim] = await take(database)
                await end(database, [claim])
            world.freeze(datetime(2090, 1, 1, tzinfo=UTC))
            await prepare(database)
            assert await take(database) == [], "infinity never comes"
        assert world.statuses() == {"completed": 2 * len(DUE), "pending": 2}
