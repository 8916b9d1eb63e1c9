"""t, s, m and ctrl+d on a real database: what they ask, what they change, how z takes it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from seqconsole.widgets.confirm import Confirm
from tests.live.test_operator import console, until
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    made = World.at(dsn)
    yield made
    made.close()


def failed(world: World, device: UUID, n: int) -> None:
    for i in range(n):
        message = world.message(device, f"6012000{i:04}", f"text {i}")
        world.run(
            "UPDATE broadcast_messages SET status = 'failed', error_message = 'timeout' WHERE id = %s",
            message,
        )


async def test_t_retries_the_row_under_the_cursor_and_z_takes_it_back(
    dsn: str, world: World
) -> None:
    failed(world, world.device("One"), 3)
    async with console(dsn) as (app, pilot):
        await pilot.press("4")
        await until(lambda: app.snapshot and app.snapshot.overview.failed == 3)
        await pilot.press("t")
        await until(lambda: isinstance(app.screen, Confirm))
        await pilot.press("n")
        assert world.statuses("broadcast_messages") == {"failed": 3}
        await pilot.press("t", "y")
        await until(lambda: world.statuses("broadcast_messages") == {"failed": 2, "pending": 1})
        at = world.value(
            "SELECT min(at) - seqconsole.now() FROM seqconsole.progress WHERE state = 'r'"
        )
        assert 0 < at.total_seconds() <= 10, "it waits, and can be taken back"
        await pilot.press("z")
        await until(lambda: world.statuses("broadcast_messages") == {"failed": 3})


async def test_ctrl_d_on_a_device_retries_all_of_that_device_alone(dsn: str, world: World) -> None:
    one, other = world.device("A one"), world.device("B other")
    failed(world, one, 4)
    failed(world, other, 2)
    async with console(dsn) as (app, pilot):
        await pilot.press("slash", *"A one", "enter", "enter", "ctrl+d", "y")
        await until(lambda: world.statuses("broadcast_messages") == {"failed": 2, "pending": 4})
    left = world.run("SELECT DISTINCT device_id FROM broadcast_messages WHERE status = 'failed'")
    assert [row["device_id"] for row in left] == [other]
    assert app.snapshot is not None


async def test_s_and_m_settle_marked_rows_of_a_person_by_name(dsn: str, world: World) -> None:
    device, sequence = world.device("One"), world.sequence(delays=(0, 0, 0))
    world.contact(sequence, "60123456789", device, name="Aqil", statuses=("pending",) * 3)
    async with console(dsn) as (app, pilot):
        await pilot.press("2", "enter", "enter")
        await until(lambda: app.top is not None and app.top.ready)
        await pilot.press("m", "y")
        await until(lambda: world.statuses().get("completed") == 1)
        assert (
            world.value("SELECT outcome::text || evidence::text FROM seqconsole.deliveries") == "so"
        )
        await pilot.press("escape", "j", "enter", "s", "y")
        await until(lambda: world.statuses().get("skipped") == 1)
    assert world.statuses() == {"completed": 1, "skipped": 1, "pending": 1}
    days = "SELECT current_step FROM sequence_contacts WHERE status = %s"
    assert (world.value(days, "completed"), world.value(days, "skipped")) == (1, 2)
