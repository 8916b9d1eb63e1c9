"""Release: stuck rows by what is known of their message; and its undo."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from engine.operations.mark_sent import MarkNotSent
from engine.operations.release import Release
from engine.operations.repair_facts import Selection
from engine.store import Database
from tests.engine.steps import prepare, send_all, take
from tests.operations.repairs import comes_back, message_state, preview, repair, state_of, step
from tests.operations.scene import hours, sound
from tests.world import World

pytestmark = pytest.mark.anyio


async def stuck(world: World, database: Database) -> dict[str, tuple[UUID, UUID | None]]:
    """One person a kind of stuck row, as another application leaves them."""
    world.freeze()
    world.engine()
    device, sequence = world.device(), world.sequence(delays=(0, 0))
    kinds = {
        "sent": ("active", "sent"),
        "never": ("active", None),
        "never in hand": ("processing", None),
        "doubt": ("active", "processing"),
        "doubt of a pending row": ("pending", "queued"),
        "being sent by it": ("active", "sending"),
        "failed": ("active", "failed"),
        "queued": ("active", "pending"),
    }
    made = {
        kind: step(world, sequence, 1, f"6011111111{n}", status, device=device, message=message)
        for n, (kind, (status, message)) in enumerate(kinds.items())
    }
    world.run("DELETE FROM seqconsole.changes WHERE kind = 'another sender'")
    await prepare(database)
    return made


async def test_f48_f49_by_what_is_known_of_the_message(world: World, database: Database) -> None:
    made = await stuck(world, database)
    done = await comes_back(world, database, Release())
    assert done.refused == ()
    after = {
        kind: (state_of(world, row), message_state(world, message))
        for kind, (row, message) in made.items()
    }
    assert after == {
        "sent": ("completed", "sent"),
        "never": ("pending", None),
        "never in hand": ("pending", None),
        "doubt": ("active", "unknown"),
        "doubt of a pending row": ("active", "unknown"),
        "being sent by it": ("active", "unknown"),
        "failed": ("failed", "failed"),
        "queued": ("active", "pending"),
    }
    assert [c.phone for c in await take(database)] == ["60111111117"]
    assert (await preview(database, Release())).n == 0


async def test_f49_what_was_never_queued_is_sent_once_after_the_wait(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    device, sequence = world.device(), world.sequence(delays=(0,))
    row, _ = step(
        world, sequence, 1, "60111111111", "active", device=device, claimed=timedelta(hours=9)
    )
    await prepare(database)
    assert await take(database) == []
    done = await repair(database, Release())
    assert done.sends_from == world.now() + timedelta(seconds=10)
    claims = (
        "SELECT count(*) FROM sequence_contacts WHERE processing_device_id IS NOT NULL "
        "OR processing_started_at IS NOT NULL"
    )
    assert world.value(claims) == 0
    await prepare(database)
    assert await take(database) == []
    world.advance(seconds=10)
    assert len(await send_all(database)) == 1
    assert state_of(world, row) == "completed"
    await sound(world, database)


async def test_a_live_claim_of_another_sender_is_left_alone(
    world: World, database: Database
) -> None:
    world.freeze()
    row, _ = step(
        world, world.sequence(), 1, "60111111111", "active", device=world.device(),
        claimed=timedelta(minutes=29),
    )  # fmt: skip
    await prepare(database)
    shown = await preview(database, Release())
    assert "another sender has claimed it within the last 30 minutes" in shown.refused[0]
    world.advance(minutes=2)
    await repair(database, Release())
    assert state_of(world, row) == "pending"


async def test_an_earlier_step_is_not_sent_after_a_later_one(
    world: World, database: Database
) -> None:
    world.freeze()
    sequence, device = world.sequence(), world.device()
    row, _ = step(world, sequence, 1, "60111111111", "active", device=device)
    step(world, sequence, 2, "60111111111", "completed", device=device, sent=hours(2))
    await prepare(database)
    shown = await preview(database, Release())
    assert "a later step was sent already: mark it sent, or skip it" in shown.refused[0]
    assert state_of(world, row) == "active"


async def test_foreign_states_only_when_named(world: World, database: Database) -> None:
    world.freeze()
    sequence, device = world.sequence(), world.device()
    states = ("paused", "sent", "sequence_failed")
    rows = [
        step(world, sequence, 1, f"6011111111{n}", s, device=device)[0]
        for n, s in enumerate(states)
    ]
    await prepare(database)
    assert (await preview(database, Release())).n == 0
    done = await comes_back(world, database, Release(states), Selection(states=states))
    assert [state_of(world, r) for r in rows] == ["pending", "sent", "failed"]
    assert "it says sent, and no message proves it" in done.refused[0]


async def test_a_released_doubt_is_settled_like_ours(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    row, message = step(
        world,
        world.sequence(),
        1,
        "60111111111",
        "active",
        device=world.device(),
        message="sending",
    )
    world.run("DELETE FROM seqconsole.changes WHERE kind = 'another sender'")
    await prepare(database)
    await repair(database, Release())
    await comes_back(world, database, MarkNotSent("ana"))
    assert (state_of(world, row), message_state(world, message)) == ("failed", "failed")
    await sound(world, database)


async def test_by_age_and_sequence(world: World, database: Database) -> None:
    world.freeze()
    first, second, device = world.sequence("A"), world.sequence("B"), world.device()
    old, _ = step(world, first, 1, "60111111111", "active", device=device, claimed=hours(5))
    new, _ = step(world, first, 1, "60122222222", "active", device=device, claimed=hours(2))
    other, _ = step(world, second, 1, "60133333333", "active", device=device)
    await prepare(database)
    await repair(database, Release(), Selection(older=timedelta(hours=4), sequences=(first[0],)))
    assert [state_of(world, r) for r in (old, new, other)] == ["pending", "active", "active"]
