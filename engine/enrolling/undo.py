"""Undo of an enrolment: a person's rows go, an earlier run is the present one again.

Refused for whom anything was tried since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from engine.operations.model import InFlight
from engine.operations.portions import HELD
from engine.phones import masked
from engine.projection import Track, project
from engine.store import Transaction


@dataclass(frozen=True, slots=True)
class _Blocked:
    unit: str
    why: str


@dataclass(frozen=True, slots=True)
class _Held:
    unit: str


@dataclass(slots=True)
class EnrolUndo:
    """Undo of the enrolment `operation`; the unit is a person's chain."""

    operation: int
    noun: ClassVar[str] = "enrolment"
    _held: set[str] = field(default_factory=set)

    async def lock(self, tx: Transaction) -> None:
        """The gate and the projection: nothing of the chains moves meanwhile."""
        await tx.lock_gate(exclusive=True)
        await tx.run("session/lock_projection")

    async def lock_rows(self, tx: Transaction, units: Sequence[str]) -> None:
        """The open work of the chains, their rows and what is queued of them."""
        tracks = self._tracks(units)
        await tx.run(
            "engine/lock_tracks", tracks=[t.track for t in tracks], phones=[t.phone for t in tracks]
        )
        of = {"operation": self.operation, "units": list(units)}
        self._held = {h.unit for h in await tx.rows(_Held, "enroll/undo_lock", **of)}

    async def blocked(self, tx: Transaction, units: Sequence[str], now: datetime) -> dict[str, str]:
        """Later attempts, later edits, rows that another session holds."""
        of = {"operation": self.operation, "units": list(units)}
        found = await tx.rows(_Blocked, "enroll/undo_blocked", **of)
        if await tx.value("enroll/leads_exist") is not None:
            found += await tx.rows(_Blocked, "enroll/undo_blocked_leads", **of)
        whys = {**{b.unit: b.why for b in found}, **dict.fromkeys(self._held, HELD)}
        return {unit: f"{masked(unit.split('|')[1])}: {why}" for unit, why in whys.items()}

    async def restore(
        self, tx: Transaction, undo: int, units: Sequence[str], now: datetime
    ) -> datetime | None:
        """Queue, rows, ledger and leads as they were. Nothing is sent as a result."""
        of = {"operation": self.operation, "units": list(units)}
        await tx.run("enroll/undo_queue", units=list(units), now=now)
        await tx.run("enroll/undo_rows", **of)
        await tx.value("operations/restore_columns", **of, rel="sequence_contacts")
        await tx.run("enroll/undo_ledger", **of)
        await tx.run("enroll/undo_runs", **of)
        if await tx.value("enroll/leads_exist") is not None:
            await tx.run("enroll/give_words", **of)
        await project(tx, self._tracks(units), now=now)
        return None

    async def flying(self, tx: Transaction, units: Sequence[str]) -> Sequence[InFlight]:
        """A chain with something in flight is not undone."""
        return ()

    @staticmethod
    def _tracks(units: Sequence[str]) -> list[Track]:
        parts = [unit.split("|") for unit in units]
        return [Track(UUID(p[0]), p[1]) for p in parts]
