"""`on_alarm`: told once, rate-limited, ended in time, and without our secrets."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.alarm_command import AlarmCommand, clean
from engine.store import Database
from tests.cli.conftest import Command
from tests.engine.inprocess import until
from tests.operations.scene import blocked
from tests.world import World

pytestmark = pytest.mark.anyio

CANARY = "hunter2canary"
KEEP = "import os, sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read()); "
"""Appends what it hears to the file that is its argument."""


def writer(file: Path, then: str = "") -> AlarmCommand:
    return AlarmCommand([sys.executable, "-c", KEEP + then, str(file)], "drip on db")


def heard(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def stopped(world: World, name: str) -> None:
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, reason, since) "
        "VALUES ('device', %s, 'breaker', 'banned: +60123456789 wrote password=hunter2', %s)",
        str(world.device(name)),
        world.now(),
    )


async def test_told_once_and_at_most_once_a_minute(
    world: World, database: Database, tmp_path: Path
) -> None:
    world.freeze()
    command = writer(tmp_path / "heard")
    assert await command.tell(database) == 0
    stopped(world, "Sales 3")
    told = await asyncio.gather(command.tell(database), command.tell(database))
    assert sum(told) == 1  # whichever worker: one of them
    [document] = heard(tmp_path / "heard")
    assert document["database"] == "drip on db"
    [alarm] = document["alarms"]
    assert (alarm["kind"], alarm["text"]) == (
        "held by breaker", "device Sales 3: banned: +60***789 wrote password=***",
    )  # fmt: skip
    for n in range(3):
        stopped(world, f"Penang {n}")
        assert await command.tell(database) == 0  # within the minute
    world.advance(seconds=61)
    assert await command.tell(database) == 3
    world.advance(minutes=5)
    assert await command.tell(database) == 0
    assert [len(each["alarms"]) for each in heard(tmp_path / "heard")] == [1, 3]


async def test_two_workers_at_once_take_it_once(
    world: World, database: Database, tmp_path: Path
) -> None:
    world.freeze()
    stopped(world, "Sales 3")
    key = f"hold|device|{world.value('SELECT id FROM user_devices')}|breaker"
    async with database.transaction() as tx:
        now = await tx.now()
        of = {"keys": [key], "sinces": [now], "now": now, "lease": timedelta(minutes=1)}
        assert await tx.run("engine/take_alarms", **of) == 1
        other = asyncio.create_task(writer(tmp_path / "heard").tell(database))
        await blocked(world)
    assert await other == 0


async def test_what_the_command_began_ends_with_it(
    world: World, database: Database, tmp_path: Path
) -> None:
    stopped(world, "Sales 3")
    script = f"sleep 60 & echo $! > {tmp_path}/child; sleep 60"
    assert await AlarmCommand(["sh", "-c", script], "db", at_most=0.3).tell(database) == 0
    child = int((tmp_path / "child").read_text())
    await until(lambda: not alive(child))


def alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has reaped does not."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


async def test_gone_for_long_and_back_is_a_new_alarm(
    world: World, database: Database, tmp_path: Path
) -> None:
    world.freeze()
    command = writer(tmp_path / "heard")
    stopped(world, "Sales 3")
    assert await command.tell(database) == 1
    for minutes, again in ((5, 0), (20, 1)):
        world.run("UPDATE seqconsole.holds SET until = since")
        world.advance(minutes=minutes)
        assert await command.tell(database) == 0
        world.run("UPDATE seqconsole.holds SET until = 'infinity'")
        assert await command.tell(database) == again


@pytest.mark.parametrize(
    "words",
    [
        ["/nowhere/at-all"],
        ["sh", "-c", "exit 3"],
        ["sh", "-c", "sleep 60 & sleep 60"],
        ["sleep", "60"],
    ],
)
async def test_a_command_that_fails_is_ended_and_asked_again(
    world: World, database: Database, tmp_path: Path, words: list[str]
) -> None:
    world.freeze()
    stopped(world, "Sales 3")
    began = asyncio.get_running_loop().time()
    assert await AlarmCommand(words, "db", at_most=0.2).tell(database) == 0
    assert asyncio.get_running_loop().time() - began < 5
    good = writer(tmp_path / "heard")
    assert await good.tell(database) == 0
    world.advance(seconds=61)
    assert await good.tell(database) == 1


async def test_it_sees_nothing_of_our_environment(
    world: World, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGPASSWORD", "SEQCONSOLE_DATABASE_URL", "SEQCONSOLE_GOWA__A__PASSWORD", "AWS_X"):
        monkeypatch.setenv(name, CANARY)
    stopped(world, "Sales 3")
    out = tmp_path / "heard"
    show = "open(sys.argv[1] + '.env', 'w').write(repr(dict(os.environ)))"
    assert await writer(out, show).tell(database) == 1
    seen = (tmp_path / "heard.env").read_text()
    assert "PATH" in seen
    assert CANARY not in seen


async def test_an_operators_pause_and_an_offline_device_call_nobody(
    world: World, database: Database, tmp_path: Path
) -> None:
    for holder in ("operator", "gateway", "switch"):
        world.run(
            "INSERT INTO seqconsole.holds (scope, key, holder) VALUES ('device', %s, %s)",
            str(world.device(holder)),
            holder,
        )
    assert await writer(tmp_path / "heard").tell(database) == 0


def test_texts_for_others_have_no_phone() -> None:
    for text, shown in (
        ("to 60123456789 failed", "to +60***789 failed"),
        ("(+60123456789)", "(+60***789)"),
        ("phone:60123456789: no, +60 12-345 6789.", "phone:+60***789: no, +60***789."),
        ("recipient_60123456789", "recipient_+60***789"),
        ("60123456789@s.whatsapp.net", "+60***789@s.whatsapp.net"),
        ("postgres://ana:secret@db", "postgres://ana:***@db"),
        ("6f0a52c1-6d0e-4a52-9f8e-0d4b6f1f6d55", "6f0a52c1-6d0e-4a52-9f8e-0d4b6f1f6d55"),
        ("p99 1.25000000 s at 12:00:01", "p99 1.25000000 s at 12:00:01"),
    ):
        assert clean(text) == shown


def test_a_wrong_setting_is_one_line_and_never_shown(
    seqconsole: Command, environment: dict[str, str], after: Callable[..., Any]
) -> None:
    environment["SEQCONSOLE_ON_ALARM"] = f"curl 'https://hooks.example/{CANARY}"
    assert seqconsole("status").is_one_line("setting on_alarm", "quote")
    environment["SEQCONSOLE_ON_ALARM"] += "'"
    said = seqconsole("config")
    assert "on_alarm" in said.out
    assert CANARY not in said.out
