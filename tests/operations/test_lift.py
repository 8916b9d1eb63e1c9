"""Lifting holds that no `resume` lifts: behind the wait, with undo, and not those that end by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.operations.holds import pause
from engine.operations.lift import lift, list_holds, preview_lift
from engine.operations.model import Done, OperationRefused, Scope, Target
from engine.operations.undo import undo
from engine.projection import project_people
from engine.reader import Reader
from engine.store import Database
from tests.engine.steps import prepare, take
from tests.operations.scene import ME, sound
from tests.world import World

pytestmark = pytest.mark.anyio

PHONE = "60123456780"
WAIT = timedelta(seconds=10)


def held(world: World, scope: str, key: object, holder: str = "breaker") -> None:
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, reason, since) "
        "VALUES (%s, %s, %s, 'DEVICE_NOT_FOUND', seqconsole.now())",
        scope,
        str(key),
        holder,
    )


async def scene(world: World, database: Database) -> Target:
    """A device with a due message, held by its breaker without an end."""
    world.freeze()
    world.engine()
    device = world.device("Alpha")
    world.message(device, PHONE)
    await prepare(database)
    held(world, "device", device)
    return Target(Scope.DEVICE, (str(device),), ("Alpha",))


async def lifted(database: Database, target: Target, holder: str = "breaker") -> Done:
    preview = await preview_lift(database, holder, target)
    return await lift(database, ME, holder, target, pinned=preview.pinned)


async def test_a_lifted_breaker_sends_after_the_wait(world: World, database: Database) -> None:
    target = await scene(world, database)
    preview = await preview_lift(database, "breaker", target)
    assert preview.n == 1
    assert "Alpha is held by breaker: DEVICE_NOT_FOUND," in preview.lines[0]
    assert "1 message is due on 1 device." in preview.lines
    done = await lifted(database, target)
    assert done.sends_from == world.now() + WAIT
    assert (await Reader(database).overview()).countdown == 1
    assert await take(database) == []
    world.advance(seconds=10.001)
    assert len(await take(database)) == 1
    await sound(world, database)


async def test_undo_puts_the_same_hold_back(world: World, database: Database) -> None:
    target = await scene(world, database)
    before = await list_holds(database)
    await lifted(database, target)
    await undo(database, ME, None)
    assert await list_holds(database) == before
    world.advance(seconds=60)
    assert await take(database) == []


async def test_undo_is_refused_once_the_engine_has_put_it_again(
    world: World, database: Database
) -> None:
    target = await scene(world, database)
    done = await lifted(database, target)
    world.advance(seconds=20)
    world.run("UPDATE seqconsole.holds SET until = 'infinity', since = seqconsole.now()")
    with pytest.raises(OperationRefused, match="was changed since"):
        await undo(database, ME, done.operation_id)


@pytest.mark.parametrize(
    "holder", ["operator", "switch", "limits", "limits undone", "clock", "another sender"]
)
async def test_what_ends_by_itself_is_not_lifted(
    world: World, database: Database, holder: str
) -> None:
    target = await scene(world, database)
    held(world, "device", target.keys[0], holder)
    with pytest.raises(OperationRefused, match=f"the hold of {holder} is not lifted so"):
        await preview_lift(database, holder, target)
    with pytest.raises(OperationRefused, match="is not lifted so"):
        await lift(database, ME, holder, target, pinned="")


async def test_a_hold_that_changed_since_the_preview_is_refused(
    world: World, database: Database
) -> None:
    target = await scene(world, database)
    preview = await preview_lift(database, "breaker", target)
    world.run("UPDATE seqconsole.holds SET reason = 'another'")
    with pytest.raises(OperationRefused, match="look again"):
        await lift(database, ME, "breaker", target, pinned=preview.pinned)
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0


async def test_other_holds_stay_and_are_named(world: World, database: Database) -> None:
    target = await scene(world, database)
    await pause(database, ME, target, "mine")
    done = await lifted(database, target)
    assert done.refused == ("Alpha by operator: mine",)
    world.advance(seconds=60)
    assert await take(database) == []


async def test_a_host_and_everything(world: World, database: Database) -> None:
    target = await scene(world, database)
    world.run("DELETE FROM seqconsole.holds; UPDATE seqconsole.devices SET host = 'main'")
    held(world, "host", "main")
    held(world, "all", "", "failover")
    assert await take(database) == []
    assert [h.scope for h in await list_holds(database)] == ["all", "host"]
    await lifted(database, Target(Scope.HOST, ("main",), ("main",)))
    await lifted(database, Target(Scope.ALL), "failover")
    world.advance(seconds=11)
    assert [str(c.device_id) for c in await take(database)] == list(target.keys)


async def test_a_contact_that_said_stop(world: World, database: Database) -> None:
    await scene(world, database)
    world.run("DELETE FROM seqconsole.holds")
    held(world, "contact", PHONE, "suppression")
    async with database.transaction(writer="engine") as tx:
        await tx.run("session/lock_projection")
        await project_people(tx, [PHONE], now=await tx.now())
    world.advance(seconds=20)
    assert await take(database) == []
    done = await lifted(database, Target(Scope.CONTACT, (PHONE,)), "suppression")
    assert PHONE not in done.summary
    assert await take(database) == []
    world.advance(seconds=11)
    assert len(await take(database)) == 1
