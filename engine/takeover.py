"""Moves the future of devices that are provably lost to others, where a setting says so (DESIGN 5, balance).

`failover_after` of a device, its user or the default; unset means never. The move is the operation
`reassign` of who `engine`: the same plan, journal and undo. An operator's undo is the last word until the
device was back.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from engine.operations.model import OperationRefused
from engine.operations.reassign import Wanted, preview_reassign, reassign
from engine.operations.wording import moment
from engine.store import Database

log = logging.getLogger(__name__)

ENGINE: Final = "engine"
"""Who moves, in the journal."""

AT_ONCE: Final = 20
"""Devices in one look."""


@dataclass(frozen=True, slots=True)
class LostDevice:
    """A device that is held without an end since `since`, for longer than `after`."""

    device_id: UUID
    name: str
    since: datetime
    after: timedelta
    reason: str


async def take_over(database: Database) -> int:
    """Move what can be moved; returns how much. Where no device can take it, a finding says so."""
    async with database.transaction() as tx:
        now = await tx.now()
        lost = await tx.rows(LostDevice, "engine/lost_devices", now=now, limit=AT_ONCE)
    moved, stranded = 0, {}
    for device in lost:
        try:
            moved += await _move(database, device, now)
        except OperationRefused as error:
            stranded[device.device_id] = str(error)
    async with database.transaction(writer="engine") as tx:
        await tx.run(
            "engine/find_stranded",
            ids=list(stranded),
            whys=list(stranded.values()),
            now=await tx.now(),
        )
    return moved


async def _move(database: Database, device: LostDevice, now: datetime) -> int:
    wanted = Wanted(str(device.device_id), while_lost=True)
    preview = await preview_reassign(database, wanted)
    why = f"{device.reason} since {moment(device.since, now)}, failover after {device.after}"
    done = await reassign(database, ENGINE, wanted, pinned=preview.pinned, reason=why)
    log.warning("device %s: %s", device.device_id, why)
    return done.n
