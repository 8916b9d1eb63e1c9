"""What slows an engine down before it fails: claims that take long, and who keeps dead rows from going."""

from __future__ import annotations

import logging
import socket
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from engine.store import Database

log = logging.getLogger(__name__)

SLOW: Final = 1.0
"""Seconds of a claim, at the 99th percentile of the last MEASURED, that are an alarm."""

MEASURED: Final = 200
ENOUGH: Final = 20
"""Claims that must have been measured."""

BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds up to which claims are counted, for who draws them."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What an operator must see at once."""

    alarm: str


@dataclass
class ClaimTimes:
    """How long claims took, in seconds: the last ones, and all since the start by BOUNDS.

    `counts` has one place more than BOUNDS, for what took longer.
    """

    total: float = field(default=0.0, init=False)
    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1), init=False)
    _last: deque[float] = field(default_factory=lambda: deque(maxlen=MEASURED), init=False)

    def add(self, seconds: float) -> None:
        """One more claim."""
        self._last.append(seconds)
        self.total += seconds
        self.counts[bisect_left(BOUNDS, seconds)] += 1

    @property
    def slow(self) -> float | None:
        """The 99th percentile, where it is an alarm."""
        if len(self._last) < ENOUGH:
            return None
        p99 = sorted(self._last)[-1 - len(self._last) // 100]
        return p99 if p99 > SLOW else None


async def watch(database: Database, worker: UUID, claims: ClaimTimes) -> None:
    """Record slow claims of this worker and anybody's old transactions as findings; clear what is over."""
    async with database.transaction() as tx:
        now = await tx.now()
        await tx.run(
            "engine/find_slow_claims",
            worker=str(worker),
            host=socket.gethostname(),
            slow=claims.slow,
            now=now,
        )
        for found in await tx.rows(Alarm, "engine/find_old_transactions", now=now):
            log.warning("%s: dead rows are kept while it is open", found.alarm)
