"""The engine switch: its checks, its wait, its undo."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.operations.engine_switch import engine_off, engine_on, preview_engine_on
from engine.operations.model import OperationRefused
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import prepare, take
from tests.operations.scene import ME, Copy, duplicates, queued, settle_feed
from tests.world import World

pytestmark = pytest.mark.anyio


async def due_messages(world: World, database: Database, oldest: int = 20) -> None:
    """Three devices with a due message each, one of them `oldest` hours late."""
    world.freeze()
    for n, late in enumerate((0, 5, oldest)):
        device = world.device(f"device {n}")
        message = world.message(device, f"6012345678{n}", f"text {n}")
        world.run(
            "UPDATE broadcast_messages SET scheduled_at = %s WHERE id = %s",
            world.now() - timedelta(hours=late),
            message,
        )
    await prepare(database)


async def switch_on(database: Database, *, now: bool = False) -> None:
    await engine_on(database, ME, gateway_configured=True, now=now)


async def test_switched_on_it_sends_after_ten_seconds(world: World, database: Database) -> None:
    await due_messages(world, database)
    done = await engine_on(database, ME, reason="go", gateway_configured=True)
    assert done.sends_from == world.now() + timedelta(seconds=10)
    assert await take(database) == []
    world.advance(seconds=10)
    assert len(await take(database)) == 3
    operations = world.run("SELECT who, verb, reason, n FROM seqconsole.operations")
    assert operations == [{"who": ME, "verb": "engine on", "reason": "go", "n": 1}]
    again = await engine_on(database, ME, gateway_configured=True)
    assert (again.n, again.operation_id) == (0, None)


async def test_z_takes_it_back_with_nothing_sent(world: World, database: Database) -> None:
    await due_messages(world, database)
    state = "SELECT value, operation_id FROM seqconsole.settings WHERE name = 'engine'"
    before = world.run(state)
    await switch_on(database)
    world.advance(seconds=9)
    await undo(database, ME, None)
    world.advance(hours=1)
    assert await take(database) == []
    assert world.run(state) == before
    assert world.value("SELECT count(*) FROM seqconsole.holds") == 0


async def test_now_omits_the_wait(world: World, database: Database) -> None:
    await due_messages(world, database)
    await switch_on(database, now=True)
    assert len(await take(database)) == 3


async def test_off_names_what_is_in_flight_and_its_undo_waits(
    world: World, database: Database
) -> None:
    await due_messages(world, database)
    await switch_on(database, now=True)
    assert len(await take(database, limit=2)) == 2
    done = await engine_off(database, ME)
    assert len(done.in_flight) == 2
    assert done.summary == "the engine is off; 2 messages are still in flight"
    assert await take(database) == []
    assert (await engine_off(database, ME)).summary == "the engine is already off"
    back = await undo(database, ME, done.operation_id)
    assert back.sends_from == world.now() + timedelta(seconds=10)
    assert await take(database) == []
    world.advance(seconds=10)
    assert len(await take(database)) == 1


async def test_another_sender_refuses_it(world: World, database: Database) -> None:
    await due_messages(world, database)
    world.run(
        "UPDATE broadcast_messages SET status = 'sent' WHERE id = (SELECT id FROM broadcast_messages LIMIT 1)"
    )
    with pytest.raises(OperationRefused, match="another sender is at work"):
        await switch_on(database)
    await settle_feed(database)
    with pytest.raises(OperationRefused, match="another sender is at work"):
        await switch_on(database)
    preview = await preview_engine_on(database, gateway_configured=True)
    assert len(preview.refused) == 1
    world.advance(minutes=11)
    await switch_on(database)


async def test_every_reason_is_named(world: World, database: Database) -> None:
    world.setting("timezone", "")
    with pytest.raises(
        OperationRefused, match=r"zone of this database.*; no gateway is configured"
    ):
        await engine_on(database, ME, gateway_configured=False)
    assert world.value("SELECT seqconsole.setting('engine')") == "off"
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0


async def test_what_others_sent_in_the_last_hour_is_charged(
    world: World, database: Database
) -> None:
    now = world.freeze()
    device = world.device(limit=2)
    group = duplicates(world, Copy("completed"), device=device)
    for minutes in (10, 20):
        queued(world, group, device, "sent", sent_at=now - timedelta(minutes=minutes))
    world.message(device, "60111222333")
    await prepare(database)
    world.run("DELETE FROM seqconsole.findings WHERE kind = 'another sender'")  # it has stopped
    await switch_on(database, now=True)
    assert await take(database) == []
    world.advance(minutes=39)
    assert await take(database) == []
    world.advance(minutes=2)
    assert len(await take(database)) == 1


async def test_the_preview_counts_by_age_and_shows_texts(world: World, database: Database) -> None:
    await due_messages(world, database, oldest=50)
    preview = await preview_engine_on(database, gateway_configured=True)
    assert preview.lines == (
        "3 messages are due on 3 devices.",
        "Within the limits 3 can go now, at most 3 in the first hour.",
        "Overdue: 1 by less than 1 h, 1 by less than 24 h, 1 by more than 24 h.",
        "Those overdue by more than 24 h start parked (1): `seqconsole resume --overdue`.",
        "Text: text 2",
        "Text: text 1",
        "Text: text 0",
    )


async def test_undo_is_refused_when_it_was_switched_since(world: World, database: Database) -> None:
    await switch_on(database)
    first = world.value("SELECT max(id) FROM seqconsole.operations")
    await engine_off(database, "bob@desk")
    with pytest.raises(OperationRefused, match="the engine was switched since"):
        await undo(database, ME, first)
