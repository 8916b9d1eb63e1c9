"""Undo of reassign: each chain back to its device, or refused with the reason where it moved on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from engine.operations.model import WAIT, InFlight
from engine.operations.resolve_batch import CONTACTS, MESSAGES
from engine.operations.stale import derive
from engine.operations.undo_groups import ChangedRow
from engine.operations.undo_holds import ChangedUnit
from engine.operations.wording import listed
from engine.phones import masked
from engine.store import Transaction


@dataclass(frozen=True, slots=True)
class ReassignUndo:
    """Undo of the operation `reassign`, made at `at`; the unit is a person's chain."""

    operation: int
    at: datetime
    noun: ClassVar[str] = "open step"

    async def lock(self, tx: Transaction) -> None:
        """Nobody else derives open work meanwhile."""
        await tx.run("session/lock_projection")

    async def lock_rows(self, tx: Transaction, units: Sequence[str]) -> None:
        """The open work itself: no claim slips in between the check and the restore."""
        await tx.run("operations/lock_placement", operation=self.operation, units=list(units))

    async def blocked(self, tx: Transaction, units: Sequence[str], now: datetime) -> dict[str, str]:
        """What was queued, tried, moved or edited since."""
        of = {"operation": self.operation, "units": list(units)}
        found: dict[str, str] = {}
        for unit in await tx.rows(ChangedUnit, "operations/reassign_changed", **of):
            found[unit.unit] = "it went on with its new device since"
        for unit in await tx.rows(ChangedUnit, "operations/changed_deliveries", **of):
            found[unit.unit] = "its place in the ledger was changed since"
        for rel in (CONTACTS, MESSAGES):
            for row in await tx.rows(ChangedRow, "operations/changed_rows", **of, rel=rel):
                found[row.unit] = f"{listed(row.columns)} of row {row.id} of {rel} changed since"
        for unit in await tx.rows(
            ChangedUnit, "operations/attempts_on_tracks", units=list(units), at=self.at
        ):
            found[unit.unit] = "a message of it was tried since"
        return {unit: f"{masked(unit.split('|')[1])}: {why}" for unit, why in found.items()}

    async def restore(
        self, tx: Transaction, undo: int, units: Sequence[str], now: datetime
    ) -> datetime | None:
        """Messages, ledger and contact rows back to the old device; what is due then waits 10 s."""
        of = {"operation": self.operation, "units": list(units)}
        await tx.value("operations/restore_columns", **of, rel=MESSAGES)
        await tx.run("operations/restore_deliveries", **of)
        await tx.value("operations/restore_columns", **of, rel=CONTACTS)
        await derive(tx, units, now)
        return now + WAIT

    async def flying(self, tx: Transaction, units: Sequence[str]) -> Sequence[InFlight]:
        """A chain with something in flight is not undone."""
        return ()
