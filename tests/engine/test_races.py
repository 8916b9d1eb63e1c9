"""Several engines, operators and other applications at once: the gate holds, and everything is sent once."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import psycopg
import pytest

from engine.claiming import LEASE, Claim
from engine.invariants import violations
from engine.store import Access, Database
from tests.engine.steps import end, prepare, take
from tests.world import World

pytestmark = pytest.mark.anyio


async def until_waiting(world: World, what: str) -> None:
    """Until some session of this database waits for a lock of this kind."""
    for _ in range(500):
        waits = world.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock' AND wait_event = %s",
            what,
        )
        if waits:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


async def test_fault_31_a_claim_that_waited_for_a_pause_sees_it(
    world: World, database: Database
) -> None:
    """The stale snapshot: a claim that began before the hold was committed must not miss it."""
    world.engine()
    device = world.device()
    world.message(device, "60123456789")
    await prepare(database)
    async with database.transaction(writer="operator") as pausing:
        await pausing.lock_gate(exclusive=True)
        claiming = asyncio.create_task(take(database))
        await until_waiting(world, "advisory")
        await pausing.run(
            "engine/put_holds",
            scopes=["device"],
            keys=[str(device)],
            holders=["operator"],
            reasons=["test"],
            untils=[None],
            cold_onlys=[False],
            now=await pausing.now(),
        )
    assert await claiming == []


async def test_fault_31_a_pause_returns_only_after_a_running_claim(
    dsn: str, world: World, database: Database
) -> None:
    """Whatever a claim took before the pause returned is known to be in flight; nothing is taken after."""
    world.engine()
    device = world.device()
    world.message(device, "60123456789")
    world.message(device, "60123456780")
    await prepare(database)
    async with await psycopg.AsyncConnection.connect(dsn) as claimer:
        await claimer.execute("SELECT pg_advisory_xact_lock_shared(1584203521, 1)")

        async def pause() -> None:
            async with database.transaction(writer="operator") as tx:
                await tx.lock_gate(exclusive=True)
                await tx.run(
                    "engine/put_holds",
                    scopes=["all"],
                    keys=[""],
                    holders=["operator"],
                    reasons=["test"],
                    untils=[None],
                    cold_onlys=[False],
                    now=await tx.now(),
                )

        pausing = asyncio.create_task(pause())
        await until_waiting(world, "advisory")
        assert not pausing.done()
        await claimer.commit()
        await pausing
    assert await take(database) == []


async def test_workers_racing_over_one_queue_claim_each_message_once(
    dsn: str, world: World, database: Database
) -> None:
    world.engine()
    devices = [world.device(f"d{n}") for n in range(10)]
    for n in range(200):
        world.message(devices[n % 10], f"6012{n:07}")
    await prepare(database)
    claimed: list[object] = []

    async def work() -> None:
        worker = uuid4()
        async with Database.open(Access(dsn, max_connections=2)) as own:
            idle = 0
            while idle < 5:
                claims = await take(own, 7, worker)
                claimed.extend(c.message_id for c in claims)
                idle = 0 if claims else idle + 1
                await end(own, claims)

    await asyncio.gather(*(work() for _ in range(6)))
    assert len(claimed) == len(set(claimed)) == 200
    assert world.statuses("broadcast_messages") == {"sent": 200}
    assert await violations(database) == {}


@pytest.mark.parametrize("limit", [1, 80])
async def test_six_workers_one_device_one_slot(
    world: World, database: Database, limit: int
) -> None:
    """Fault 33; with room in the window too, one message of a device is in flight at a time."""
    world.engine()
    device = world.device(limit=limit)
    for n in range(6):
        world.message(device, f"6012345678{n}")
    await prepare(database)
    claims = await asyncio.gather(*(take(database, 10, uuid4()) for _ in range(6)))
    assert sum(map(len, claims)) == 1


async def test_two_schedulers_queue_each_step_once(
    dsn: str, world: World, database: Database
) -> None:
    now = world.now()
    world.engine()
    sequence, device = world.sequence(), world.device()
    for n in range(100):
        world.contact(sequence, f"601234567{n:02}", device, due=now)
    from engine.rollup import roll_up_all
    from engine.scheduling import schedule

    await roll_up_all(database)
    queued = await asyncio.gather(*(schedule(database, 30) for _ in range(8)))
    assert sum(queued) == 100
    assert world.statuses("broadcast_messages") == {"pending": 100}
    assert world.statuses() == {"active": 100}


async def test_a_message_that_another_application_locked_or_took_is_left_alone(
    dsn: str, world: World, database: Database
) -> None:
    world.engine()
    message = world.message(world.device(), "60123456789")
    await prepare(database)
    with psycopg.connect(dsn) as other:
        other.execute(
            "UPDATE broadcast_messages SET status = 'processing' WHERE id = %s", [message]
        )
        assert await take(database) == []
    assert await take(database) == []
    await prepare(database)
    assert world.value("SELECT gate FROM seqconsole.progress") == "unknown"


async def test_another_application_cannot_take_a_message_out_of_sending(
    world: World, database: Database
) -> None:
    world.engine()
    message = world.message(world.device(), "60123456789")
    await prepare(database)
    [claim] = await take(database)
    world.run(
        "UPDATE broadcast_messages SET status = 'pending', content = 'new' WHERE id = %s", message
    )
    row = world.run("SELECT status, content FROM broadcast_messages")[0]
    assert row == {"status": "sending", "content": "new"}
    await prepare(database)
    assert world.value("SELECT count(*) FROM seqconsole.findings WHERE kind = 'foreign edit'") == 1
    world.run("SELECT set_config('seqconsole.writer', 'engine', false)")
    with pytest.raises(psycopg.errors.CheckViolation):
        world.run("UPDATE broadcast_messages SET status = 'pending' WHERE id = %s", message)
    await end(database, [claim])
    assert world.statuses("broadcast_messages") == {"sent": 1}


async def test_two_claims_at_once_take_one_message_of_a_person_under_a_cap(
    world: World, database: Database
) -> None:
    """The second claim looks only when the first is committed, whichever devices they are on."""
    world.engine()
    world.setting("person_gap", "24 hours", "default")
    for name in ("one", "two"):
        world.message(world.device(name), "60123456789")
    await prepare(database)
    async with database.transaction(writer="engine") as first:
        await first.lock_gate(exclusive=False)
        await first.run("engine/lock_persons")
        now = await first.now()
        taken = await first.rows(
            Claim, "engine/claim", now=now, limit=1, lease=LEASE, worker=uuid4()
        )
        second = asyncio.create_task(take(database))
        await until_waiting(world, "advisory")
    assert (len(taken), await second) == (1, [])
