"""Undo of what was written of a sequence: columns as they were, added steps gone while nobody has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from engine.operations import holds
from engine.operations.model import WAIT, InFlight, Scope
from engine.operations.undo_groups import ChangedRow
from engine.operations.undo_holds import ChangedUnit
from engine.operations.wording import listed
from engine.store import Transaction

RELS = ("sequences", "sequence_steps")


@dataclass(frozen=True, slots=True)
class SequenceUndo:
    """Undo of an import, a change or a switch; the unit is the sequence."""

    operation: int
    noun: ClassVar[str] = "sequence"

    async def lock(self, tx: Transaction) -> None:
        """The gate: nothing of the sequence is claimed meanwhile."""
        await tx.lock_gate(exclusive=True)
        await tx.run("session/lock_projection")

    async def lock_rows(self, tx: Transaction, units: Sequence[str]) -> None:
        """The steps."""
        for unit in units:
            await tx.run("operations/lock_steps", sequence=UUID(unit))

    async def blocked(self, tx: Transaction, units: Sequence[str], now: datetime) -> dict[str, str]:
        """What was changed since, or is in use."""
        of = {"operation": self.operation, "units": list(units)}
        found = {
            c.unit: "people have steps that it added: seqconsole skip or undo their enrolment first"
            for c in await tx.rows(ChangedUnit, "sequences/added_in_use", **of)
        }
        for rel in RELS:
            for row in await tx.rows(ChangedRow, "sequences/changed_rows", **of, rel=rel):
                gone = row.columns == ["id"]
                found[row.unit] = f"row {row.id} of {rel}: " + (
                    "it is gone" if gone else f"{listed(row.columns)} changed since"
                )
        for unit in await tx.rows(ChangedUnit, "operations/changed_settings", **of):
            found[unit.unit] = "what it set was set again since"
        return found

    async def restore(
        self, tx: Transaction, undo: int, units: Sequence[str], now: datetime
    ) -> datetime | None:
        """Rows as they were; held for 10 s, as a text or a wait may set something free."""
        of = {"operation": self.operation, "units": list(units)}
        for rel in RELS:
            await tx.value("sequences/restore_columns", **of, rel=rel)
        await tx.run("operations/restore_holds", **of)
        await tx.run("operations/restore_settings", **of)
        await tx.run("sequences/judge_anew", sequences=[UUID(u) for u in units], now=now)
        await tx.run("sequences/remove_steps", **of)
        await tx.run("sequences/remove", **of)
        for unit in units:
            await holds.put(
                tx, undo, Scope.SEQUENCE, [unit], "sequence undone", "a change was undone",
                until=now + WAIT, now=now, unit=unit,
            )  # fmt: skip
        return now + WAIT

    async def flying(self, tx: Transaction, units: Sequence[str]) -> Sequence[InFlight]:
        """What is in flight settles by itself."""
        return ()
