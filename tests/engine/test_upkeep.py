"""What an engine does now and then: old attempts go, evidence stays, counters are proven."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from engine.invariants import violations
from engine.recovery import recover
from engine.rollup import roll_up_all
from engine.store import Access, Database
from engine.upkeep import (
    delete_old_attempts,
    drop_old_attempts,
    recount,
    recount_if_due,
    upkeep,
)
from tests.engine.steps import prepare, send_all, take
from tests.world import World

pytestmark = pytest.mark.anyio


def days(world: World) -> set[str]:
    rows = world.run(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits "
        "WHERE inhparent = 'seqconsole.attempts'::regclass"
    )
    return {row["name"].rpartition("_")[2] for row in rows}


def today(world: World) -> str:
    return world.now().strftime("%Y%m%d")


async def send_one(world: World, database: Database) -> None:
    world.engine()
    world.message(world.device(), "60123456789")
    assert len(await send_all(database)) == 1


def test_a_day_is_made_beside_who_reads_and_writes_attempts(dsn: str, world: World) -> None:
    """Made in place it waited for readers, readers for it, and two that did so were a deadlock."""
    world.run("SET lock_timeout = '2s'")
    make, ahead = (
        "SELECT seqconsole.make_partitions(%s, 3)",
        world.now().date() + timedelta(days=20),
    )
    with psycopg.connect(dsn) as reader, psycopg.connect(dsn) as maker:
        reader.execute("SELECT count(*) FROM ONLY seqconsole.attempts")
        reader.execute(
            "INSERT INTO seqconsole.attempts (id, claimed_at, message_id, phone_key, step_id, device_id, "
            "worker_id, lease_until) SELECT x, now(), x, '', x, x, x, now() FROM gen_random_uuid() x"
        )
        assert world.value(make, ahead) == 3
        maker.execute(make, (ahead + timedelta(days=3),))
        assert world.value(make, ahead + timedelta(days=3)) == 0, "another one is at it"
        assert reader.execute("SELECT 1 FROM ONLY seqconsole.attempts").fetchall() == []
        maker.commit()
    assert (ahead + timedelta(days=5)).strftime("%Y%m%d") in days(world)


async def test_days_of_attempts_go_after_the_retention(world: World, database: Database) -> None:
    world.freeze()
    await send_one(world, database)
    first = today(world)
    world.advance(days=90)
    assert await drop_old_attempts(database) == 1, "the day before"
    world.advance(days=1)
    assert await drop_old_attempts(database) == 1
    assert first not in days(world)
    assert world.value("SELECT count(*) FROM seqconsole.attempts") == 0
    assert world.statuses("broadcast_messages") == {"sent": 1}
    world.setting("attempts_retention", "10 years", "default")
    world.advance(days=30)
    assert await drop_old_attempts(database) == 0


async def test_the_proof_of_a_doubt_is_kept(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    world.message(world.device(), "60123456789")
    await prepare(database)
    await take(database)
    world.advance(seconds=160)
    first = today(world)
    await recover(database)
    assert world.statuses("broadcast_messages") == {"unknown": 1}
    world.advance(days=100)
    await drop_old_attempts(database)
    assert first in days(world)
    assert world.value("SELECT count(*) FROM seqconsole.attempts") == 1


async def test_the_database_itself_keeps_the_proof_of_a_doubt(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    world.message(world.device(), "60123456789")
    await prepare(database)
    await take(database)
    day = world.now().date()
    world.advance(days=100)
    with pytest.raises(psycopg.errors.CheckViolation, match="the proof"):
        world.run("SELECT seqconsole.drop_partition(%s)", day)
    await recover(database)
    with pytest.raises(psycopg.errors.CheckViolation, match="the proof"):
        world.run("SELECT seqconsole.drop_partition(%s)", day)


async def test_a_worker_that_may_not_drop_says_which_right_is_missing_and_does_the_rest(
    dsn: str, world: World, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """A role that owns nothing: with the right to execute it drops, without it the other upkeep goes on."""
    role = f"keeper_{psycopg.conninfo.conninfo_to_dict(dsn)['dbname']}"
    world.run(f"CREATE ROLE {role} LOGIN")
    world.run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
    world.run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA seqconsole TO {role}")
    world.run(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA seqconsole TO {role}")
    for function in ("make_partitions(date, int)", "note_recount(timestamptz)"):
        world.run(f"GRANT EXECUTE ON FUNCTION seqconsole.{function} TO {role}")
    world.freeze()
    await send_one(world, database)
    old = today(world)
    world.advance(days=100)
    world.run("DELETE FROM seqconsole.settings WHERE name IN ('adopted_at', 'recounted_at')")
    try:
        async with Database.open(Access(psycopg.conninfo.make_conninfo(dsn, user=role))) as theirs:
            await upkeep(theirs)
            assert old in days(world)
            assert "permission denied for function drop_partition" in caplog.text
            assert (world.now() + timedelta(days=7)).strftime("%Y%m%d") in days(world)
            assert world.value(
                "SELECT count(*) FROM seqconsole.settings WHERE name = 'recounted_at'"
            )
            world.run(f"GRANT EXECUTE ON FUNCTION seqconsole.drop_partition(date) TO {role}")
            await upkeep(theirs)
            assert old not in days(world)
    finally:
        world.run(f"DROP OWNED BY {role}")
        world.run(f"DROP ROLE {role}")


async def test_a_short_retention_never_takes_what_a_window_still_counts(
    world: World, database: Database
) -> None:
    world.freeze()
    await send_one(world, database)
    world.setting("attempts_retention", "0 seconds", "default")
    world.advance(days=3)
    await drop_old_attempts(database)
    assert world.value("SELECT count(*) FROM seqconsole.attempts") == 1
    with pytest.raises(psycopg.errors.CheckViolation):
        world.run("SELECT seqconsole.drop_partition(%s)", world.now().date())


async def test_attempts_without_a_day_of_their_own_go_too(world: World, database: Database) -> None:
    world.freeze()
    world.run(f"DROP TABLE seqconsole.attempts_{today(world)}")
    await send_one(world, database)
    assert world.value("SELECT count(*) FROM seqconsole.attempts_default") == 1
    world.advance(days=91)
    await delete_old_attempts(database)
    assert world.value("SELECT count(*) FROM seqconsole.attempts_default") == 0


async def test_a_held_table_is_left_for_the_next_time(
    dsn: str, world: World, database: Database
) -> None:
    world.freeze()
    await send_one(world, database)
    world.advance(days=100)
    before = days(world)
    with psycopg.connect(dsn) as reader:
        reader.execute("SELECT count(*) FROM seqconsole.attempts")
        started = datetime.now().astimezone()
        assert await drop_old_attempts(database) == 0
        assert datetime.now().astimezone() - started < timedelta(seconds=5)
    assert days(world) == before
    assert await drop_old_attempts(database) > 0


async def test_silent_workers_are_forgotten_and_days_are_made(
    world: World, database: Database
) -> None:
    world.freeze()
    for hours in (1, 25):
        world.run(
            "INSERT INTO seqconsole.workers (id, host, pid, version, started_at, ticked_at) "
            "SELECT %s, 'h', 1, 'v', t, t FROM (SELECT seqconsole.now() - make_interval(hours => %s)) x(t)",
            uuid4(),
            hours,
        )
    world.advance(days=20, hours=-20 * 24 + 1)
    await upkeep(database)
    assert world.value("SELECT count(*) FROM seqconsole.workers") == 1
    assert (world.now() + timedelta(days=7)).strftime("%Y%m%d") in days(world)


async def test_counters_that_drifted_are_corrected_and_reported(
    world: World, database: Database
) -> None:
    world.freeze()
    devices = [world.device("a"), world.device("b")]
    for n in range(3):
        world.message(devices[0], f"6012345678{n}")
    await roll_up_all(database)
    assert await recount(database) == 0
    assert world.value("SELECT count(*) FROM seqconsole.findings WHERE kind = 'drift'") == 0
    world.run("UPDATE seqconsole.counters SET n = n + 5 WHERE key = %s", devices[0])
    world.run(
        "INSERT INTO seqconsole.counters (scope, key, state, n, version) VALUES ('device', %s, 'sent', 7, 1)",
        devices[1],
    )
    world.message(devices[0], "60123456784")  # in the feed, not in the counters
    assert await recount(database) == 2
    detail = world.value("SELECT detail FROM seqconsole.findings WHERE kind = 'drift'")
    assert (detail["counters"], detail["rows"]) == (2, 12)
    assert await violations(database) == {}
    await roll_up_all(database)
    assert await violations(database) == {}
    assert await recount(database) == 0


async def test_one_engine_counts_again_a_day(dsn: str, world: World, database: Database) -> None:
    world.freeze()
    world.run("DELETE FROM seqconsole.settings WHERE name IN ('adopted_at', 'recounted_at')")
    assert await recount_if_due(database) == 0
    assert await recount_if_due(database) is None
    world.advance(hours=25)
    with psycopg.connect(dsn) as other:
        other.execute("SELECT pg_advisory_xact_lock(1584203521, 4)")
        assert await recount_if_due(database) is None
    assert await recount_if_due(database) == 0
