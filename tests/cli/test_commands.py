"""The commands on a real database: what they change, what they print, how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from seqconsole.cli.parser import build
from seqconsole.embedded import Cluster
from tests.cli.conftest import Command
from tests.postgres import TestServer
from tests.world import World


def duplicate_group(world: World, status: str = "active") -> list[object]:
    """Aqil 2 with two rows of one step, in two spellings; their ids."""
    sequence, device = world.sequence(), world.device("Sales 3")
    rows: list[object] = [
        *world.contact(sequence, "+60 12-345 6789", device, name="Aqil 2", statuses=(status,)),
        *world.contact(sequence, "0123456789", device, name="Aqil 2"),
    ]
    return rows


def command_names() -> list[str]:
    [choices] = [a.choices for a in build()._actions if a.dest == "command"]
    return list(choices or ())


def test_version_and_help_teach(seqconsole: Command) -> None:
    assert seqconsole("--version").out.startswith("seqconsole 0.")
    for command in ("", *command_names()):
        said = seqconsole(*command.split(), "--help")
        assert said.code == 0
        assert "example" in said.out, command


@pytest.mark.smoke
def test_status_equals_sql(process: Command, world: World) -> None:
    """With no engine running, and edits that nobody has rolled up."""
    one, two = world.device("one"), world.device("two")
    sequence = world.sequence("Welcome")
    for n in range(5):
        world.contact(sequence, f"6012345{1000 + n}", one, statuses=("completed", "active", "odd"))
        world.message(one, f"6012345{1000 + n}")
    world.message(two, "60123459999")
    world.run("UPDATE broadcast_messages SET status = 'failed' WHERE device_id = %s", two)

    shown = process("status", "--json").json
    devices = {device["id"]: device for device in shown["devices"]}
    assert (devices[str(one)]["pending"], devices[str(two)]["failed"]) == (5, 1)
    assert (shown["overview"]["pending"], shown["overview"]["failed"]) == (5, 1)
    [row] = shown["sequences"]
    states = Counter(world.statuses())
    assert row["total"] == sum(states.values()) == 15
    assert (row["completed"], row["in_step"], row["other"]) == (5, 5, 5)
    assert [s["total"] for s in shown["steps"]] == [5, 5, 5]
    assert [s["day_number"] for s in shown["steps"]] == [1, 2, 3]
    assert shown["engine"]["on"] is False
    assert datetime.fromisoformat(shown["now"]).tzinfo is not None


def test_status_for_people_masks_phones_and_escapes(seqconsole: Command, world: World) -> None:
    world.device("bad \x1b]0;owned\x07 name")
    world.run("UPDATE user_devices SET phone = '60123456789'")
    said = seqconsole("status")
    assert said.code == 0
    assert "\x1b" not in said.out
    assert "bad \\x1b]0;owned\\x07 name" in said.out
    assert "60123456789" not in seqconsole("status", "--json").out
    assert "60123456789" in seqconsole("status", "--json", "--full-phones").out


def test_pause_resume_undo_and_their_journal(seqconsole: Command, world: World) -> None:
    device = world.device("Sales 3")
    said = seqconsole("pause", "--device", "Sales 3", "--reason", "number under review")
    assert said.code == 0
    assert "paused device Sales 3; nothing is in flight" in said.out
    [hold] = world.run("SELECT * FROM seqconsole.holds")
    assert (hold["key"], hold["holder"], hold["reason"]) == (
        str(device), "operator", "number under review",
    )  # fmt: skip
    assert seqconsole("status", "--json").json["devices"][0]["condition"] == "paused"
    assert "already paused" in seqconsole("pause", "--device", str(device)).out

    dry = seqconsole("resume", "--device", "Sales 3", "--dry-run")
    assert dry.code == 0
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 1
    done = seqconsole("resume", "--device", "Sales 3", "--json").json
    assert done["sends_from"] > world.now().isoformat()
    assert done["undo"] == f"seqconsole undo {done['operation_id']}"
    assert seqconsole("undo").code == 0  # the resume: paused again, without an end
    assert world.value("SELECT until = 'infinity' FROM seqconsole.holds")
    assert seqconsole("undo", "1").code == 0
    assert world.value("SELECT count(*) FROM seqconsole.holds") == 0
    assert seqconsole("undo", "1").is_one_line()

    told = seqconsole("journal", "--json").json
    assert [o["verb"] for o in told] == ["undo", "undo", "resume", "pause"]
    assert told[-1]["undone_by"] == told[0]["id"]
    assert seqconsole("journal", "1", "--json").json[0]["reason"] == "number under review"


def test_resuming_what_is_not_paused_is_one(seqconsole: Command, world: World) -> None:
    world.device("Sales 3")
    assert seqconsole("resume", "--all").code == 1
    assert seqconsole("resume", "--device", "Sales 3").code == 1


def test_the_engine_switch(seqconsole: Command, world: World) -> None:
    assert seqconsole("engine", "on").is_one_line("no gateway is configured")
    preview = seqconsole("engine", "on", "--dry-run")
    assert preview.code == 1
    assert "no gateway is configured" in preview.out
    assert world.value("SELECT seqconsole.setting('engine')") == "off"
    seqconsole.environment["SEQCONSOLE_GATEWAY_URL"] = "http://127.0.0.1:9"
    assert seqconsole("engine", "on", "--dry-run").code == 0
    assert seqconsole("engine", "on").code == 0
    status = seqconsole("status", "--json").json
    assert status["engine"]["on"] is True
    assert status["engine"]["held_until"] is not None  # the 10 s before anything is sent
    assert seqconsole("engine", "off", "--reason", "enough").code == 0
    assert world.value("SELECT seqconsole.setting('engine')") == "off"
    assert seqconsole("engine", "off", "--dry-run").is_one_line("no preview")


@pytest.mark.smoke
def test_duplicates_are_listed_previewed_resolved_and_put_back(
    seqconsole: Command, world: World
) -> None:
    assert seqconsole("duplicates").code == 0
    rows = duplicate_group(world)
    before = world.run("SELECT * FROM sequence_contacts ORDER BY id")

    listed = seqconsole("duplicates", "--json")
    assert listed.code == 1  # something is left
    [group] = listed.json
    assert (group["rows"], group["name"], group["phone_key"]) == (2, "Aqil 2", "+60***789")
    assert "60123456789" not in listed.out
    preview = seqconsole("duplicates", "--dry-run", "--json")
    assert preview.code == 1
    assert "60123456789" not in preview.out
    assert preview.json["groups"][0]["survivor"] == str(rows[0])
    assert preview.json["groups"][0]["group"] == group["group"]
    assert "active" in seqconsole("duplicates", "--dry-run").out
    assert world.run("SELECT * FROM sequence_contacts ORDER BY id") == before

    assert seqconsole("duplicates", "--group", "nope").is_one_line()
    done = seqconsole("duplicates", "--resolve", "--group", group["group"], "--json")
    assert done.code == 0
    assert [r["id"] for r in world.run("SELECT id FROM sequence_contacts")] == [rows[0]]
    assert seqconsole("duplicates", "--resolve").code == 0  # none is left
    assert seqconsole("undo").code == 0
    assert world.run("SELECT * FROM sequence_contacts ORDER BY id") == before
    assert seqconsole("duplicates").code == 1


def test_a_refused_group_is_named_and_left(seqconsole: Command, world: World) -> None:
    rows = duplicate_group(world)
    world.run("CREATE TABLE notes (contact uuid REFERENCES sequence_contacts (id))")
    world.run("INSERT INTO notes VALUES (%s)", rows[1])
    before = world.run("SELECT * FROM sequence_contacts ORDER BY id")
    said = seqconsole("duplicates", "--resolve")
    assert said.code == 1
    assert "refused" in said.err
    assert "notes" in said.err
    assert seqconsole("duplicates", "--dry-run").code == 1
    assert world.run("SELECT * FROM sequence_contacts ORDER BY id") == before
    assert seqconsole("journal", "--json").json == []


def test_migrate_plans_applies_and_names_what_is_left(
    seqconsole: Command, new_database: Callable[..., str]
) -> None:
    seqconsole.environment["SEQCONSOLE_DATABASE_URL"] = dsn = new_database(template="template0")
    assert seqconsole("migrate", "--read-only").is_one_line("--plan")
    world = World.at(dsn)
    try:
        world.run(Path("sql/operator_tables.sql").read_text(encoding="utf-8"))
        sequence = world.sequence()
        for status in ("pending", "active"):
            world.contact(sequence, "60123456789", None, statuses=(status,))
        plan = seqconsole("migrate", "--plan")
        assert plan.code == 0
        assert "create table seqconsole.deliveries" in plan.out
        assert "-- locks:" in plan.out
        numbers = [s["number"] for s in seqconsole("migrate", "--plan", "--json").json]
        assert numbers[:2] == [0, 1]
        assert world.value("SELECT to_regnamespace('seqconsole') IS NULL")

        said = seqconsole("migrate", "--country", "60")
        assert said.code == 1
        assert "1 duplicate groups" in said.err
        assert "unique key" in said.err
        assert seqconsole("duplicates", "--resolve", "--now").code == 0
        again = seqconsole("migrate", "--json")
        assert (again.code, again.json["unique_key"], again.json["left"]) == (0, True, [])
        assert seqconsole("migrate", "--plan").out == "-- nothing to apply\n"
    finally:
        world.close()


@pytest.mark.smoke
def test_a_fresh_database_is_made_only_when_asked(
    seqconsole: Command, new_database: Callable[..., str]
) -> None:
    seqconsole.environment["SEQCONSOLE_DATABASE_URL"] = new_database(template="template0")
    assert "--fresh" in seqconsole("migrate", "--plan").out
    assert seqconsole("migrate", "--fresh").code == 0
    assert seqconsole("status").code == 0


@pytest.mark.smoke
def test_a_worker_drains_on_sigterm(environment: dict[str, str], world: World) -> None:
    command = [sys.executable, "-m", "seqconsole", "worker", "--gateway-url", "http://127.0.0.1:9"]
    worker = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        deadline = time.monotonic() + 30
        while not world.value("SELECT count(*) FROM seqconsole.workers"):
            assert worker.poll() is None
            assert time.monotonic() < deadline
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=30)
    finally:
        worker.kill()
        worker.wait()
    assert worker.returncode == 0
    assert said.splitlines()[0].startswith("seqconsole: working on ")
    assert said.splitlines()[-1] == "seqconsole: drained"
    assert "Traceback" not in said


def test_a_reader_that_leaves_early_is_no_fault(environment: dict[str, str], world: World) -> None:
    for n in range(30):
        world.device(f"device {n}")
    command = [sys.executable, "-m", "seqconsole", "status", "--json"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command, env=environment, stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.smoke
@pytest.mark.slow
def test_without_any_setting_the_embedded_main_is_used(
    process: Command, server: TestServer, tmp_path: Path
) -> None:
    """Made on first use, kept for the next, and no server is left behind."""
    del process.environment["SEQCONSOLE_DATABASE_URL"]
    root = server.cluster.root / f"cli-{tmp_path.name}"
    process.environment["SEQCONSOLE_EMBEDDED_HOME"] = str(root)
    status = process("status", "--json")
    assert (status.code, status.err) == (0, "")
    assert status.json["database"] == "main on embedded"
    assert process("pause", "--all", "--reason", "not yet").code == 0
    assert process("status", "--json").json["engine"]["held"] == "not yet"
    assert process("status", "--demo").is_one_line("no database demo", "`seqconsole demo`")
    assert process("worker").is_one_line("no gateway is configured")
    deadline = time.monotonic() + 20
    cluster = Cluster.at(root)
    while cluster.accepts():
        assert time.monotonic() < deadline
        time.sleep(0.05)
