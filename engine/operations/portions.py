"""Portions of an operation: tried again where another session is in the way (FAULTS 40)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from engine.store import Busy

TRIES: Final = 5
HELD: Final = "another session is changing it; try again"
"""Rows that another session has locked are not waited for: nobody can be locked out by us, nor we by them."""

Result = TypeVar("Result")


async def retried(work: Callable[[], Awaitable[Result]]) -> Result:
    """Do a portion, again where a lock or a deadlock ended it; at most 5 times. Raises Busy."""
    for attempt in range(1, TRIES):
        try:
            return await work()
        except Busy:
            await pause(attempt)
    return await work()


async def pause(attempt: int) -> None:
    """A short wait with jitter, longer with each attempt."""
    await asyncio.sleep(random.uniform(0.02, 0.1 * attempt))
