"""Fault 35: a program and a schema of different versions refuse each other in clear words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.adoption import migrate
from engine.opening import NotReady, open_adopted
from engine.planning import plan
from engine.store import Access, Refused
from seqconsole.__main__ import main
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
