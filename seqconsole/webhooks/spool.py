"""Webhooks that the database can't take wait on disk: gateways repeat for seconds, outages are longer.

They were signed when they came. They hold phone numbers and words: folder and files are the account's own.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import uuid4

from engine.receiving.events import Unreadable
from engine.store import Rejected, StoreError
from engine.waiting import pause
from seqconsole.webhooks.hooks import Hook

log = logging.getLogger(__name__)

MOST: Final = 20_000
"""Bodies that are kept at most; what comes then is for the gateway to repeat."""
MOST_BYTES: Final = 256 * 1024 * 1024
EVERY: Final = 2.0
"""Seconds between two tries to hand over."""


class Spool:
    """A folder of bodies, one file each. Several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._known = 0
        self._bytes = 0
        self._count()

    def keep(self, hook: str, body: bytes) -> bool:
        """Whether it is safely kept: on disk when this returns. False where there is no more room."""
        if self._known >= MOST or self._bytes + len(body) > MOST_BYTES:
            return False
        name = f"{time.time_ns():020}-{hook}-{uuid4().hex[:8]}"
        unfinished = self._folder / f"{name}.part"
        try:
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(self._folder / f"{name}.json")
            self._sync()
        except OSError as error:
            log.warning("a webhook can't be kept on disk: %s", type(error).__name__)
            unfinished.unlink(missing_ok=True)
            return False
        self._known += 1
        self._bytes += len(body)
        return True

    async def hand_over(self, hooks: Mapping[str, Hook]) -> int:
        """Give what is kept to its hooks; returns how many were taken. Raises StoreError: the rest stays."""
        done = 0
        for path in sorted(self._folder.glob("*.json")):
            hook = hooks.get("-".join(path.stem.split("-")[1:-1]))
            if hook is None:
                continue
            try:
                events = hook.read(json.loads(await asyncio.to_thread(path.read_bytes)))
                await hook.take(events)
            except FileNotFoundError:  # another process was faster
                continue
            except (Unreadable, ValueError, RecursionError, Rejected) as error:
                log.warning("a kept webhook can't be taken: %s; it is %s.bad now", error, path.stem)
                path.replace(path.with_suffix(".bad"))
                continue
            path.unlink(missing_ok=True)
            done += 1
        self._count()
        return done

    @property
    def waiting(self) -> int:
        """How many are kept."""
        return self._known

    def _count(self) -> None:
        sizes = [path.stat().st_size for path in self._folder.glob("*.json")]
        self._known, self._bytes = len(sizes), sum(sizes)

    def _sync(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


async def keep_handing_over(spool: Spool, hooks: Mapping[str, Hook], stop: asyncio.Event) -> None:
    """Hand over until `stop`."""
    while not stop.is_set():
        if spool.waiting:
            try:
                n = await spool.hand_over(hooks)
                if n:
                    log.warning("%d webhooks that waited on disk are taken", n)
            except StoreError as error:
                log.info("webhooks wait on disk: %s", error)
        await pause(stop, EVERY)
