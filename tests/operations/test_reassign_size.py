"""Moving the future of a device with a hundred thousand contacts: short locks, and an undo of all of it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from engine.operations import reassign as module
from engine.operations.reassign import Wanted, preview_reassign, reassign
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import prepare
from tests.operations.scene import ME, fingerprint, sound
from tests.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.large]

N = 100_000


async def test_a_hundred_thousand_contacts_move_and_come_back(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A third of them queued; no portion holds its locks for long."""
    world.freeze()
    world.engine()
    old = world.device("Old")
    for n in range(3):
        world.device(f"New {n}")
    sequence = world.sequence(delays=(0, 24))
    for day in (1, 2):
        world.run(
            "INSERT INTO sequence_contacts (sequence_id, contact_phone, contact_name, current_step, sequence_stepid, "
            "status, next_trigger_time, assigned_device_id, user_id) "
            "SELECT %s, '6010' || (1000000 + n), 'Aqil', %s, %s, 'pending', "
            "CASE WHEN %s = 1 THEN seqconsole.now() + CASE WHEN n %% 3 = 0 THEN '0 h' ELSE '2 h' END::interval END, "
            "%s, %s FROM generate_series(1, %s) n",
            sequence[0], day, sequence[day], day, old, world.user, N,
        )  # fmt: skip
    await prepare(database)
    world.run(
        "ANALYZE sequence_contacts, broadcast_messages, seqconsole.progress, seqconsole.deliveries"
    )
    before = fingerprint(world)
    portions: list[float] = []
    original = module._portion

    async def timed(*args: Any) -> Any:
        begun = time.monotonic()
        result = await original(*args)
        portions.append(time.monotonic() - begun)
        return result

    monkeypatch.setattr("engine.operations.reassign._portion", timed)
    wanted, begun = Wanted("Old"), time.monotonic()
    preview = await preview_reassign(database, wanted)
    previewed = time.monotonic() - begun
    done = await reassign(database, ME, wanted, pinned=preview.pinned)
    moved = time.monotonic() - begun - previewed
    assert done.n == preview.n == N
    print(
        f"preview {previewed:.1f} s, move {moved:.1f} s, portions of {len(portions)}: "
        f"longest {max(portions):.2f} s, median {sorted(portions)[len(portions) // 2]:.2f} s"
    )
    begun = time.monotonic()
    back = await undo(database, ME, done.operation_id)
    print(f"undo {time.monotonic() - begun:.1f} s")
    assert back.refused == ()
    assert fingerprint(world) == before
    await sound(world, database)
