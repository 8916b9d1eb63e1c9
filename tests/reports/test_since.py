"""Since you left: each change is told with its figures, once, and names the command that shows its rows."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.operations.holds import pause
from engine.operations.note import note
from engine.operations.targets import EVERYTHING
from engine.operations.undo import undo
from engine.recovery import recover
from engine.reports.since import (
    BadMoment,
    Changes,
    Topic,
    changes_since,
    last_here,
    moment_of,
    note_here,
)
from engine.store import Access, Database
from engine.store.sqlfiles import text
from seqconsole.absence import Absence
from seqconsole.cli.parser import build
from tests.cli.conftest import Command
from tests.engine.steps import end, prepare, send_all, take
from tests.operations.scene import ME, Copy, duplicates
from tests.reports.conftest import Moves
from tests.world import World

pytestmark = pytest.mark.anyio

OTHER = "budi@desk"


async def beat(world: World, database: Database) -> None:
    async with database.transaction() as tx:
        await tx.run(
            "engine/heartbeat", worker=world.user, host="h", pid=1, version="1",
            now=await tx.now(), sending=0, draining=False, boot_id="b", booted=1.0,
        )  # fmt: skip


async def night(world: World, database: Database) -> datetime:
    """A night of everything; returns when it began."""
    world.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
    world.freeze()
    world.engine()
    device = world.device("Sales 3")
    world.message(device, "60123450000")
    await send_all(database)  # before
    await beat(world, database)
    began = world.advance(minutes=1)
    await beat(world, database)
    for n in range(2):
        world.message(device, f"6012345001{n}")
        await send_all(database)
    world.message(device, "60123450020")
    await prepare(database)
    await end(database, await take(database), Answer(Verdict.STOP_DEVICE, "banned"))
    for n, name in enumerate(("Sales 4", "Sales 5")):
        world.message(world.device(name), f"6012345003{n}")
    await prepare(database)
    await take(database)
    world.advance(minutes=20)
    await recover(database)
    await beat(world, database)
    duplicates(world, Copy("pending", "60123450040"), Copy("active", "60123450040"))
    await prepare(database)
    await note(database, OTHER, "Sales 3 is with\nthe SIM shop")
    await pause(database, OTHER, EVERYTHING, "number under review")
    await note(database, ME, "good night")
    return began


def told(changes: Changes) -> dict[Topic, str]:
    return {line.topic: line.text for line in changes.lines}


async def test_a_night_is_told(world: World, database: Database) -> None:
    began = await night(world, database)
    changes = await changes_since(database, ME, began)
    lines = told(changes)
    assert [line.text[9:] for line in changes.lines if line.topic is Topic.NOTE] == [
        "ana@desk: good night", "budi@desk: Sales 3 is with the SIM shop",
    ]  # fmt: skip
    assert "stopped by its gateway: Sales 3 (" in lines[Topic.STOPPED]
    assert lines[Topic.UNKNOWN] == "2 messages to settle, 2 of them new"
    assert lines[Topic.DUPLICATE] == "1 new group, 1 in all"
    assert lines[Topic.GAP].startswith("no engine for 20 min: ")
    assert changes.headline == "2 notes, 1 engine gap, 1 stopped, 2 in doubt, 1 duplicate"
    assert lines[Topic.SENT] == "2 sent of 5 planned; 1 due and not sent"
    assert "budi@desk did 1 operation, the latest: paused everything" in lines[Topic.OPERATION]
    assert "ana@desk" not in lines[Topic.OPERATION]
    for line in changes.lines:
        build().parse_args(shlex.split(line.command)[1:])
    world.advance(seconds=1)
    later = told(await changes_since(database, ME, world.now()))
    assert set(later) <= {Topic.SENT, Topic.UNKNOWN}  # what is still to do, nothing new
    assert later[Topic.UNKNOWN] == "2 messages to settle, 0 of them new"
    assert (await changes_since(database, ME, world.now())).headline == ""


async def test_a_gap_that_lasts_and_many_workers(world: World, database: Database) -> None:
    since = world.freeze()
    for _ in range(3):
        await beat(world, database)
        world.advance(seconds=20)
    assert world.value("SELECT count(*) FROM seqconsole.engine_runs") == 1
    assert Topic.GAP not in told(await changes_since(database, ME, since))
    world.advance(minutes=5)
    lasting = told(await changes_since(database, ME, since))[Topic.GAP]
    assert lasting.startswith("no engine for 5 min")
    assert lasting.endswith("to now")
    assert (await changes_since(database, ME, since)).headline == ""  # it is off: nobody misses it
    world.engine()
    assert (await changes_since(database, ME, since)).headline == "1 engine gap"


def test_roles_given_out_before_may_go_on(world: World) -> None:
    """A worker whose grants are older than the table must not lose its heartbeat."""
    role = f"worker_{world.user.hex}"
    world.connection.execute(f"CREATE ROLE {role}".encode())
    try:
        world.connection.execute(f"GRANT SELECT, UPDATE ON seqconsole.workers TO {role}".encode())
        given = text("migrations/0037_engine_runs")
        world.connection.execute(given[given.index("do $do$") :].encode())
        may = "SELECT has_table_privilege(%s, 'seqconsole.engine_runs', %s)"
        assert [world.value(may, role, right) for right in ("SELECT", "UPDATE", "DELETE")] == [
            True, True, False,
        ]  # fmt: skip
    finally:
        world.connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())


async def test_where_an_operator_was_last(world: World, database: Database, tmp_path: Path) -> None:
    world.freeze()
    assert await last_here(database, ME) is None
    looked = await note_here(database, ME)
    world.advance(minutes=3)
    await note(database, ME, "hello")
    assert await last_here(database, ME) == world.now() > looked
    assert await last_here(database, OTHER) is None


async def test_who_may_only_look_is_remembered_on_the_machine(
    world: World, dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    world.freeze()
    async with Database.open(Access(dsn, read_only=True)) as looking:
        absence = Absence(looking, ME)
        assert await absence.last() is None
        await absence.here()
        assert await absence.last() == world.now()
        assert not absence.may_write
        assert world.value("SELECT count(*) FROM seqconsole.settings WHERE scope = 'operator'") == 0
        assert await Absence(looking, OTHER).last() is None
        absence.file.write_text("no JSON")
        assert await absence.last() is None
        assert stat.S_IMODE(absence.file.parent.stat().st_mode) == 0o700


async def test_a_note_is_no_act_to_undo(world: World, database: Database) -> None:
    await pause(database, ME, EVERYTHING, None)
    await note(database, ME, "postgres://ana:hunter2@db.example/drip is the address")
    assert "hunter2" not in str(world.run("SELECT summary FROM seqconsole.operations"))
    assert (await undo(database, ME, None)).summary.startswith("undid operation 1 (paused")


def test_the_commands(after: Callable[[Moves], Any], seqconsole: Command) -> None:
    after(night)
    said = seqconsole("report")
    assert said.code == 0
    assert "since " in said.out
    assert "(you were never here: the last day)" in said.out
    assert "seqconsole settle --sent --all --dry-run" in said.out
    assert "1 due and not sent" in said.out
    noted = seqconsole("note", "the gateway's host is restarted at 03:00")
    assert (noted.code, noted.out) == (
        0, "noted: the gateway's host is restarted at 03:00 (operation 4)\n",
    )  # fmt: skip
    left = seqconsole("report", "--since", "last", "--json").json
    assert [line["topic"] for line in left["lines"]][:1] == ["note"]  # my own, of this moment
    assert "3 sent of" in seqconsole("report", "--since", "2h").out
    assert seqconsole("undo", "4").is_one_line("is a note")
    assert seqconsole("note", "  ").is_one_line("needs some text")
    assert seqconsole("note", "x" * 501).is_one_line("at most 500 characters")
    assert seqconsole("--read-only", "note", "x").is_one_line("--read-only is not for it")
    assert seqconsole("report", "--since", "tomorrow").is_one_line("is no moment")
    assert seqconsole("report", "--since", "2099-01-01").is_one_line("is not past")
    assert seqconsole("report", "--since", "8h", "--month").is_one_line("exclude")


def test_moments() -> None:
    now = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
    day = timedelta(days=1)
    assert moment_of("09:59", now) == now - timedelta(minutes=1)
    assert moment_of("18:00", now) == now.replace(hour=18) - day
    assert moment_of("8h", now) == now - timedelta(hours=8)
    assert moment_of("2026-11-23", now) == now.replace(hour=0) - day
    assert moment_of("2026-11-23 18:00", now) == now.replace(hour=18) - day
    assert moment_of("2026-11-24T01:00:00+00:00", now) == now - timedelta(hours=1)
    for wrong in ("25:00", "", "soon", "2026-11-24 10:01", "40d", "99999999d"):
        with pytest.raises(BadMoment):
            moment_of(wrong, now)
