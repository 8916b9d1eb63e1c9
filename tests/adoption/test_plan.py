"""`migrate --plan` tells the truth: the locks that are really taken, and SQL that psql can run."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest

from engine.adoption import migrate
from engine.planning import STAGES, plan
from engine.store import Access
from engine.store.migrations import OPERATOR_TABLES, UNIQUE_KEY, all_migrations
from engine.store.migrator import migrator
from engine.store.sqlfiles import sql_root
from seqconsole.cli.migrate_plan import print_plan
from tests.world import World

HELD = (
    "SELECT DISTINCT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
    "WHERE l.pid = pg_backend_pid() AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
)
WEAK = ("AccessShareLock", "RowShareLock", "RowExclusiveLock")

pytestmark = pytest.mark.anyio


async def test_the_locks_of_the_plan_are_those_that_are_taken(world: World, dsn: str) -> None:
    """Each file in a transaction that then looks at its own locks."""
    async with migrator(Access(dsn), country="60", zone="UTC", lock=True) as tool:
        await tool.ensure_ledger()
        connection = tool._conn
        for migration in all_migrations():
            if not migration.transactional:
                modes = {lock.mode.replace(" ", "") for lock in migration.locks}
                ours = "none on the operator's tables" in migration.sql
                assert modes == (set() if ours else {"SHAREUPDATEEXCLUSIVE"}), migration.name
                continue
            async with connection.transaction():
                await tool._as_transaction(migration)
                rows = await (await connection.execute(HELD.encode())).fetchall()
            taken = {(table, mode) for table, mode in rows if mode not in WEAK}
            named = {
                (lock.table, lock.mode.title().replace(" ", "") + "Lock")
                for lock in migration.locks
            }
            assert taken == named, migration.name


def test_the_unique_key_is_built_under_one_lock_and_attached_under_another() -> None:
    assert [str(lock) for lock in UNIQUE_KEY.locks] == [
        "SHARE UPDATE EXCLUSIVE on sequence_contacts (reads and writes go on)",
        "ACCESS EXCLUSIVE on sequence_contacts (reads and writes wait)",
    ]


def test_every_stage_names_files_that_exist() -> None:
    names = [name for stage in STAGES for name in stage.files]
    assert [name for name in names if not sql_root().joinpath(f"{name}.sql").is_file()] == []
    assert set(OPERATOR_TABLES) >= {table for stage in STAGES for table in stage.tables}


async def test_the_estimate_follows_the_size_of_the_tables(world: World, dsn: str) -> None:
    world.run(
        "INSERT INTO broadcast_messages (recipient_phone) SELECT '60' || i FROM generate_series(1, 3000) i"
    )
    world.run("ANALYZE broadcast_messages")
    found = await plan(Access(dsn), country="60", zone="UTC")
    steps = {step.name: step for step in found.steps}
    assert (steps["0007_message_person_index"].rows, steps["messages"].rows) == (3000, 3000)
    assert steps["0011_message_id_index"].rows == 0  # its primary key serves
    assert "nothing is built" in steps["0011_message_id_index"].locks
    assert steps["0001_settings_and_clock"].seconds == 0
    assert all(step.why for step in found.steps)
    names = [step.name for step in found.steps]
    assert names.index("0012_message_device_index") < names.index("messages")
    assert names[-1] == "unique_key"
    assert world.value("SELECT to_regnamespace('seqconsole') IS NULL")


@pytest.mark.skipif(shutil.which("psql") is None, reason="no psql")
async def test_what_is_printed_runs_in_psql_and_leaves_what_migrate_would(
    world: World, dsn: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    world.contact(world.sequence(), "012-345 6789", world.device())
    found = await plan(Access(dsn), country="60", zone="UTC")
    capfd.readouterr()
    print_plan(found, Access(dsn), {"country": "60", "timezone": "UTC"}, as_json=False)
    script = tmp_path / "plan.sql"
    script.write_text(capfd.readouterr().out)
    command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(script), dsn]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    after = await plan(Access(dsn), country="60", zone="UTC")
    assert [step.name for step in after.steps] == [stage.name for stage in STAGES]
    adopted = await migrate(Access(dsn), country="60")
    assert (adopted.applied, adopted.unique_key, adopted.left) == ((), True, ())
    assert world.value("SELECT count(*) FROM seqconsole.progress WHERE phone_key = '60123456789'")


async def test_a_lock_that_is_not_had_is_waited_for_by_name(world: World, dsn: str) -> None:
    """An open transaction of another application; it ends once migrate has said that it waits."""
    other = psycopg.connect(dsn, application_name="billing")
    other.execute("INSERT INTO sequences (name) VALUES ('open')")
    said: list[str] = []

    def report(line: str) -> None:
        said.append(line)
        if "billing" in line:
            other.commit()
            other.close()

    adopted = await migrate(Access(dsn), country="60", report=report)
    assert adopted.unique_key
    [waits] = [line for line in said if "waits for" in line and "billing" in line]
    assert "0004_change_feed waits for sequences (pid " in waits
