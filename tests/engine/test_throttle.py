"""The throttle: exact in any sliding window, over claims, restarts, doubts and proofs (DESIGN 5)."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.invariants import violations
from engine.recovery import recover
from engine.rollup import roll_up_all
from engine.store import Database
from tests.engine.steps import end, prepare, send_all, take
from tests.world import World

pytestmark = pytest.mark.anyio


def queue(world: World, device: object, n: int) -> None:
    world.run(
        "INSERT INTO broadcast_messages (device_id, recipient_phone, content, status, scheduled_at) "
        "SELECT %s, '601' || (20000000 + i), 'x', 'pending', seqconsole.now() FROM generate_series(1, %s) i",
        device,
        n,
    )


async def test_eighty_in_any_sliding_hour_and_the_next_when_the_oldest_leaves(
    world: World, database: Database
) -> None:
    start = world.freeze()
    world.engine()
    queue(world, world.device(gap=(0, 0)), 200)
    await prepare(database)
    sent: list[datetime] = []
    while world.now() < start + timedelta(minutes=62):
        for claim in await take(database):
            await end(database, [claim])
            sent.append(world.now())
        slot = world.value("SELECT slot_at FROM seqconsole.devices")
        world.advance(seconds=max(1.0, (slot - world.now()).total_seconds()))
    assert len(sent) > 82
    for at in sent:
        assert sum(at <= other < at + timedelta(hours=1) for other in sent) <= 80
    assert sent[80] == sent[0] + timedelta(hours=1), "the 81st goes as soon as the first has left"
    assert await violations(database) == {}


async def test_one_message_at_a_time_and_a_gap_between(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    queue(world, world.device(gap=(10, 20)), 10)
    await prepare(database)
    gaps = []
    for _ in range(5):
        [claim] = await take(database)
        assert await take(database) == []
        await end(database, [claim])
        settled = world.now()
        slot = world.value("SELECT slot_at FROM seqconsole.devices")
        gaps.append((slot - settled).total_seconds())
        world.advance(seconds=gaps[-1] - 0.001)
        assert await take(database) == []
        world.advance(seconds=0.001)
    assert all(10 <= gap <= 20 for gap in gaps)
    assert len({round(gap, 3) for gap in gaps}) > 1


async def test_proof_that_nothing_was_sent_gives_the_slot_back(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    queue(world, world.device(limit=1), 3)
    await prepare(database)
    [claim] = await take(database)
    await end(database, [claim], Answer(Verdict.RETRY, "refused", written=False))
    assert len(await take(database)) == 1
    world.advance(minutes=30)
    assert await take(database) == []


async def test_doubt_stays_charged_for_the_whole_window(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    queue(world, world.device(limit=1), 3)
    await prepare(database)
    assert len(await take(database)) == 1
    world.advance(seconds=151)
    assert await recover(database) == 1
    world.advance(seconds=3598)
    assert await take(database) == []
    world.advance(seconds=2)
    assert len(await take(database)) == 1


async def test_switch_on_charges_what_another_sender_sent(world: World, database: Database) -> None:
    now = world.freeze()
    device = world.device()
    world.run(
        "INSERT INTO broadcast_messages (device_id, recipient_phone, status, sent_at) "
        "SELECT %s, '601' || (30000000 + i), 'sent', %s::timestamptz - i * interval '30 seconds' "
        "FROM generate_series(1, 79) i",
        device,
        now,
    )
    queue(world, device, 5)
    await roll_up_all(database)
    async with database.transaction(writer="operator") as tx:
        await tx.run("engine/seed_rings", now=await tx.now())
    world.engine()
    await prepare(database)
    assert len(await send_all(database)) == 1
    assert await send_all(database) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
async def test_random_outcomes_and_waits_never_break_the_window(
    world: World, database: Database, seed: int
) -> None:
    draw = random.Random(seed)
    world.freeze()
    world.engine()
    device = world.device(limit=7)
    world.setting("send_window", "10 minutes", "device", str(device))
    queue(world, device, 80)
    await prepare(database)
    wire: list[datetime] = []
    answers = (
        Answer(Verdict.SENT, "SUCCESS", "3EB0"),
        Answer(Verdict.UNKNOWN, "timeout"),
        Answer(Verdict.RETRY, "503"),
        Answer(Verdict.RETRY, "refused", written=False),
    )
    for _ in range(120):
        for claim in await take(database):
            answer = draw.choices(answers, (6, 2, 1, 1))[0]
            delay = draw.uniform(0, 80)
            if answer.written:
                wire.append(world.now() + timedelta(seconds=draw.uniform(0, delay)))
            world.advance(seconds=delay)
            if draw.random() < 0.2:
                world.advance(seconds=160)
                await recover(database)
            else:
                await end(database, [claim], answer)
        world.run("DELETE FROM seqconsole.holds")
        world.advance(seconds=draw.choice((1, 20, 200)))
    assert len(wire) > 30
    for at in wire:
        assert sum(at <= other < at + timedelta(minutes=10) for other in wire) <= 7
    assert set(await violations(database)) <= {"4_hold"}
