"""What a reader is sent of the devices again: those that have changed, and it knows what a new one would."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.fleet import DUE_LIMIT, Fleet
from engine.store import FOREVER, Database
from engine.views import DeviceView
from tests.world import World

pytestmark = pytest.mark.anyio


async def both(database: Database, fleet: Fleet) -> tuple[list[DeviceView], list[DeviceView]]:
    async with database.transaction(snapshot=True) as tx:
        now = await tx.now()
        return list(await fleet.read(tx, now)), list(await Fleet().read(tx, now))


def alike(known: DeviceView, new: DeviceView, now: datetime) -> bool:
    """An estimate may be as old as the step in which it is shown; a proof alone is no change, nor "free now"."""
    if max(known.slot_at, new.slot_at) <= now:
        new = replace(new, slot_at=known.slot_at)
    if known.drained_at and new.drained_at and FOREVER not in (known.drained_at, new.drained_at):
        if abs(known.drained_at - new.drained_at) > timedelta(minutes=10):
            return False
        new = replace(new, drained_at=known.drained_at)
    return replace(new, proven_at=known.proven_at) == known


async def sent(database: Database, fleet: Fleet, now: datetime) -> list[dict[str, Any]]:
    async with database.transaction(snapshot=True) as tx:
        return await tx.dicts(
            "views/devices",
            now=now,
            due_limit=DUE_LIMIT,
            fleet=fleet._fleet,
            marks=bytes(fleet._marks),
        )


async def test_it_knows_what_a_new_reader_would_after_any_change(
    database: Database, world: World
) -> None:
    dice = random.Random(7)
    fleet = Fleet()
    for n in range(12):
        world.device(f"d{n}", gap=(30, 30))
    acts = (
        "UPDATE user_devices SET device_name = device_name || 'x' WHERE id = %s",
        "UPDATE user_devices SET phone = '6012' WHERE id = %s",
        "DELETE FROM user_devices WHERE id = %s",
        "UPDATE seqconsole.devices SET failures = failures + 1 WHERE device_id = %s",
        "UPDATE seqconsole.devices SET ring = ring || seqconsole.now(), slot_at = 'infinity' WHERE device_id = %s",
        "UPDATE seqconsole.devices SET last_sent_at = seqconsole.now(), gateway_state = 'online' WHERE device_id = %s",
        "INSERT INTO seqconsole.holds (scope, key, holder, until) VALUES ('device', %s, 'operator', 'infinity') "
        "ON CONFLICT DO NOTHING",
        "DELETE FROM seqconsole.holds WHERE key = %s",
    )
    for turn in range(60):
        ids = [row["id"] for row in world.run("SELECT id FROM user_devices ORDER BY id")]
        match turn % 6:
            case 0:
                world.device(f"new {turn}")
            case 1:
                world.message(dice.choice(ids), f"601{turn:08d}")
            case 2:
                world.advance(minutes=dice.randint(1, 90))
            case _:
                act = dice.choice(acts)
                device = dice.choice(ids)
                world.run(act, str(device) if "holds" in act else device)
        known, new = await both(database, fleet)
        assert [device.name for device in known] == [device.name for device in new]
        for a, b in zip(known, new, strict=True):
            assert alike(a, b, world.now()), (turn, a, b)
    world.run("DELETE FROM user_devices")
    assert await both(database, fleet) == ([], [])
    world.device("again")
    known, new = await both(database, fleet)
    assert known == new != []


async def test_only_what_has_changed_is_sent_and_the_rest_stays_the_same_object(
    database: Database, world: World
) -> None:
    world.freeze()
    devices = [world.device(f"d{n:03d}") for n in range(100)]
    fleet = Fleet()
    before, _ = await both(database, fleet)
    assert [row["place"] for row in await sent(database, fleet, world.now())] == [None]
    world.run("INSERT INTO seqconsole.devices (device_id, slot_at, failures) VALUES (%s, seqconsole.now(), 2) "
              "ON CONFLICT (device_id) DO UPDATE SET failures = 2", devices[41])  # fmt: skip
    [row] = await sent(database, fleet, world.now())
    assert (row["fleet"], row["named"]) == (None, None)
    assert len(row["moving"]) < 150
    after, _ = await both(database, fleet)
    changed = [b for a, b in zip(before, after, strict=True) if a is not b]
    assert [device.id for device in changed] == [devices[41]]
    assert changed[0].failures == 2
