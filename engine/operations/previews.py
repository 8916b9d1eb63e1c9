"""What pausing everything would do, in numbers (DESIGN 6: a preview says what will be sent as a result)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.operations.model import InFlight, Preview, Scope, Target
from engine.operations.targets import EVERYTHING
from engine.operations.wording import counted, moment, verb
from engine.store import Database, Transaction


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """Due work that would be set free: `at_once` is what the devices' windows have room for now."""

    due: int
    devices: int
    at_once: int
    first_hour: int
    overdue_hour: int
    overdue_day: int
    overdue_older: int
    without_device: int
    engine_on: bool

    def lines(self) -> tuple[str, ...]:
        """The numbers as text."""
        if not self.due:
            return ("Nothing is due now.",)
        first = (
            f"{counted(self.due, 'message')} {verb(self.due, 'is', 'are')} due on "
            f"{counted(self.devices, 'device')}."
        )
        sends = f"Within the limits {self.at_once} can go now, at most {self.first_hour} in the first hour."
        lines = [first, sends]
        if self.without_device:
            lines.append(f"{counted(self.without_device, 'message')} without a device yet.")
        return tuple(lines)


async def blast_radius(
    tx: Transaction, target: Target, now: datetime, holder: str = "operator"
) -> BlastRadius:
    """What this holder's hold on the target keeps back, and no other hold does."""
    found = await tx.one(
        BlastRadius,
        "operations/blast_radius",
        scope=target.scope,
        keys=list(target.keys),
        holder=holder,
        now=now,
    )
    assert found is not None  # an aggregate always answers
    return found


async def preview_pause_all(database: Database) -> Preview:
    """What pausing everything stops: due work, and what is already in flight."""
    async with database.transaction() as tx:
        now = await tx.now()
        radius = await blast_radius(tx, EVERYTHING, now)
        flying = await tx.rows(InFlight, "operations/in_flight", scope=Scope.ALL, keys=[""])
    lines = (
        f"{counted(radius.due, 'due message')} on {counted(radius.devices, 'device')} "
        f"will wait until you resume.",
        _flying(flying, now),
    )
    return Preview("pause", "Pause everything?", lines, radius.due, "")


def _flying(flying: Sequence[InFlight], now: datetime) -> str:
    if not flying:
        return "Nothing is in flight."
    last = moment(max(f.until for f in flying), now)
    n = len(flying)
    return f"{counted(n, 'message')} {verb(n, 'is', 'are')} in flight and may still arrive, until {last}."
