"""Refused requests in the log: the first of each kind at once, then sums: a flood is no flood of lines."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

log = logging.getLogger(__name__)

EVERY: Final = 60.0
"""Seconds between two lines of one kind."""


class Refusals:
    """Counts refusals by their reason."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said: dict[str, float] = {}
        self._since: Counter[str] = Counter()

    def count(self, why: str, what: str = "webhook refused,") -> None:
        """One more; says so unless it did within the last minute."""
        now = self._clock()
        kind = why.partition(":")[0]
        self._since[kind] += 1
        if now - self._said.get(kind, -EVERY) >= EVERY:
            self._said[kind] = now
            n = self._since.pop(kind)
            log.warning("%s %s%s", what, why, f", {n} times in all" if n > 1 else "")
