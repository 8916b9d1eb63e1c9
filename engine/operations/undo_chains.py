"""Undo of the repairs: a person's chain as it was, or refused with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from engine.operations.model import WAIT, InFlight
from engine.operations.repair_writing import derive
from engine.operations.resolve_batch import CONTACTS, MESSAGES, Locked
from engine.operations.undo_groups import ChangedRow
from engine.operations.undo_holds import ChangedUnit
from engine.operations.wording import listed
from engine.phones import masked
from engine.store import Transaction

LATER = {
    "operations/attempts_since": "a message of it was tried since",
    "operations/queued_since": "its next step was queued since",
}


@dataclass(frozen=True, slots=True)
class ChainUndo:
    """Undo of the repair `operation`, made at `at`; the unit is a person's chain."""

    operation: int
    at: datetime
    noun: ClassVar[str] = "chain"

    async def lock(self, tx: Transaction) -> None:
        """The gate and the projection: nothing of the chains moves meanwhile."""
        await tx.lock_gate(exclusive=True)
        await tx.run("session/lock_projection")

    async def lock_rows(self, tx: Transaction, units: Sequence[str]) -> None:
        """The devices that may be given a charge back, then the open work of the chains."""
        of = {"operation": self.operation, "units": list(units)}
        await tx.run("operations/lock_charged", **of)
        parts = [unit.split("|") for unit in units]
        await tx.run(
            "engine/lock_tracks", tracks=[p[0] for p in parts], phones=[p[1] for p in parts]
        )

    async def blocked(self, tx: Transaction, units: Sequence[str], now: datetime) -> dict[str, str]:
        """Later attempts on the chain, later edits of what was written."""
        of = {"operation": self.operation, "units": list(units)}
        found: dict[str, str] = {}
        for unit in await tx.rows(ChangedUnit, "operations/changed_deliveries", **of):
            found[unit.unit] = "its place in the ledger was changed since"
        for rel in (CONTACTS, MESSAGES):
            for row in await tx.rows(ChangedRow, "operations/changed_rows", **of, rel=rel):
                gone = row.columns == ["id"]
                what = "it is gone" if gone else f"{listed(row.columns)} changed since"
                found[row.unit] = f"row {row.id} of {rel}: {what}"
        for query, why in LATER.items():
            for unit in await tx.rows(ChangedUnit, query, **of, at=self.at):
                found[unit.unit] = why
        return {unit: f"{masked(unit.split('|')[1])}: {why}" for unit, why in found.items()}

    async def restore(
        self, tx: Transaction, undo: int, units: Sequence[str], now: datetime
    ) -> datetime | None:
        """Attempts, messages, charges, ledger and contact rows as they were; what is due then waits 10 s."""
        of = {"operation": self.operation, "units": list(units)}
        await tx.run("operations/restore_attempts", **of)
        await tx.value("operations/restore_columns", **of, rel=MESSAGES)
        await tx.run("operations/uncharge_sent", **of)
        await tx.run("operations/restore_deliveries", **of)
        await tx.value("operations/restore_columns", **of, rel=CONTACTS)
        await derive(tx, units, now, now + WAIT)
        await tx.run("operations/restore_work", **of)
        written = await tx.rows(Locked, "operations/written_messages", **of)
        if written:
            await tx.run("engine/find_unsendable", ids=[m.id for m in written], now=now)
        return now + WAIT

    async def flying(self, tx: Transaction, units: Sequence[str]) -> Sequence[InFlight]:
        """A chain with something in flight is not undone."""
        return ()
