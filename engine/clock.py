"""Guards the one clock (FAULTS, rule 6): the database's, compared with this machine's boot-time clock.

A jump forward makes charges look older than they are, and the window would be broken. So everything is held
until every window is true again.
"""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from engine.store import Database
from engine.waiting import boot_time

log = logging.getLogger(__name__)

TOLERANCE: Final = 2.0
"""Seconds by which the two clocks may part within BASELINE_FOR."""
BASELINE_FOR: Final = 3600.0
"""Seconds until the comparison starts anew: a drift below TOLERANCE an hour is no jump."""
LEASE_AHEAD: Final = timedelta(seconds=155)
"""How far ahead of now a charge may lie: a lease, and some."""


class ClockJumped(Exception):
    """The database's clock moved by `jump` against this machine's; nothing may be claimed now."""

    def __init__(self, jump: timedelta) -> None:
        super().__init__(f"the database's clock jumped by {jump.total_seconds():+.0f} s")
        self.jump = jump


@dataclass
class ClockGuard:
    """Compares readings of the database's clock with boot time. Both in seconds."""

    low: float | None = field(default=None, init=False)
    high: float = field(default=0.0, init=False)
    since: float = field(default=0.0, init=False)

    def check(self, before: float, now: datetime, after: float) -> None:
        """`now` was read between `before` and `after` (boot time). Raises ClockJumped, once a jump."""
        low, high = now.timestamp() - after, now.timestamp() - before
        if self.low is None or before - self.since > BASELINE_FOR:
            self._restart(low, high, before)
            return
        jump = 0.0
        if low > self.high + TOLERANCE:
            jump = low - self.high
        elif high < self.low - TOLERANCE:
            jump = high - self.low
        if jump:
            self._restart(low, high, before)
            raise ClockJumped(timedelta(seconds=jump))
        # A reading that agrees narrows what the difference can be; one that drifts leaves the baseline.
        if max(self.low, low) <= min(self.high, high):
            self.low, self.high = max(self.low, low), min(self.high, high)

    @classmethod
    def since_heartbeat(cls, ticked_at: datetime, booted: float, now: float) -> ClockGuard:
        """A guard that knows a heartbeat here; its boot time was read just before `ticked_at`."""
        guard = cls()
        guard._restart(ticked_at.timestamp() - booted - 1.0, ticked_at.timestamp() - booted, now)
        return guard

    def _restart(self, low: float, high: float, at: float) -> None:
        self.low, self.high, self.since = low, high, at


@dataclass(frozen=True, slots=True)
class ClockKnown:
    """What the database knows of its clock; `booted` and `ticked_at` are this machine's last heartbeat."""

    ticked_at: datetime | None
    booted: float | None
    frozen: bool
    latest_charge: datetime | None


def boot_id() -> str:
    """Names this start of this machine; empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


async def guard_from_start(database: Database) -> ClockGuard | None:
    """The guard of a worker that starts, after a look at what happened before it: it may put the hold.

    None where a test stopped the clock.
    """
    async with database.transaction() as tx:
        known = await tx.one(
            ClockKnown, "engine/clock_known", host=socket.gethostname(), boot_id=boot_id()
        )
        before = boot_time()
        now = await tx.now()
        after = boot_time()
    if known is None or known.frozen:
        return None
    guard = ClockGuard()
    if known.booted is not None and known.ticked_at is not None:
        guard = ClockGuard.since_heartbeat(known.ticked_at, known.booted, before)
    try:
        guard.check(before, now, after)
        if known.latest_charge is not None and known.latest_charge > now + LEASE_AHEAD:
            raise ClockJumped(now - known.latest_charge)
    except ClockJumped as jumped:
        await hold_for_clock(database, jumped)
    return guard


async def hold_for_clock(database: Database, jumped: ClockJumped) -> None:
    """Hold everything until every window is true again; seen on every screen with its countdown."""
    log.error("%s: everything is held", jumped)
    async with database.transaction(writer="engine") as tx:
        await tx.lock_gate(exclusive=True)
        await tx.run(
            "engine/hold_for_clock", now=await tx.now(), jump=jumped.jump, reason=str(jumped)
        )
