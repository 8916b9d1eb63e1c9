"""Waits that end early, without ever interrupting a query (a cancelled query closes its connection)."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import anyio


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Wait, at most until `stop` is set; True when it is."""
    with anyio.move_on_after(seconds):
        await stop.wait()
    return stop.is_set()


async def ring_at(stop: asyncio.Event, *bells: asyncio.Event) -> None:
    """End the pauses on `bells` when `stop` is set."""
    await stop.wait()
    for bell in bells:
        bell.set()


_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boot_time() -> float:
    """Seconds since boot, running on while the machine sleeps: bounds a send by its lease (DESIGN 5.3)."""
    return time.clock_gettime(_CLOCK)
