"""Link steps and keep active: the chain of a person put right, and its undo."""

from __future__ import annotations

from uuid import UUID

import pytest

from engine.operations.keep_active import KeepActive
from engine.operations.link_steps import LinkSteps
from engine.operations.release import Release
from engine.store import Database
from tests.engine.steps import prepare, send_all, take
from tests.operations.repairs import comes_back, message_state, preview, repair, state_of, step
from tests.operations.scene import hours, sound
from tests.world import World

pytestmark = pytest.mark.anyio

PHONE = "60111111111"


async def test_f04_the_day_decides_the_step(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    sequence, device = world.sequence(delays=(0, 0, 0)), world.device()
    done, _ = step(
        world, sequence, 1, PHONE, "completed", device=device, linked=False, sent=hours(2)
    )
    waiting, _ = step(world, sequence, 2, PHONE, "pending", device=device, linked=False)
    await prepare(database)
    assert await take(database) == []
    await comes_back(world, database, LinkSteps())
    linked = world.run("SELECT id, sequence_stepid FROM sequence_contacts ORDER BY current_step")
    assert [(r["id"], r["sequence_stepid"]) for r in linked] == [
        (done, sequence[1]),
        (waiting, sequence[2]),
    ]
    proof = world.run("SELECT outcome::text, evidence::text FROM seqconsole.deliveries")
    assert proof == [{"outcome": "s", "evidence": "h"}]
    assert await take(database) == []
    world.advance(seconds=10)
    (claim,) = await send_all(database)
    assert claim.step_id == sequence[2]
    await sound(world, database)


async def test_f06_where_the_day_does_not_decide(world: World, database: Database) -> None:
    world.freeze()
    device = world.device()
    sequence, tied = world.sequence("Plain"), world.sequence("Tied")
    world.run("UPDATE sequence_steps SET day_number = 1 WHERE sequence_id = %s", tied[0])
    for _ in range(2):  # every row of this contact carries the same day
        step(world, sequence, 3, "60122222222", "pending", device=device, linked=False)
    step(world, tied, 1, "60133333333", "pending", device=device, linked=False)
    step(world, sequence, 1, "60144444444", "pending", device=device)
    step(world, sequence, 1, "60144444444", "pending", device=device, linked=False)
    step(world, sequence, 1, "60155555555", "pending", device=device, linked=False)
    step(world, sequence, 2, "60155555555", "completed", device=device, sent=hours(1))
    step(world, sequence, 1, "6012", "pending", device=device, linked=False)
    await prepare(database)
    shown = await preview(database, LinkSteps())
    text = "\n".join(shown.refused)
    assert shown.n == 0
    for why in (
        "2 steps (+60***222,",
        "1 other row of this person without a step has its day",
        "no step of its sequence, or more than one, has its day number",
        "this person has a row of that step already",
        "a later step was sent already: skip it",
        "its phone is no phone number",
    ):
        assert why in text


async def all_active(
    world: World, database: Database, messages: tuple[str | None, ...]
) -> tuple[list[UUID], list[UUID | None]]:
    """A person with every step active at once."""
    world.freeze()
    world.engine()
    sequence, device = world.sequence(delays=(0,) * len(messages)), world.device()
    made = [
        step(world, sequence, day, PHONE, "active", device=device, message=message)
        for day, message in enumerate(messages, start=1)
    ]
    await prepare(database)
    assert await take(database) == []
    return [row for row, _ in made], [message for _, message in made]


async def test_f20_the_earliest_step_stays_active(world: World, database: Database) -> None:
    rows, messages = await all_active(world, database, ("pending", "pending", None, "sent"))
    done = await comes_back(world, database, KeepActive())
    assert done.n == 4
    assert [state_of(world, r) for r in rows] == ["active", "pending", "pending", "completed"]
    assert [message_state(world, m) for m in messages] == ["pending", "skipped", None, "sent"]
    sent = []
    for _ in range(4):
        world.advance(seconds=10)
        sent += [c.step_id for c in await send_all(database)]
    steps = "SELECT id FROM sequence_steps WHERE day_number < 4 ORDER BY day_number"
    assert sent == [r["id"] for r in world.run(steps)]
    assert world.statuses() == {"completed": 4}
    await sound(world, database)


async def test_a_doubt_keeps_the_whole_chain_as_it_is(world: World, database: Database) -> None:
    rows, _ = await all_active(world, database, ("pending", "pending", "processing"))
    shown = await preview(database, KeepActive())
    assert shown.n == 0
    assert "in doubt: settle it first" in shown.refused[0]
    assert [state_of(world, r) for r in rows] == ["active"] * 3


async def test_an_active_step_behind_a_pending_one(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    sequence, device = world.sequence(delays=(0, 0)), world.device()
    first, _ = step(world, sequence, 1, PHONE, "pending", device=device)
    second, _ = step(world, sequence, 2, PHONE, "active", device=device)
    await prepare(database)
    await comes_back(world, database, KeepActive())
    assert (state_of(world, first), state_of(world, second)) == ("pending", "pending")
    world.advance(seconds=10)
    await send_all(database)
    assert state_of(world, first) == "completed"
    await sound(world, database)


async def test_the_earliest_without_a_message_is_then_released(
    world: World, database: Database
) -> None:
    rows, _ = await all_active(world, database, (None, None))
    await repair(database, KeepActive())
    await repair(database, Release())
    assert [state_of(world, r) for r in rows] == ["pending", "pending"]
    world.advance(seconds=10)
    assert len(await send_all(database)) == 1
