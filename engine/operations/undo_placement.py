"""Undo of parking and releasing overdue messages: each back where it stood, or refused with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from engine.operations.model import WAIT, InFlight
from engine.operations.undo_holds import ChangedUnit
from engine.phones import masked
from engine.store import Transaction


@dataclass(frozen=True, slots=True)
class PlacementUndo:
    """Undo of the operation with this id; `sends` = it sets messages free, behind the wait."""

    operation: int
    sends: bool
    noun: ClassVar[str] = "message"

    async def lock(self, tx: Transaction) -> None:
        """The gate: what is parked again is not claimed any more."""
        await tx.lock_gate(exclusive=True)

    async def lock_rows(self, tx: Transaction, units: Sequence[str]) -> None:
        """The open work itself."""
        of = {"operation": self.operation, "units": list(units)}
        await tx.run("operations/lock_placement", **of)

    async def blocked(self, tx: Transaction, units: Sequence[str], now: datetime) -> dict[str, str]:
        """Work that moved on since."""
        of = {"operation": self.operation, "units": list(units)}
        moved = await tx.rows(ChangedUnit, "operations/changed_placement", **of)
        return {
            m.unit: f"{masked(m.unit.split('|')[1])}: its message moved on since" for m in moved
        }

    async def restore(
        self, tx: Transaction, undo: int, units: Sequence[str], now: datetime
    ) -> datetime | None:
        """Time and gate as they were; what is due then waits 10 s."""
        of = {"operation": self.operation, "units": list(units)}
        until = now + WAIT if self.sends else None
        await tx.run("operations/restore_placement", **of, not_before=until)
        return until

    async def flying(self, tx: Transaction, units: Sequence[str]) -> Sequence[InFlight]:
        """Nothing of it: what is in flight moved on."""
        return ()
