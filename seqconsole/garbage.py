"""Keeps Python's collector of cycles from stopping the screen.

A full round over all that a console with an engine has loaded takes a tenth of a second, in which neither
thread does anything; and rounds begin while a frame is drawn, which makes most of the objects.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Final

SETTLED: Final = 5.0
"""Seconds after the start by which what stays for good has been made."""

EVERY: Final = 1.0
OLDER_EVERY: Final = 10
ALL_EVERY: Final = 60
"""Rounds over the youngest objects, seconds apart; every so many take the older ones too, or all."""

NET: Final = 50_000
"""A round begins by itself where so many objects more were made than freed, as in a large operation."""


async def collect_between_frames() -> None:
    """Set aside what is there once the console has started, then collect in short rounds, for ever."""
    await asyncio.sleep(SETTLED)
    gc.collect()
    gc.freeze()
    gc.set_threshold(NET)
    turn = 0
    while True:
        await asyncio.sleep(EVERY)
        turn += 1
        gc.collect(2 if turn % ALL_EVERY == 0 else 1 if turn % OLDER_EVERY == 0 else 0)
