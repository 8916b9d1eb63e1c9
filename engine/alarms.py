"""Due but claimable by nobody (DESIGN 5 and 6): found once a second, gone as soon as it heals."""

from __future__ import annotations

from engine.store import Database


async def find_unclaimable(database: Database) -> int:
    """Raise and clear the findings `unclaimable`; returns how many changed.

    One finding is one gate of a device (a hold without an end, a limit of 0, no device at all) behind which
    something is due, and which nothing opens by itself.
    """
    async with database.transaction(writer="engine") as tx:
        changed: int = await tx.value("engine/find_unclaimable", now=await tx.now())
        return changed
