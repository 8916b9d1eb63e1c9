"""Fault 34: one writer enrols very many contacts for one device. The other devices' messages do not wait for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from engine.invariants import violations
from engine.rollup import roll_up, roll_up_all
from engine.scheduling import BATCH, schedule
from engine.store import Access, Database
from tests.engine.inprocess import RecordingGateway, working
from tests.world import World

pytestmark = pytest.mark.anyio

COPY = (
    "COPY sequence_contacts (sequence_id, contact_phone, current_step, sequence_stepid, status, "
    "assigned_device_id, user_id) FROM STDIN"
)
WAITS = (
    "SELECT extract(epoch FROM a.claimed_at - m.scheduled_at)::float8 AS s FROM broadcast_messages m "
    "JOIN seqconsole.attempts a ON a.message_id = m.id WHERE m.device_id <> %s AND m.scheduled_at BETWEEN %s AND %s "
    "ORDER BY 1"
)


def enrol(dsn: str, user: UUID, sequence: Sequence[UUID], device: UUID, n: int) -> None:
    with psycopg.connect(dsn) as writer:
        with writer.cursor().copy(COPY) as copy:
            for number in range(n):
                copy.write_row(
                    (sequence[0], f"6012{number:08}", 1, sequence[1], "pending", device, user)
                )
        writer.commit()
        writer.autocommit = True
        writer.execute("ANALYZE")


def scene(world: World) -> tuple[UUID, list[UUID], list[UUID]]:
    """The device of the bulk and its sequence, and four other devices."""
    world.setting("send_window", "1 second", "default")
    big, sequence = world.device("bulk"), world.sequence("Bulk", delays=(0,))
    return big, sequence, [world.device(f"other {n}", limit=100_000) for n in range(4)]


async def test_fault_34_a_bulk_of_one_device_lets_the_others_through(
    dsn: str, world: World, database: Database
) -> None:
    """What others write, and what falls due for others, takes its place in the very next portion of each loop."""
    world.freeze()
    world.engine()
    big, sequence, others = scene(world)
    other = world.sequence("Other", delays=(0,))
    await roll_up_all(database)
    enrol(dsn, world.user, sequence, big, 3 * BATCH)
    late = world.message(others[0], "60130000001")
    for n, device in enumerate(others):
        world.contact(other, f"6013100000{n}", device, due=world.now())
    await roll_up(database)
    state = "SELECT state::text FROM seqconsole.progress WHERE message_id = %s"
    assert world.value(state, late) == "r", "it did not wait for the bulk"
    left = "SELECT count(*) FROM seqconsole.changes WHERE kind = 'contacts'"
    assert world.value(left) > 0, "which is not yet read"
    await roll_up_all(database)
    # The bulk is due for longer than what falls due now.
    world.run(
        "UPDATE seqconsole.progress SET at = at - interval '1 hour' WHERE device_id = %s", big
    )
    assert await schedule(database) > len(others)
    queued = "SELECT count(DISTINCT device_id) FROM broadcast_messages WHERE sequence_id = %s"
    assert world.value(queued, other[0]) == len(others), "a share for each device"
    while await schedule(database):
        pass
    assert world.value("SELECT count(*) FROM broadcast_messages") == 3 * BATCH + 1 + len(others)
    assert await violations(database) == {}


@pytest.mark.large
@pytest.mark.parametrize("rows", [50_000, 1_000_000])
async def test_fault_34_the_wait_of_others_while_a_bulk_is_taken_in(
    dsn: str, world: World, tmp_path: Path, rows: int
) -> None:
    """Whatever the size of the bulk: seconds, where the whole of it takes minutes."""
    big, sequence, others = scene(world)
    other = world.sequence("Other", delays=(0,))
    now = world.now()
    for n in range(400):
        due = now + timedelta(seconds=2 + n * 0.2)
        world.contact(other, f"6014{n:08}", others[n % 4], due=due)
    world.engine()
    done = False

    def trickle() -> None:
        """Another application's messages for the other devices."""
        with psycopg.connect(dsn, autocommit=True) as writer:
            n = 0
            while not done:
                writer.execute(
                    "INSERT INTO broadcast_messages (device_id, recipient_phone, content, status, scheduled_at) "
                    "VALUES (%s, %s, 'x', 'pending', clock_timestamp())",
                    [others[n % 4], f"6015{n:08}"],
                )
                n += 1
                time.sleep(0.2)

    async with (
        Database.open(Access(dsn, max_connections=8)) as theirs,
        working(theirs, RecordingGateway(), tmp_path),
    ):
        writing = asyncio.create_task(asyncio.to_thread(trickle))
        await asyncio.sleep(8)
        quiet = world.now()
        await asyncio.to_thread(enrol, dsn, world.user, sequence, big, rows)
        loaded = world.now()
        await asyncio.sleep(30)
        end = world.now()
        unread = world.value("SELECT count(*) FROM seqconsole.changes WHERE kind = 'contacts'")
        await asyncio.sleep(10)
        done = True
        await writing
    before = [row["s"] for row in world.run(WAITS, big, now, quiet)]
    during = [row["s"] for row in world.run(WAITS, big, loaded, end)]
    unsent = (
        "SELECT count(*) FROM broadcast_messages WHERE device_id <> %s AND scheduled_at < %s "
        "AND status = 'pending'"
    )
    print(
        f"{rows:,} rows, {unread} entries unread at the end: quiet p99 {before[-1 - len(before) // 100]:.2f} s "
        f"of {len(before)}, loaded p99 {during[-1 - len(during) // 100]:.2f} s of {len(during)}"
    )
    assert world.value(unsent, big, end) == 0
    assert during[-1 - len(during) // 100] < 5
