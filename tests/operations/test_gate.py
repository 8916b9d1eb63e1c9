"""Guarantee 4 of DESIGN 10: whatever closes the gate waits for the claim that is open, and names what it took."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from engine.operations.engine_switch import engine_off
from engine.operations.holds import pause, resume
from engine.operations.model import Done, Scope, Target
from engine.operations.targets import EVERYTHING
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import prepare, take
from tests.operations.scene import ME, blocked
from tests.world import World

pytestmark = pytest.mark.anyio

Act = Callable[[Database, Target], Awaitable[Done]]


async def pause_device(database: Database, target: Target) -> Done:
    return await pause(database, ME, target, None)


async def pause_everything(database: Database, target: Target) -> Done:
    return await pause(database, ME, EVERYTHING, None)


async def switch_off(database: Database, target: Target) -> Done:
    return await engine_off(database, ME)


async def take_back_the_resume(database: Database, target: Target) -> Done:
    return await undo(database, ME, None)


@pytest.mark.parametrize("act", [pause_device, pause_everything, switch_off, take_back_the_resume])
async def test_the_gate_closes_only_behind_an_open_claim(
    world: World, database: Database, act: Act
) -> None:
    world.freeze()
    world.engine()
    device = world.device("Alpha")
    for n in range(2):
        world.message(device, f"6012345678{n}")
    await prepare(database)
    target = Target(Scope.DEVICE, (str(device),), ("Alpha",))
    if act is take_back_the_resume:
        await pause(database, ME, target, None)
        await resume(database, ME, target, None)
        world.advance(seconds=11)
    async with database.transaction(writer="engine") as tx:
        await tx.lock_gate(exclusive=False)
        now = await tx.now()
        closing = asyncio.ensure_future(act(database, target))
        await blocked(world)
        taken = await tx.dicts(
            "engine/claim", now=now, worker=uuid4(), limit=1, lease="150 seconds"
        )
        assert len(taken) == 1
        assert not closing.done()
    done = await closing
    assert [f.message_id for f in done.in_flight] == [taken[0]["message_id"]]
    world.advance(hours=1)
    assert await take(database) == []
