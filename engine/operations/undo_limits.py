"""Undo of limits: the settings as they were, in force again; what that raises waits 10 s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from engine.operations import throttles
from engine.operations.model import WAIT, InFlight
from engine.operations.undo_holds import ChangedUnit
from engine.store import Transaction


@dataclass(frozen=True, slots=True)
class _Policy:
    id: UUID


@dataclass(frozen=True, slots=True)
class LimitsUndo:
    """Undo of the operation `limits` with this id; `steps` = the steps whose validity it set."""

    operation: int
    steps: tuple[str, ...]
    noun: ClassVar[str] = "set of limits"

    async def lock(self, tx: Transaction) -> None:
        """The gate: no claim by limits that are about to go."""
        await tx.lock_gate(exclusive=True)

    async def lock_rows(self, tx: Transaction, units: Sequence[str]) -> None:
        """The gate is enough."""

    async def blocked(self, tx: Transaction, units: Sequence[str], now: datetime) -> dict[str, str]:
        """Settings that somebody wrote since."""
        of = {"operation": self.operation, "units": list(units)}
        changed = await tx.rows(ChangedUnit, "operations/changed_settings", **of)
        return {c.unit: "these limits were set again since" for c in changed}

    async def restore(
        self, tx: Transaction, undo: int, units: Sequence[str], now: datetime
    ) -> datetime | None:
        """Settings, warm-up and holds as they were, in force at once; a raised limit waits 10 s."""
        of = {"operation": self.operation, "units": list(units)}
        gap = await throttles.person_gap(tx)
        before = await throttles.throttles(tx)
        await tx.run("operations/restore_settings", **of)
        await tx.run("operations/restore_holds", **of)
        await tx.run("operations/restore_warm_from", **of)
        await throttles.take_effect(tx, now)
        await tx.run("operations/renew_expiry", steps=list(self.steps))
        everything = throttles.shorter(await throttles.person_gap(tx), gap)
        after = await throttles.throttles(tx)
        raised = [t for i, t in after.items() if i in before and t.lets_more_than(before[i])]
        policies = [
            p.id for p in await tx.rows(_Policy, "operations/policies_of", operation=self.operation)
        ]
        if not raised and not everything and not policies:
            return None
        until = now + WAIT
        await throttles.judged_anew(tx, undo, policies, now, until, holder="limits undone")
        # its own holder: the journal already holds these rows of the operation, read backwards
        await throttles.wait(tx, undo, raised, everything, until, now, holder="limits undone")
        return until

    async def flying(self, tx: Transaction, units: Sequence[str]) -> Sequence[InFlight]:
        """Limits stop nothing that is on its way."""
        return ()
