"""Fault 35: `migrate` killed at each of its statements; the next run goes on, and the end is the same."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import filling
from engine.adoption import migrate, use_declared_zone
from engine.invariants import violations
from engine.store import Access, Database
from tests.adoption.comparing import copy_rows, derived
from tests.adoption.conftest import TABLES
from tests.adoption.test_beside_others import history
from tests.world import World

pytestmark = pytest.mark.anyio

PORTION = 300
SOME = (
    "0004_change_feed!",
    "record 0012_message_device_index",
    "adopt/deliveries_of_messages!",
    "engine/project_tracks!",
    "adopt/mark_adopted!",
)
"""In the middle of each kind of step: a file, an index, a portion, the end."""


async def run(dsn: str, point: str = "") -> tuple[int, list[str]]:
    """`migrate` in a process; how it ended and which steps it passed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.adoption.kill_process", dsn, point, str(PORTION),
        cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode().splitlines()


def other_database(new_database: Callable[..., str], source: str) -> World:
    """The same rows in a database of their own."""
    copy = World.at(new_database(template="template0"))
    copy.run(TABLES)
    copy_rows(source, str(copy.connection.info.dsn))
    return copy


async def ends_alike(world: World, dsn: str, quiet: World) -> None:
    """As an adoption that nobody interrupted."""
    await migrate(Access(str(quiet.connection.info.dsn)), country="60")
    assert derived(world) == derived(quiet)
    assert world.value("SELECT count(*) FROM seqconsole.settings WHERE scope = 'adoption'") == 0
    assert world.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
    async with Database.open(Access(dsn)) as database:
        await use_declared_zone(database)
        assert await violations(database) == {}


@pytest.mark.slow
async def test_fault_35_killed_in_each_kind_of_step(
    world: World, dsn: str, new_database: Callable[..., str]
) -> None:
    history(world)
    quiet = other_database(new_database, dsn)
    passed: list[list[str]] = []
    for point in SOME:
        code, steps = await run(dsn, point)
        assert (code, steps[-1]) == (-signal.SIGKILL, point)
        passed.append(steps)
    assert passed[3].count("adopt/deliveries_of_messages") > 1
    assert "adopt/deliveries_of_messages" not in passed[4], "that stage was done"
    assert (await run(dsn))[0] == 0
    await ends_alike(world, dsn, quiet)
    quiet.close()


@pytest.mark.large
async def test_fault_35_killed_at_each_statement_in_turn(
    world: World, dsn: str, new_database: Callable[..., str]
) -> None:
    """One database that is killed at every step before the adoption ends; a run's steps come from a run to the end."""
    history(world)
    quiet, rehearsal = (other_database(new_database, dsn) for _ in range(2))
    _, steps = await run(str(rehearsal.connection.info.dsn))
    points = list(dict.fromkeys(steps))
    assert len(points) > 100
    killed = 0
    for point in points:
        code, _ = await run(dsn, point)
        assert code in (0, -signal.SIGKILL)
        killed += code != 0
    print(f"{killed} kills of {len(points)} steps")
    assert killed > len(points) * 0.9
    assert (await run(dsn))[0] == 0
    await ends_alike(world, dsn, quiet)
    quiet.close()
    rehearsal.close()


async def test_fault_35_a_portion_is_never_read_twice(
    world: World, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended at a portion, the second run begins with the one after the last that was committed."""
    history(world)
    monkeypatch.setattr(filling, "PORTION", 100)
    places: list[str] = []
    read = filling._read_contacts

    async def counted(tx: filling.Transaction, place: list[str], limit: int) -> filling.Portion:
        if len(places) == 5:
            places.append("ended")
            raise ConnectionError("the power is gone")
        places.append(place[1])
        return await read(tx, place, limit)

    monkeypatch.setattr(filling, "_read_contacts", counted)
    with pytest.raises(ConnectionError):
        await migrate(Access(dsn), country="60")
    place = world.value(
        "SELECT value FROM seqconsole.settings WHERE scope = 'adoption' AND name = 'contacts'"
    )
    await migrate(Access(dsn), country="60")
    again = places[places.index("ended") + 1 :]
    assert again[0] == place[1] > places[4]
    assert len(set(places)) == len(places)
