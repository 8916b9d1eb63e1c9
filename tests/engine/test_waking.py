"""Loops are woken: with polls of minutes, what is due goes out all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from engine.operations.engine_switch import engine_on
from engine.store import Database
from tests.engine.inprocess import RecordingGateway, until, working
from tests.engine.steps import prepare
from tests.world import World

pytestmark = pytest.mark.anyio

SLOW = 60.0
"""Seconds between polls, four times as long as `until` waits."""


@asynccontextmanager
async def dozing(
    database: Database, gateway: RecordingGateway, journals: Path, *, listen: bool = True
) -> AsyncIterator[None]:
    async with working(database, gateway, journals, tick=SLOW, idle=SLOW, listen=listen):
        yield


async def test_a_step_goes_out_at_its_time_and_the_next_one_right_after(
    world: World, database: Database, tmp_path: Path
) -> None:
    """Without hints: schedule sleeps until the due time, and each loop wakes the one that follows."""
    world.engine()
    due = world.value("SELECT seqconsole.now() + interval '1 second'")
    world.contact(
        world.sequence(delays=(0, 0)),
        "60123456789",
        world.device(),
        statuses=("pending",) * 2,
        due=due,
    )
    await prepare(database)
    gateway = RecordingGateway()
    async with dozing(database, gateway, tmp_path, listen=False):
        await until(lambda: len(gateway.sent) == 2)
    assert gateway.sent[0][1] >= due.timestamp()
    assert world.statuses() == {"completed": 2}


async def test_a_row_of_another_application_is_heard_of(
    world: World, database: Database, tmp_path: Path
) -> None:
    world.engine()
    device, gateway = world.device(), RecordingGateway()
    async with dozing(database, gateway, tmp_path):
        await until(lambda: listeners(world) == 1)
        for n in range(2):  # the second is certainly not found by the look that follows a start
            world.message(device, f"6012345678{n}")
            await until(partial(gateway.has_sent, n + 1))
            world.run("SELECT pg_sleep(0.3)")  # a session hints at most four times a second


async def test_the_switch_is_heard_of(world: World, database: Database, tmp_path: Path) -> None:
    device, gateway = world.device(), RecordingGateway()
    async with dozing(database, gateway, tmp_path):
        await until(lambda: listeners(world) == 1)
        world.message(device, "60123456789")
        await until(lambda: not world.value("SELECT count(*) FROM seqconsole.changes"))
        world.run(
            "SELECT pg_sleep(0.3)"
        )  # claims have found the engine off; a session may hint again
        await engine_on(database, "me", now=True, gateway_configured=True)
        await until(lambda: gateway.sent)


async def test_a_lost_listener_listens_again_and_looks_at_once(
    world: World, database: Database, tmp_path: Path
) -> None:
    world.engine()
    device, gateway = world.device(), RecordingGateway()
    async with dozing(database, gateway, tmp_path):
        await until(lambda: listeners(world) == 1)
        with world.connection.transaction():  # the hint is sent when nobody listens
            world.run(f"SELECT pg_terminate_backend(pid), pg_sleep(0.05) {LISTENERS}")
            world.message(device, "60123456789")
        await until(lambda: gateway.sent)
        await until(lambda: listeners(world) == 1)


LISTENERS = (
    "FROM pg_stat_activity WHERE query ~ 'listen seqconsole;' "
    "AND datname = current_database() AND pid <> pg_backend_pid()"
)


def listeners(world: World) -> int:
    found: int = world.value(f"SELECT count(*) {LISTENERS}")
    return found
