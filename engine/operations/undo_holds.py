"""Undo of pause, resume and the engine switch: the same hold rows and settings as before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from engine.operations import engine_switch, holds
from engine.operations.model import WAIT, InFlight, Scope
from engine.phones import masked
from engine.store import Transaction


@dataclass(frozen=True, slots=True)
class ChangedHold:
    """A hold that is not as the operation left it."""

    unit: str
    holder: str
    gone: bool


@dataclass(frozen=True, slots=True)
class ChangedUnit:
    """A unit of which something is not as the operation left it."""

    unit: str


@dataclass(frozen=True, slots=True)
class HoldsUndo:
    """Undo of a pause lifts that hold; undo of a resume puts the same hold back.

    `waits`: what is set free is sent 10 s later, so that the undo can be taken back.
    """

    operation: int
    scope: Scope
    waits: bool = False
    noun: ClassVar[str] = "hold"

    async def lock(self, tx: Transaction) -> None:
        """The gate: after an undone resume nothing of the scope is claimed any more."""
        await tx.lock_gate(exclusive=True)

    async def lock_rows(self, tx: Transaction, units: Sequence[str]) -> None:
        """The gate is enough."""

    async def blocked(self, tx: Transaction, units: Sequence[str], now: datetime) -> dict[str, str]:
        """Holds that somebody put or lifted since."""
        changed = await tx.rows(
            ChangedHold,
            "operations/changed_holds",
            operation=self.operation,
            units=list(units),
            now=now,
        )
        return {c.unit: self._reason(c) for c in changed}

    def _reason(self, changed: ChangedHold) -> str:
        _, key = changed.unit.split("|", 1)
        name = masked(key) if self.scope is Scope.CONTACT else f"{self.scope} {key}".strip()
        what = "was lifted" if changed.gone else "was changed"
        return f"the hold on {name} {what} since"

    async def restore(
        self, tx: Transaction, undo: int, units: Sequence[str], now: datetime
    ) -> datetime | None:
        """Put the holds back, and park or free the work of contacts."""
        of = {"operation": self.operation, "units": list(units)}
        await tx.run("operations/restore_placement", **of, not_before=None)
        await tx.run("operations/restore_holds", **of)
        sends = now + WAIT if self.waits else None
        keys = [unit.split("|", 1)[1] for unit in units]
        await holds.park(tx, self.scope, keys, now, not_before=sends)
        return sends

    async def flying(self, tx: Transaction, units: Sequence[str]) -> Sequence[InFlight]:
        """What was claimed before the hold came back."""
        keys = [unit.split("|", 1)[1] for unit in units]
        return await tx.rows(InFlight, "operations/in_flight", scope=self.scope, keys=keys)


@dataclass(frozen=True, slots=True)
class SwitchUndo:
    """Undo of the switch. `on` = the undo switches the engine on, behind the same wait and checks."""

    operation: int
    on: bool
    noun: ClassVar[str] = "switch"

    async def lock(self, tx: Transaction) -> None:
        """The gate: after an undone "engine on" nothing is claimed any more."""
        await tx.lock_gate(exclusive=True)

    async def lock_rows(self, tx: Transaction, units: Sequence[str]) -> None:
        """The gate is enough."""

    async def blocked(self, tx: Transaction, units: Sequence[str], now: datetime) -> dict[str, str]:
        """The switch was used since, or the engine may not be switched on now."""
        of = {"operation": self.operation, "units": list(units)}
        changed = await tx.rows(ChangedUnit, "operations/changed_settings", **of)
        if changed:
            return {c.unit: "the engine was switched since" for c in changed}
        if self.on:
            known = await engine_switch.facts(tx, now)
            refused = known.refusals(now, gateway_configured=True)
            if refused:
                return dict.fromkeys(units, "; ".join(refused))
        return {}

    async def restore(
        self, tx: Transaction, undo: int, units: Sequence[str], now: datetime
    ) -> datetime | None:
        """The settings as they were; switching on again waits 10 s."""
        of = {"operation": self.operation, "units": list(units)}
        await tx.run("operations/restore_settings", **of)
        await tx.run("operations/restore_holds", **of)
        if not self.on:
            return None
        await engine_switch.charge_what_was_sent(tx, now)
        await engine_switch.wait(tx, undo, now + WAIT, now)
        return now + WAIT

    async def flying(self, tx: Transaction, units: Sequence[str]) -> Sequence[InFlight]:
        """What was claimed before the engine was off again."""
        return await tx.rows(InFlight, "operations/in_flight", scope=Scope.ALL, keys=[""])
