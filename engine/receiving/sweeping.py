"""Looks again, each second, at what webhooks left open: receipts before their settle, sequences that end."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from engine.receiving.receipts import LOOK, look_again
from engine.receiving.replies import finish_endings
from engine.store import Database, StoreError
from engine.waiting import pause

log = logging.getLogger(__name__)

EVERY: Final = 1.0
PATIENCE: Final = 10.0
"""Seconds until the next look where the database did not answer."""


async def keep_looking(database: Database, stop: asyncio.Event) -> None:
    """Look until `stop`. Any number of processes may do so at once."""
    troubled = False
    while not stop.is_set():
        try:
            while await look_again(database) == LOOK and not stop.is_set():
                pass
            await finish_endings(database)
        except StoreError as error:
            if not troubled:
                log.warning("receipts wait: %s", error)
            troubled = True
        else:
            troubled = False
        await pause(stop, PATIENCE if troubled else EVERY)
