"""Skipping what is too old to be worth sending, and its undo."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.operations.model import OperationRefused
from engine.operations.stale import skip_stale
from engine.operations.targets import EVERYTHING
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import end, prepare, take
from tests.operations.scene import ME, fingerprint, ledger, sound
from tests.world import World

pytestmark = pytest.mark.anyio

DAY = timedelta(hours=24)


async def late_and_fresh(world: World, database: Database) -> None:
    """A late campaign message and a late first step of a sequence of two; a fresh one of each."""
    now = world.freeze()
    world.engine()
    device = world.device("one")
    sequence = world.sequence(delays=(0, 0))
    for n, late in enumerate((30, 1)):
        message = world.message(device, f"6011111111{n}")
        due = now - timedelta(hours=late)
        world.run("UPDATE broadcast_messages SET scheduled_at = %s WHERE id = %s", due, message)
        world.contact(sequence, f"6012222222{n}", device, statuses=("pending", "pending"), due=due)
    await prepare(database)


async def test_the_old_is_skipped_and_what_follows_waits(world: World, database: Database) -> None:
    await late_and_fresh(world, database)
    done = await skip_stale(database, ME, EVERYTHING, DAY)
    assert done.n == 2
    assert world.statuses("broadcast_messages") == {"pending": 2, "skipped": 2}
    assert world.statuses() == {"active": 1, "pending": 2, "skipped": 1}
    assert world.value("SELECT count(*) FROM seqconsole.deliveries WHERE outcome = 'k'") == 2
    assert world.run(
        "SELECT DISTINCT error_message AS e FROM broadcast_messages WHERE status = 'skipped'"
    ) == [{"e": "skipped: stale"}]
    second = world.run("SELECT at, gate FROM seqconsole.progress WHERE phone_key = '60122222220'")
    assert second == [{"at": world.now() + timedelta(seconds=10), "gate": "countdown"}]
    await sound(world, database)
    assert (await skip_stale(database, ME, EVERYTHING, DAY)).operation_id is None


async def test_undo_restores_exactly_behind_the_wait(world: World, database: Database) -> None:
    await late_and_fresh(world, database)
    before = fingerprint(world), ledger(world)
    done = await skip_stale(database, ME, EVERYTHING, DAY)
    assert (fingerprint(world), ledger(world)) != before
    back = await undo(database, ME, done.operation_id)
    assert back.sends_from == world.now() + timedelta(seconds=10)
    assert (fingerprint(world), ledger(world)) == before
    old = (
        "SELECT min(at) FROM seqconsole.progress WHERE phone_key IN ('60111111110', '60122222220')"
    )
    assert world.value(old) == world.now() + timedelta(seconds=10)
    await sound(world, database)


async def test_undo_is_refused_for_a_chain_that_went_on(world: World, database: Database) -> None:
    await late_and_fresh(world, database)
    done = await skip_stale(database, ME, EVERYTHING, DAY)
    world.run(
        "UPDATE sequence_contacts SET last_error = 'mine' WHERE last_error = 'skipped: stale'"
    )
    part = await undo(database, ME, done.operation_id)
    assert len(part.refused) == 1
    assert "last_error of row" in part.refused[0]
    with pytest.raises(OperationRefused, match="last_error of row"):
        await undo(database, ME, done.operation_id)


async def test_undo_is_refused_once_the_next_step_was_tried(
    world: World, database: Database
) -> None:
    await late_and_fresh(world, database)
    done = await skip_stale(database, ME, EVERYTHING, DAY)
    world.advance(seconds=20)
    for _ in range(4):
        await prepare(database)
        await end(database, await take(database))
        world.advance(seconds=10)
    part = await undo(database, ME, done.operation_id)
    assert part.n == 2  # the campaign message: its row and its place in the ledger
    assert ["tried since" in why for why in part.refused] == [True]
    await sound(world, database)
