"""Undo of resolve: every row of a group back exactly, or the group refused with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from engine.operations.model import WAIT, InFlight
from engine.operations.resolve_batch import CONTACTS, MESSAGES, lock_groups
from engine.operations.survivorship import GroupKey, parameters
from engine.operations.wording import listed
from engine.phones import masked
from engine.projection import project
from engine.store import Transaction


@dataclass(frozen=True, slots=True)
class ChangedUnit:
    """A group of which something is not as the operation left it."""

    unit: str


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that is not as the operation left it, and in which columns."""

    unit: str
    id: UUID
    columns: list[str]


@dataclass(frozen=True, slots=True)
class Unrestorable:
    """A group with a removed row that can't come back."""

    unit: str
    id_taken: bool


@dataclass(frozen=True, slots=True)
class ResolveUndo:
    """Undo of the resolve `operation`, made at `at`; the unit is the group."""

    operation: int
    at: datetime
    noun: ClassVar[str] = "group"

    async def lock(self, tx: Transaction) -> None:
        """Nobody else derives open work meanwhile."""
        await tx.run("session/lock_projection")

    async def lock_rows(self, tx: Transaction, units: Sequence[str]) -> None:
        """So that no claim slips in between the check and the restore."""
        await lock_groups(tx, [GroupKey.parse(unit) for unit in units])

    async def blocked(self, tx: Transaction, units: Sequence[str], now: datetime) -> dict[str, str]:
        """Later attempts, later edits, and rows that the unique key or a taken id keeps in the archive."""
        keys = [GroupKey.parse(unit) for unit in units]
        of = {"operation": self.operation, "units": list(units)}
        found: dict[str, str] = {}
        for unrestorable in await tx.rows(
            Unrestorable,
            "operations/unrestorable_rows",
            **of,
            unique_key=bool(await tx.value("adopt/unique_key_exists")),
        ):
            found[unrestorable.unit] = (
                "a row with the id of a removed one is there again"
                if unrestorable.id_taken
                else "the unique key stands, so the removed rows stay in the archive"
            )
        for unit in await tx.rows(ChangedUnit, "operations/changed_deliveries", **of):
            found[unit.unit] = "its place in the ledger was changed since"
        for rel in (CONTACTS, MESSAGES):
            for row in await tx.rows(ChangedRow, "operations/changed_rows", **of, rel=rel):
                found[row.unit] = _edited(rel, row)
        for unit in await tx.rows(
            ChangedUnit, "operations/later_attempts", **parameters(keys), at=self.at
        ):
            found[unit.unit] = "a message of it was tried since"
        return {unit: f"{_named(unit)}: {why}" for unit, why in found.items()}

    async def restore(
        self, tx: Transaction, undo: int, units: Sequence[str], now: datetime
    ) -> datetime | None:
        """Contact rows, messages and ledger as they were; what that sets free waits 10 s."""
        keys = [GroupKey.parse(unit) for unit in units]
        of = {"operation": self.operation, "units": list(units)}
        await tx.value("operations/restore_columns", **of, rel=MESSAGES)
        await tx.run("operations/restore_deliveries", **of)
        await tx.value("operations/restore_columns", **of, rel=CONTACTS)
        await tx.value("operations/restore_rows", **of, rel=CONTACTS)
        await tx.run("operations/restore_progress", **of)
        await project(tx, [k.track for k in keys], now=now, not_before=now + WAIT, duplicates=True)
        return now + WAIT

    async def flying(self, tx: Transaction, units: Sequence[str]) -> Sequence[InFlight]:
        """A group with something in flight is never undone."""
        return ()


def _named(unit: str) -> str:
    return masked(GroupKey.parse(unit).phone)


def _edited(rel: str, row: ChangedRow) -> str:
    if row.columns == ["id"]:
        return f"row {row.id} of {rel} is gone"
    return f"{listed(row.columns)} of row {row.id} of {rel} changed since"
