"""Adopting beside an application that goes on writing, and beside another migrator."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import pytest

from engine import filling
from engine.adoption import migrate, use_declared_zone
from engine.invariants import violations
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.adoption.comparing import copy_rows, derived
from tests.adoption.conftest import TABLES
from tests.adoption.other_application import OtherApplication
from tests.world import World

pytestmark = pytest.mark.anyio

KEY = "ALTER TABLE sequence_contacts ADD CONSTRAINT their_key UNIQUE (sequence_id, contact_phone, sequence_stepid)"
HISTORY = """
    INSERT INTO sequence_contacts (sequence_id, contact_phone, current_step, sequence_stepid, status, completed_at,
                                   next_trigger_time, assigned_device_id)
    SELECT %(sequence)s, '6012' || lpad(i::text, 7, '0'), n, (%(steps)s::uuid[])[n],
           CASE WHEN n <= i %% 4 THEN 'completed' ELSE 'pending' END,
           CASE WHEN n <= i %% 4 THEN now() - interval '1 day' END, now() + interval '1 day', %(device)s
    FROM generate_series(0, 399) i, generate_series(1, 3) n;
"""
SENT = """
    INSERT INTO broadcast_messages (device_id, sequence_id, sequence_stepid, recipient_phone, content, status, sent_at)
    SELECT %(device)s, sequence_id, sequence_stepid, contact_phone, 'hello', 'sent', completed_at
    FROM sequence_contacts WHERE status = 'completed' AND contact_phone < '60120000350';
"""


def history(world: World) -> tuple[list, object]:  # type: ignore[type-arg]
    """People who are somewhere in a sequence of three steps; a key that ON CONFLICT infers."""
    device, sequence = world.device(), world.sequence()
    world.run(KEY)
    values = {"sequence": sequence[0], "steps": sequence[1:], "device": device}
    world.connection.execute(HISTORY, values)
    world.connection.execute(SENT, values)
    return sequence, device


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.large) for seed in range(2, 9))]
)
async def test_another_application_goes_on_and_nothing_is_missed(
    world: World,
    dsn: str,
    new_database: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    """Its role has no right on our schema. Afterwards everything is as if its last rows had been adopted."""
    sequence, device = history(world)
    role = f"crm_{world.connection.info.backend_pid}"
    world.run(f"CREATE ROLE {role} LOGIN")
    world.run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
    monkeypatch.setattr(filling, "PORTION", 40)
    application = OtherApplication(
        dsn.replace("user=seqconsole", f"user={role}"), sequence, device, seed
    )
    application.start()
    try:
        adopted = await migrate(Access(dsn), country="60")
    finally:
        application.stop()
    assert application.errors == []
    assert len(application.done) == 7, application.done
    assert adopted.unique_key
    async with Database.open(Access(dsn)) as database:
        await use_declared_zone(database)
        await roll_up_all(database)
        assert await violations(database) == {}
    vanished = frozenset(
        r["phone_key"]
        for r in world.run("SELECT detail ->> 'phone_key' AS phone_key FROM seqconsole.findings WHERE kind = 'vanished message'")
    )  # fmt: skip
    quiet = World.at(new_database(template="template0"))
    quiet.run(TABLES)
    quiet_dsn = str(quiet.connection.info.dsn)
    copy_rows(dsn, quiet_dsn)
    await migrate(Access(quiet_dsn), country="60")
    beside, alone = derived(world, vanished), derived(quiet, vanished)
    quiet.close()
    world.run(f"DROP OWNED BY {role}")
    world.run(f"DROP ROLE {role}")
    for name, rows in alone.items():
        assert [r for r in beside[name] if r not in rows] == []
        assert [r for r in rows if r not in beside[name]] == []


async def test_fault_35_a_second_migrator_says_whom_it_waits_for(world: World, dsn: str) -> None:
    history(world)
    said: list[str] = []
    both = await asyncio.gather(
        migrate(Access(dsn), country="60", report=said.append),
        migrate(Access(dsn), country="60", report=said.append),
    )
    assert sorted(len(each.applied) > 0 for each in both) == [False, True]
    assert [line.split(" (pid ")[0] for line in said if line.startswith("waits")] == [
        "waits for another migrator"
    ]
    assert said.count("counting") == 1


async def test_fault_35_an_index_that_was_interrupted_is_built_again(
    world: World, dsn: str
) -> None:
    """Its session is ended while it waits for a transaction that was open before it."""
    history(world)
    other = psycopg.connect(dsn)
    other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    other.execute("SELECT count(*) FROM leads")
    work = asyncio.create_task(migrate(Access(dsn), country="60"))
    ended = None
    async with asyncio.timeout(20):
        while not ended:
            await asyncio.sleep(0.02)
            ended = world.value(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_progress_create_index WHERE current_locker_pid <> 0"
            )
    other.execute("SELECT 1")
    with pytest.raises(Exception, match="cannot reach"):
        await work
    invalid = "SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid"
    assert world.run(invalid) == [{"name": "seqconsole_contact_person"}]
    other.close()
    adopted = await migrate(Access(dsn), country="60")
    assert adopted.applied[0] == "migrations/0006_contact_index"
    assert world.run(invalid) == []


async def test_a_row_that_is_locked_is_left_for_the_next_round(world: World, dsn: str) -> None:
    """Its message was sent, so the row becomes completed: once the other session lets go of it."""
    history(world)
    world.run("UPDATE sequence_contacts SET status = 'pending' WHERE contact_phone = '60120000001'")
    rows = "SELECT status FROM sequence_contacts WHERE contact_phone = '60120000001' AND current_step = 1"
    with psycopg.connect(dsn, application_name="billing") as other:

        def report(line: str) -> None:
            if line.startswith("deriving"):
                other.execute(
                    "SELECT FROM sequence_contacts WHERE contact_phone = '60120000001' FOR UPDATE"
                )

        await migrate(Access(dsn), country="60", report=report)
        assert world.run(rows) == [{"status": "pending"}]
        other.commit()
    async with Database.open(Access(dsn)) as database:
        await roll_up_all(database)
    assert world.run(rows) == [{"status": "completed"}]
