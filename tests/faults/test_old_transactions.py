"""Fault 39: somebody's transaction keeps dead rows, a table is rewritten. It is named, waited for, and nothing is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from engine.invariants import violations
from engine.reader import Reader
from engine.rollup import roll_up_all
from engine.store import Database
from engine.watching import ENOUGH, ClaimTimes, watch
from tests.engine.inprocess import RecordingGateway, until, working
from tests.world import World

pytestmark = pytest.mark.anyio

FOUND = "SELECT detail FROM seqconsole.findings WHERE kind = %s"


async def test_fault_39_who_holds_an_old_snapshot_is_named(
    dsn: str, world: World, database: Database
) -> None:
    worker = uuid4()
    with psycopg.connect(dsn, application_name="nightly report") as other:
        other.execute("SELECT pg_current_xact_id()")
        await watch(database, worker, ClaimTimes())
        assert world.run(FOUND, "old transaction") == [], "young ones are everybody's right"
        world.setting("old_transaction", "0 seconds", "default")
        await watch(database, worker, ClaimTimes())
        [row] = world.run(FOUND, "old transaction")
        assert row["detail"]["pid"] == other.info.backend_pid
        assert row["detail"]["application"] == "nightly report"
        assert row["detail"]["state"] == "idle in transaction"
        alarm = (await Reader(database).overview()).alarm
        assert alarm is not None
        assert f"nightly report, pid {other.info.backend_pid}" in alarm
    await watch(database, worker, ClaimTimes())
    assert world.run(FOUND, "old transaction") == []
    assert (await Reader(database).overview()).alarm is None


async def test_fault_39_slow_claims_are_an_alarm_until_they_are_over(
    world: World, database: Database
) -> None:
    slow, quick = ClaimTimes(), ClaimTimes()
    for n in range(ENOUGH):
        slow.add(2.5 if n == 7 else 0.01)
        quick.add(0.01)
    worker = uuid4()
    world.run(
        "INSERT INTO seqconsole.workers (id, host, pid, version, started_at, ticked_at) "
        "VALUES (%s, 'h', 1, 'v', now(), now())",
        worker,
    )
    await watch(database, worker, slow)
    alarm = (await Reader(database).overview()).alarm
    assert alarm is not None
    assert alarm.startswith("claims are slow: p99 2.5 s")
    await watch(database, worker, quick)
    assert (await Reader(database).overview()).alarm is None


async def test_fault_39_tables_rewritten_under_a_working_engine(
    dsn: str, world: World, database: Database, tmp_path: Path
) -> None:
    """VACUUM FULL takes each table for itself; the engine waits for it and loses nothing."""
    world.engine()
    devices = [world.device(f"d{n}") for n in range(4)]
    for n in range(40):
        world.message(devices[n % 4], f"6012{n:07}", f"text {n}")
    gateway = RecordingGateway()

    def rewrite() -> None:
        with psycopg.connect(dsn, autocommit=True) as other:
            for table in ("broadcast_messages", "seqconsole.progress", "seqconsole.devices"):
                other.execute(f"VACUUM FULL {table}")

    async with working(database, gateway, tmp_path):
        await until(lambda: gateway.has_sent(4))
        await asyncio.to_thread(rewrite)
        # Nothing is asked of the database here: the question could wait for a lock, and the engine for us.
        await until(lambda: gateway.has_sent(40))
    assert world.statuses("broadcast_messages") == {"sent": 40}
    assert len({message.message_id for message, _ in gateway.sent}) == len(gateway.sent) == 40
    await roll_up_all(database)
    assert await violations(database) == {}
