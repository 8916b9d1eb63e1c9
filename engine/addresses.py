"""How the operator's table calls the devices at their gateways. Its tokens go to the gateways only."""

from __future__ import annotations

from engine.gateways.protocol import DeviceAddress
from engine.store import Database


async def load_addresses(database: Database) -> list[DeviceAddress]:
    """All devices as the table has them now. Raises StoreError."""
    return list(await database.read(DeviceAddress, "engine/device_addresses"))
