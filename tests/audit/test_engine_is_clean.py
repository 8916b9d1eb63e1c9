"""A database that our engine has worked: through kills, doubts, holds and undos the audit finds nothing."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from engine.audit import State
from engine.recovery import recover
from engine.rollup import roll_up_all
from engine.settling import settle
from engine.store import Access, Database
from engine.verdicts import Evidence, settlement
from tests.audit.wild import audit, firing, ids_of
from tests.engine.steps import SENT, prepare, send_all, take
from tests.model.machine import ACTORS, FAULTS, Machine
from tests.model.running import FAULT_WEIGHTS, WEIGHTS
from tests.world import World

pytestmark = pytest.mark.anyio


async def busy(database: Database, world: World, seed: str, steps: int) -> Counter[str]:
    """Three workers, their crashes and operators at random; then a night in which every lease ends."""
    random = Random(seed)
    machine = Machine.build(database, world)
    actors = [actor for actor in ACTORS if actor != "foreign"]
    for _ in range(steps):
        actor = random.choices(actors, [WEIGHTS[a] for a in actors])[0]
        fault = random.choices(FAULTS, [FAULT_WEIGHTS.get(f, 2) for f in FAULTS])[0]
        await machine.step(actor, fault, random.randrange(1 << 30))
    world.advance(seconds=400)
    while await recover(database):
        pass
    await roll_up_all(database)
    return machine.oracle.events


async def test_a_busy_engine_leaves_nothing_to_find(dsn: str, world: World) -> None:
    async with Database.open(Access(dsn)) as database:
        events = await busy(database, world, "audit 7", 200)
    results = await audit(dsn)
    assert {
        name: r for name, r in results.items() if r.state in (State.FOUND, State.UNFINISHED)
    } == {}
    doubts = world.statuses("broadcast_messages").get("unknown", 0)
    assert results["in_doubt"].noted == doubts
    assert doubts >= 1
    for event in ("arrived", "pause", "resume"):
        assert events[event], event
    crashes = sum(n for event, n in events.items() if event.startswith("crash"))
    assert crashes >= 3


@pytest.mark.large
@pytest.mark.parametrize("seed", range(25))
async def test_many_busy_engines_leave_nothing_to_find(dsn: str, world: World, seed: int) -> None:
    async with Database.open(Access(dsn)) as database:
        await busy(database, world, f"audit {seed}", 600)
    results = await audit(dsn)
    assert {
        name: r for name, r in results.items() if r.state in (State.FOUND, State.UNFINISHED)
    } == {}


async def test_the_engines_own_limits_are_the_limit(dsn: str, world: World) -> None:
    """Each device's own, unless --limit says otherwise; a shorter window counts by the hour."""
    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    device = world.device(limit=12)
    for n in range(12):
        world.contact(sequence, f"6012345{n:04}", device)
    async with Database.open(Access(dsn)) as database:
        for _ in range(12):
            await send_all(database)
            world.advance(seconds=20)
    assert world.statuses() == {"completed": 12}
    assert firing(await audit(dsn)) == {}
    assert (await audit(dsn, limit=10))["over_limit"].examples[0]["over"] == 2
    world.run("UPDATE seqconsole.devices SET send_limit = 5")
    assert (await audit(dsn))["over_limit"].examples[0]["over"] == 7
    world.run("UPDATE seqconsole.devices SET send_window = '25 minutes'")
    assert firing(await audit(dsn)) == {}


async def test_a_doubt_of_another_sender_is_found_beside_ours(dsn: str, world: World) -> None:
    device = world.device()
    message = world.message(device, "60123456789")
    world.run(
        "UPDATE broadcast_messages SET status = 'unknown', updated_at = seqconsole.now() - interval '2 hours'"
    )
    results = await audit(dsn)
    assert firing(results) == {"in_doubt": 1}
    assert ids_of(results["in_doubt"]) == {str(message)}


async def test_a_doubt_that_is_settled_late_was_not_sent_late(dsn: str, world: World) -> None:
    """By the attempts it counts where it was claimed, not where its receipt came."""
    world.freeze()
    world.engine()
    device = world.device(limit=1)
    world.message(device, "60123456781")
    world.message(device, "60123456782")
    async with Database.open(Access(dsn)) as database:
        await prepare(database)
        doubtful = await take(database)
        world.advance(seconds=200)
        await recover(database)
        world.advance(hours=2)
        assert len(await send_all(database)) == 1
        await settle(database, [settlement(doubtful[0], SENT, Evidence.RECEIPT, chance=0)])
    assert world.statuses("broadcast_messages") == {"sent": 2}
    assert firing(await audit(dsn)) == {}
    world.run("UPDATE seqconsole.attempts SET charge = NULL")
    assert firing(await audit(dsn)) == {"over_limit": 1}
