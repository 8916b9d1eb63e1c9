"""What the gateways say of their devices: offline is a hold, never a failure (DESIGN 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from engine.gateways.protocol import DeviceState
from engine.store import Database


@dataclass(frozen=True, slots=True)
class StateToHold:
    """A device whose offline hold must be put or lifted."""

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
    }
    async with database.transaction(writer="engine") as tx:
        now = await tx.now()
        changed = await tx.rows(StateToHold, "engine/record_device_states", now=now, **said)
    if not changed:
        return 0
    async with database.transaction(writer="engine") as tx:
        await tx.lock_gate(exclusive=True)
        await tx.run(
            "engine/hold_offline",
            now=await tx.now(),
            ids=[c.device_id for c in changed],
            states=[c.state for c in changed],
        )
    return len(changed)
