"""Decide order: numbers that order the steps, changing as few as can be; and its undo."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.operations.decide_order import decide_order, numbers, preview_order
from engine.operations.link_steps import LinkSteps
from engine.operations.model import OperationRefused
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import prepare, send_all, take
from tests.operations.repairs import preview, step
from tests.operations.scene import ME, fingerprint, hours, sound
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([1, 1, 2], [1, 2, 3]),
        ([1, None, 3], [1, 2, 3]),
        ([5, 5, 9], [5, 6, 9]),
        ([None, None], [1, 2]),
        ([1, 7, 7, 8], [1, 2, 7, 8]),
        ([0, -3], [1, 2]),
        ([3, 1, 2], [3, 4, 5]),
        ([0, 1, 2], [1, 2, 3]),
    ],
)
def test_as_few_numbers_as_can_be(days: list[int | None], expected: list[int]) -> None:
    assert numbers(days) == expected


@given(days=st.lists(st.none() | st.integers(-2, 9), max_size=8))
def test_numbers_always_rise(days: list[int | None]) -> None:
    found = numbers(days)
    assert all(a < b for a, b in pairwise(found))
    assert all(n >= 1 for n in found)
    assert len(found) == len(days)
    if all(d is not None and d >= 1 for d in days) and days == sorted(
        set(days), key=lambda d: d or 0
    ):
        assert found == days


async def undecided(world: World, database: Database) -> list[UUID]:
    """Two steps of one day and one of the next; a contact on each."""
    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0, 0))
    world.run(
        "UPDATE sequence_steps SET day_number = greatest(day_number - 1, 1) WHERE sequence_id = %s",
        sequence[0],
    )
    world.contact(sequence, "60111111111", world.device(), statuses=("pending",) * 3)
    await prepare(database)
    assert await take(database) == []
    return sequence


async def test_nothing_is_sent_until_the_order_is_decided(world: World, database: Database) -> None:
    sequence, first, second, third = await undecided(world, database)
    before = fingerprint(world)
    order = [second, first, third]
    shown = await preview_order(database, sequence, order)
    assert (shown.steps, shown.days, shown.n) == (tuple(order), (1, 2, 3), 2)
    done = await decide_order(database, ME, sequence, order, pinned=shown.pinned)
    assert done.sends_from == world.now() + timedelta(seconds=10)
    await undo(database, ME, done.operation_id)
    assert fingerprint(world) == before
    world.advance(hours=1)
    await prepare(database)
    assert await take(database) == []
    await decide_order(database, ME, sequence, order, pinned=shown.pinned)
    await prepare(database)
    assert await take(database) == []
    world.advance(seconds=10)
    sent = []
    for _ in range(3):
        sent += [c.step_id for c in await send_all(database)]
    assert sent == order
    await sound(world, database)
    with pytest.raises(OperationRefused, match="a message of the sequence was tried by this order"):
        await undo(database, ME, None)


async def test_what_is_no_order_is_refused(world: World, database: Database) -> None:
    sequence, first, second, third = await undecided(world, database)
    with pytest.raises(OperationRefused, match="name every step once"):
        await preview_order(database, sequence, [first, second])
    with pytest.raises(OperationRefused, match="not a step of this sequence"):
        await preview_order(database, sequence, [first, second, sequence])
    shown = await preview_order(database, sequence)
    assert set(shown.steps[:2]) == {first, second}
    assert shown.steps[2] == third
    world.run("UPDATE sequence_steps SET day_number = 9 WHERE id = %s", first)
    with pytest.raises(OperationRefused):
        await decide_order(database, ME, sequence, shown.steps, pinned=shown.pinned)
    with pytest.raises(OperationRefused, match="order its steps already"):
        await preview_order(database, sequence)


async def test_what_the_operator_must_know_first(world: World, database: Database) -> None:
    sequence, first, second, third = await undecided(world, database)
    device = world.value("SELECT id FROM user_devices")
    made = [sequence, first, second, third]
    step(world, made, 1, "60122222222", "pending", device=device, linked=False)
    step(world, made, 1, "60133333333", "pending", device=device)
    step(world, made, 2, "60133333333", "completed", device=device, sent=hours(1))
    shown = await preview_order(database, sequence, [first, second, third])
    assert any("1 row without a step can't be linked by day afterwards" in x for x in shown.lines)
    assert any("1 person had a later step" in x for x in shown.lines)
    await decide_order(database, ME, sequence, shown.steps, pinned=shown.pinned)
    await prepare(database)
    linking = await preview(database, LinkSteps())
    assert "its day number was given to another step since" in linking.refused[0]
