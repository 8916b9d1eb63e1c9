"""What the gateways say of their devices: offline is a hold, never a failure (DESIGN 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from engine.gateways.protocol import DeviceState
from engine.operations import journal
from engine.store import Database, Transaction

MOVED: Final = "moved"
WHO: Final = "the engine"


@dataclass(frozen=True, slots=True)
class StateToHold:
    """A device whose offline hold must be put or lifted.

    `MOVED`: it goes through a gateway that never says whether a device is online, so no login lifts
    what the one before it has put.
    """

    device_id: UUID
    state: str


async def record_states(database: Database, states: Sequence[DeviceState]) -> int:
    """Note each device's proven state and host; put or lift its hold where that changed.

    Returns how many holds did.
    """
    said = {
        "ids": [s.device_id for s in states],
        "states": [s.state.value for s in states],
        "hosts": [s.host for s in states],
        "tells": [s.tells for s in states],
    }
    async with database.transaction(writer="engine") as tx:
        now = await tx.now()
        changed = await tx.rows(StateToHold, "engine/record_device_states", now=now, **said)
    if not changed:
        return 0
    async with database.transaction(writer="engine") as tx:
        await tx.lock_gate(exclusive=True)
        now = await tx.now()
        told = [c for c in changed if c.state != MOVED]
        await tx.run(
            "engine/hold_offline",
            now=now,
            ids=[c.device_id for c in told],
            states=[c.state for c in told],
        )
        for device in (c.device_id for c in changed if c.state == MOVED):
            await _lift(tx, device, now)
    return len(changed)


async def _lift(tx: Transaction, device: UUID, now: datetime) -> None:
    """The hold that another gateway left behind, with its place in the journal."""
    key = str(device)
    operation = await journal.record(
        tx,
        who=WHO,
        verb="lift",
        now=now,
        n=1,
        summary="lifted what the gateway of before had held: the device goes through another one now",
        target={"scope": "device", "keys": [key], "names": [key], "holder": "gateway"},
    )
    of = {"operation": operation, "scope": "device", "keys": [key], "holder": "gateway"}
    await tx.run("operations/remove_holds", **of)
