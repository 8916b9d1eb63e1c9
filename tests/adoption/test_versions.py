"""Fault 35: a program and a schema of different versions refuse each other in clear words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.adoption import migrate
from engine.opening import NotReady, open_adopted
from engine.planning import plan
from engine.runtime import Worker, WorkerOptions
from engine.store import Access, Database, Refused
from seqconsole.__main__ import main
from tests.engine.inprocess import RecordingGateway, until
from tests.world import World

pytestmark = pytest.mark.anyio

NEWER = (
    "INSERT INTO seqconsole.migrations (number, name, checksum) VALUES (9999, 'of tomorrow', '')"
)


@pytest.fixture
def adopted(new_database: Callable[..., str]) -> str:
    return new_database()


async def test_fault_35_an_old_program_refuses_a_newer_schema(adopted: str) -> None:
    world = World.at(adopted)
    world.run(NEWER)
    world.close()
    said = r"is newer than this program \(migration 9999\): upgrade seqconsole"
    for attempt in (migrate(Access(adopted)), plan(Access(adopted), country="", zone="")):
        with pytest.raises(Refused, match=said):
            await attempt
    with pytest.raises(Refused, match=said):
        async with open_adopted(Access(adopted)):
            pass


async def test_fault_35_a_new_program_refuses_an_older_or_half_adopted_schema(adopted: str) -> None:
    world = World.at(adopted)
    world.run("DELETE FROM seqconsole.settings WHERE name = 'adopted_at'")
    with pytest.raises(NotReady, match="half adopted: run `seqconsole migrate` again"):
        async with open_adopted(Access(adopted)):
            pass
    world.run("DELETE FROM seqconsole.migrations WHERE number = 19")
    with pytest.raises(NotReady, match=re.escape("older than this program (1 migrations)")):
        async with open_adopted(Access(adopted)):
            pass
    world.close()


async def test_fault_35_a_worker_that_runs_ends_when_the_schema_gets_newer(
    adopted: str, tmp_path: Path
) -> None:
    """What was claimed is settled; nothing more is claimed; the command says so as it does at its start."""
    world = World.at(adopted)
    world.engine()
    device = world.device()
    gateway, stop = RecordingGateway(), asyncio.Event()
    async with Database.open(Access(adopted)) as database:
        worker = Worker(database, gateway, WorkerOptions("old", tmp_path, tick=0.05, listen=False))
        running = asyncio.create_task(worker.run(stop))
        world.message(device, "60123456789")
        await until(lambda: gateway.has_sent(1))
        world.run(NEWER)
        with pytest.raises(Refused, match=r"is newer than this program \(migration 9999\)"):
            await asyncio.wait_for(running, 30)
    assert stop.is_set()
    assert world.statuses("broadcast_messages") == {"sent": 1}
    world.close()


def test_fault_35_a_worker_of_an_old_program_does_not_start(
    adopted: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    world = World.at(adopted)
    world.run(NEWER)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("SEQCONSOLE_DATABASE_URL", adopted)
    assert main(["worker"]) == 2
    [line] = capfd.readouterr().err.splitlines()
    assert "upgrade seqconsole" in line
    assert world.value("SELECT count(*) FROM seqconsole.workers") == 0
    world.close()
