"""Faults 53 and 54: an operator's act is done together with its entry in the journal, or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from engine.operations.model import Done
from engine.operations.targets import EVERYTHING
from engine.store import Access, Database, Refused
from seqconsole.database_source import DatabaseVerbs
from tests.operations.scene import Copy, duplicates, queued, settle_feed, sound
from tests.world import World

pytestmark = pytest.mark.anyio

Act = Callable[[str, str], int]

EVERY_ROW = (
    "SELECT string_agg(t, E'\\n' ORDER BY t) FROM ("
    + " UNION ALL ".join(
        f"SELECT '{table} ' || t::text AS t FROM {table} t"
        for table in (
            "sequence_contacts",
            "broadcast_messages",
            "seqconsole.holds",
            "seqconsole.settings",
            "seqconsole.deliveries",
            "seqconsole.progress",
            "seqconsole.devices",
        )
    )
    + ") all_rows"
)
JOURNAL = (
    "SELECT o.id, o.verb, o.n, (SELECT count(*) FROM seqconsole.operation_rows r WHERE r.operation_id = o.id) AS rows "
    "FROM seqconsole.operations o ORDER BY o.id DESC"
)


async def scene(world: World, database: Database) -> None:
    """A duplicate group with two queued messages, an engine that is on, a pause by somebody."""
    device = world.device()
    group = duplicates(
        world, Copy("active"), Copy("pending", phone="+60 12-345 6789"), device=device
    )
    queued(world, group, device)
    queued(world, group, device)
    world.engine()
    await settle_feed(database)


@pytest.fixture
def act(dsn: str) -> Iterator[Act]:
    """Do a verb as an operator whose process is killed at a failpoint; the exit code."""
    command = [sys.executable, "-m", "tests.faults.operator_process", dsn]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as operator:
        assert operator.stdin is not None
        assert operator.stdout is not None
        write, read = operator.stdin, operator.stdout

        def once(verb: str, failpoint: str) -> int:
            write.write(f"{verb}|{failpoint}\n")
            write.flush()
            return int(read.readline())

        yield once
        write.close()


@pytest.mark.slow
async def test_fault_53_an_operator_killed_during_an_act(
    world: World, database: Database, act: Act
) -> None:
    await scene(world, database)
    for verb in ("pause", "resume", "resolve", "engine off"):
        before, journal = world.value(EVERY_ROW), world.run(JOURNAL)
        for point in ("operation recorded", "operation before commit"):
            assert act(verb, point) == -signal.SIGKILL, (verb, point)
            assert world.value(EVERY_ROW) == before, (verb, point)
            assert world.run(JOURNAL) == journal, (verb, point)
        assert act(verb, "operation after commit") == -signal.SIGKILL, verb
        assert world.value(EVERY_ROW) != before, verb
        done, *rest = world.run(JOURNAL)
        assert rest == journal
        assert done["verb"].startswith(verb.split()[0])
        assert done["rows"] > 0
        if verb == "resolve":
            assert act("undo", "operation before commit") == -signal.SIGKILL
            assert act("undo", "") == 0
            assert world.value(EVERY_ROW) == before, "what was done can be taken back"
    await sound(world, database)


async def resolve(verbs: DatabaseVerbs) -> Done:
    preview = await verbs.preview_resolve(None, None)
    return await verbs.resolve(None, preview.pinned, None)


@pytest.fixture
def clerk(dsn: str, world: World) -> Iterator[str]:
    """The address of a role that may do everything; the test takes some of it away."""
    name = f"clerk_{conninfo_to_dict(dsn)['dbname']}"
    world.run(f"CREATE ROLE {name} LOGIN")
    world.run(f"GRANT ALL ON ALL TABLES IN SCHEMA public, seqconsole TO {name}")
    world.run(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA seqconsole TO {name}")
    yield make_conninfo(dsn, user=name)
    with closing(World.at(dsn)) as end:
        end.run(f"DROP OWNED BY {name}")
        end.run(f"DROP ROLE {name}")


@pytest.mark.parametrize("table", ["operations", "operation_rows"])
async def test_fault_54_an_act_without_its_place_in_the_journal_is_refused(
    world: World, database: Database, clerk: str, table: str
) -> None:
    await scene(world, database)
    whole = DatabaseVerbs(database, "ops", gateway_configured=True)
    await whole.pause(EVERYTHING, "before")
    role = conninfo_to_dict(clerk)["user"]
    world.run(f"REVOKE INSERT ON seqconsole.{table} FROM {role}")
    before, journal = world.value(EVERY_ROW), world.run(JOURNAL)
    async with Database.open(Access(clerk)) as theirs:
        verbs = DatabaseVerbs(theirs, "ops", gateway_configured=True)
        with pytest.raises(Refused, match=f"permission denied for table {table}"):
            await verbs.resume(EVERYTHING, "why")
        with pytest.raises(Refused, match=f"permission denied for table {table}"):
            await verbs.engine_off()
        with pytest.raises(Refused, match=f"permission denied for table {table}"):
            await verbs.undo(None)
        with pytest.raises(Refused, match=f"permission denied for table {table}"):
            await resolve(verbs)
    assert world.value(EVERY_ROW) == before
    assert world.run(JOURNAL) == journal
