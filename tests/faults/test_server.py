"""Faults 14, 37, 38 and 40: a server that reads only, is full, is locked, or breaks a deadlock."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from engine.invariants import violations
from engine.operations.holds import pause
from engine.operations.model import Scope, Target
from engine.reader import Reader
from engine.rollup import roll_up_all
from engine.settling import settle
from engine.store import Access, Busy, Conflict, Database, DatabaseUnavailable, Refused
from engine.store.retrying import again_on_conflict
from engine.verdicts import settlement
from tests.engine.inprocess import RecordingGateway, until, working
from tests.engine.steps import SENT, prepare, take
from tests.world import World

pytestmark = pytest.mark.anyio

EVERYTHING = Target(Scope.ALL)


def name_of(dsn: str) -> str:
    found = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    return str(found)


def fill(world: World, n: int) -> None:
    world.engine()
    for number in range(n):
        world.message(world.device(f"d{number}"), f"6012345678{number}")


async def test_fault_14_a_read_only_database_is_seen_and_survived(
    dsn: str, world: World, database: Database, tmp_path: Path
) -> None:
    fill(world, 3)
    await prepare(database)
    world.run(f"ALTER DATABASE {name_of(dsn)} SET default_transaction_read_only = on")
    gateway = RecordingGateway()
    async with (
        Database.open(Access(dsn)) as standby,
        working(standby, gateway, tmp_path) as worker,
    ):
        await until(lambda: worker.sender.error)
        assert "read-only" in str(worker.sender.error)
        with pytest.raises(Refused, match="read-only"):
            await pause(standby, "me", EVERYTHING, None)
        assert (await Reader(standby).overview()).pending == 3, "a console still shows everything"
        assert gateway.sent == []
        world.run(f"ALTER DATABASE {name_of(dsn)} RESET default_transaction_read_only")
        world.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await until(lambda: world.statuses("broadcast_messages") == {"sent": 3})
    assert worker.sender.error is None


async def test_fault_37_no_connection_left_is_said_and_waited_for(
    dsn: str, world: World, database: Database, tmp_path: Path
) -> None:
    """A limit of the database stands for `max_connections`: the same error class, other tests unharmed."""
    fill(world, 3)
    name = f"crowd_{name_of(dsn)}"
    world.run(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT 3")
    world.run(f"GRANT ALL ON ALL TABLES IN SCHEMA public, seqconsole TO {name}")
    world.run(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA seqconsole TO {name}")
    theirs = psycopg.conninfo.make_conninfo(dsn, user=name)
    gateway = RecordingGateway()
    try:
        with ExitStack() as crowd:
            for _ in range(3):
                crowd.enter_context(psycopg.connect(theirs))
            with pytest.raises(DatabaseUnavailable, match="too many connections"):
                async with Database.open(Access(theirs)):
                    pass
        async with (
            Database.open(Access(theirs, max_connections=8)) as opened,
            working(opened, gateway, tmp_path),
        ):
            await until(lambda: world.statuses("broadcast_messages") == {"sent": 3})
    finally:
        world.run(f"DROP OWNED BY {name}")
        world.run(f"DROP ROLE {name}")
    await roll_up_all(database)
    assert await violations(database) == {}


def take_all_connections(crowd: ExitStack, dsn: str) -> None:
    while True:
        crowd.enter_context(psycopg.connect(dsn))


async def test_fault_37_an_operator_pauses_although_no_connection_is_left(
    dsn: str, world: World, database: Database
) -> None:
    """The console keeps the connection that it has; others are refused, its pause is not."""
    fill(world, 1)
    await prepare(database)
    name = f"crowd_{name_of(dsn)}"
    world.run(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT 4")
    world.run(f"GRANT ALL ON ALL TABLES IN SCHEMA public, seqconsole TO {name}")
    world.run(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA seqconsole TO {name}")
    theirs = psycopg.conninfo.make_conninfo(dsn, user=name)
    try:
        async with Database.open(Access(theirs)) as console:
            await Reader(console).overview()
            with ExitStack() as crowd:
                with pytest.raises(psycopg.OperationalError, match="too many connections"):
                    take_all_connections(crowd, theirs)
                reads = [Reader(console).overview() for _ in range(3)]
                done, *_ = await asyncio.gather(pause(console, "me", EVERYTHING, None), *reads)
    finally:
        world.run(f"DROP OWNED BY {name}")
        world.run(f"DROP ROLE {name}")
    assert done.n == 1
    assert await take(database) == []


async def test_fault_38_a_table_held_by_another_session_is_said_and_waited_for(
    dsn: str, world: World, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transaction: Any = inspect.unwrap(Database.transaction)
    monkeypatch.setitem(transaction.__kwdefaults__, "lock_timeout", "500ms")
    fill(world, 3)
    await prepare(database)
    gateway = RecordingGateway()
    with psycopg.connect(dsn) as other:
        other.execute("LOCK TABLE broadcast_messages IN ACCESS EXCLUSIVE MODE")
        async with working(database, gateway, tmp_path) as worker:
            await until(lambda: worker.sender.error)
            assert "another session holds" in str(worker.sender.error)
            assert gateway.sent == []
            other.rollback()
            await until(lambda: world.statuses("broadcast_messages") == {"sent": 3})
    assert worker.sender.error is None


async def test_fault_40_the_loser_of_a_deadlock_settles_again(
    dsn: str, world: World, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Another session locks a place in the ledger and then the device; settle locks them the other way round."""
    caplog.set_level("INFO", "engine.store.retrying")
    world.run(f"ALTER DATABASE {name_of(dsn)} SET deadlock_timeout = '300ms'")
    fill(world, 1)
    await prepare(database)
    claims = await take(database)
    settlements = [settlement(c, SENT, chance=0) for c in claims]
    async with Database.open(Access(dsn)) as ours:
        with psycopg.connect(dsn) as other:
            other.execute("SET deadlock_timeout = '1min'")  # it never gives way
            other.execute("SELECT FROM seqconsole.deliveries FOR UPDATE")
            losing = asyncio.create_task(settle(ours, settlements))
            behind = "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
            await until(lambda: world.value(behind, other.info.backend_pid))
            await asyncio.to_thread(
                other.execute,
                "SELECT FROM seqconsole.devices WHERE device_id = %s FOR UPDATE",
                [claims[0].device_id],
            )
            other.commit()
            assert len(await losing) == 1
    assert "conflict 1 of at most 5" in caplog.text
    assert "deadlock" in caplog.text
    assert world.statuses("broadcast_messages") == {"sent": 1}
    await roll_up_all(database)
    assert await violations(database) == {}


async def test_fault_40_after_five_conflicts_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    tries = 0

    @again_on_conflict
    async def unlucky() -> None:
        nonlocal tries
        tries += 1
        raise Conflict("another session needs the same")

    with pytest.raises(Busy, match="needs the same"):
        await unlucky()
    assert tries == 5
