"""A worker of all four kinds, killed again and again in the middle of its sends: nobody gets a message twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from engine.invariants import violations
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.gateways.kinds import ALL
from tests.gateways.scripted import Act
from tests.gateways.test_worker import device_of, fleet, sends, until
from tests.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

EACH = 12
KILLED_AT = (5, 15, 30)
"""Messages on the wire, over all hosts, at which a worker is killed."""


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    made = World.at(dsn)
    yield made
    made.close()


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    async with Database.open(Access(dsn, max_connections=8)) as opened:
        yield opened


def open_work(world: World) -> int:
    statuses = world.statuses("broadcast_messages")
    return statuses.get("pending", 0) + statuses.get("sending", 0)


async def test_killed_in_the_middle_each_message_goes_out_once(
    dsn: str, world: World, database: Database, tmp_path: Path
) -> None:
    """What was under way at a kill is sent, never sent, or in doubt; another worker never repeats it."""
    world.setting("clock_offset", "0 seconds")
    for kind in ALL:
        for n in range(EACH):
            world.message(device_of(world, kind, n), f"6012{ALL.index(kind)}0000{n:02}", f"no. {n}")
    world.engine()
    await roll_up_all(database)
    async with fleet() as (_, there):
        for kind in ALL[1:]:  # gowa is asked for its devices too: its script would answer that
            there[kind.platform].script += [*[there[kind.platform].usual] * 2, Act.SILENCE]
        urls = [there[kind.platform].url for kind in ALL]

        def start() -> subprocess.Popen[bytes]:
            command = ["-m", "tests.gateways.fleet_process", dsn, str(tmp_path / "j"), *urls]
            return subprocess.Popen([sys.executable, *command])

        for enough in KILLED_AT:
            doomed = start()
            try:
                await until(lambda n=enough: sends(there).total() >= n)  # type: ignore[misc]
            finally:
                doomed.kill()
                doomed.wait()
        world.advance(seconds=200)
        # Time passed; the clock did not jump while this machine ran.
        world.run("UPDATE seqconsole.workers SET boot_id = 'an earlier start'")
        last = start()
        try:
            await until(lambda: open_work(world) == 0)
            last.terminate()
            assert last.wait(20) == 0
        finally:
            last.kill()
            last.wait()
        reached = sends(there)
    assert set(reached.values()) == {1}, "nobody twice"
    statuses = world.statuses("broadcast_messages")
    assert set(statuses) <= {"sent", "unknown"}
    assert sum(statuses.values()) == EACH * len(ALL)
    assert statuses["sent"] <= len(reached), "each that counts as sent was on the wire"
    sent = {r["recipient_phone"] for r in world.run("SELECT recipient_phone FROM broadcast_messages WHERE status = 'sent'")}  # fmt: skip
    assert sent <= {phone for _, phone in reached}
    assert {platform for platform, _ in reached} == {kind.platform for kind in ALL}
    await roll_up_all(database)
    assert await violations(database) == {}
