"""What is in force on each device, and the wait before what lets one send sooner (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from engine.operations import holds
from engine.operations.model import Scope
from engine.store import Transaction

UNIT: Final = "limits"
"""The unit of undo: all settings of one call, and the holds of its wait, go together."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """What is in force for a device."""

    device_id: UUID
    name: str
    send_limit: int
    window: timedelta
    gap_min: timedelta
    gap_max: timedelta
    daily_cap: int | None
    quiet_from: time | None
    quiet_to: time | None
    zone: str
    warm_from: datetime | None
    warm_days: list[int]
    warm_limits: list[int]

    @property
    def hourly(self) -> float:
        """Sends an hour that the window lets through."""
        return self.send_limit * 3600 / self.window.total_seconds()

    def lets_more_than(self, before: Throttle) -> bool:
        """May this throttle let a message out sooner than `before`? In doubt, yes."""
        quiet, was = (self.quiet_from, self.quiet_to), (before.quiet_from, before.quiet_to)
        warm = (self.warm_from, self.warm_days, self.warm_limits)
        by_day = before.quiet_from is not None or before.daily_cap is not None
        return (
            self.send_limit > before.send_limit
            or self.window < before.window
            or self.gap_min < before.gap_min
            or self.gap_max < before.gap_max
            or (before.daily_cap is not None and _above(self.daily_cap, before.daily_cap))
            or (before.quiet_from is not None and quiet != was)
            or (by_day and self.zone != before.zone)
            or bool(
                before.warm_days
                and warm != (before.warm_from, before.warm_days, before.warm_limits)
            )
        )


async def throttles(tx: Transaction) -> dict[UUID, Throttle]:
    """What is in force for each device now."""
    return {t.device_id: t for t in await tx.rows(Throttle, "operations/throttles")}


async def take_effect(tx: Transaction, now: datetime) -> list[Throttle]:
    """Make the settings effective on all devices; returns those that may now send sooner."""
    before = await throttles(tx)
    await tx.run("engine/sync_devices", ids=None, now=now)
    after = await throttles(tx)
    return [t for id_, t in after.items() if id_ in before and t.lets_more_than(before[id_])]


async def wait(
    tx: Transaction,
    operation: int,
    raised: Sequence[Throttle],
    everything: bool,
    until: datetime,
    now: datetime,
    holder: str = "limits",
) -> None:
    """The hold on what may send sooner, that gives the operator 10 s to take it back."""
    of: tuple[Scope, list[str]] = (Scope.DEVICE, [str(t.device_id) for t in raised])
    if everything:
        of = (Scope.ALL, [""])
    elif not raised:
        return
    why = "its limit was raised"
    await holds.put(tx, operation, *of, holder, why, until=until, now=now, unit=UNIT)


async def judged_anew(
    tx: Transaction,
    operation: int,
    sequences: Sequence[UUID | str],
    now: datetime,
    until: datetime | None,
    holder: str = "limits",
) -> None:
    """Their open work is judged by another policy, behind a hold (`until` None: without one)."""
    if not sequences:
        return
    await tx.run("sequences/judge_anew", sequences=list(sequences), now=now)
    if until is not None:
        keys, why = [str(s) for s in sequences], "what follows a failed step was set"
        await holds.put(
            tx, operation, Scope.SEQUENCE, keys, holder, why, until=until, now=now, unit=UNIT
        )


async def person_gap(tx: Transaction) -> timedelta | None:
    """The least time between two messages of one person, over all sequences."""
    gap: timedelta | None = await tx.value("operations/person_gap")
    return gap


def shorter(gap: timedelta | None, before: timedelta | None) -> bool:
    """May a person get the next message sooner than before?"""
    return before is not None and (gap is None or gap < before)


def _above(cap: int | None, before: int) -> bool:
    return cap is None or cap > before
