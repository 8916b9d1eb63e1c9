"""Webhooks that come at once are taken together, in one transaction, and each hears of its own end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from engine.receiving.events import Event
from engine.store import Rejected

MOST: Final = 1000
"""Events that are taken together."""

Take = Callable[[Sequence[Event]], Awaitable[None]]


class Batching:
    """Takes through `take`. What comes while a batch is in work makes the next one."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._waiting: list[tuple[Sequence[Event], asyncio.Future[None]]] = []
        self._working: asyncio.Task[None] | None = None

    async def take(self, events: Sequence[Event]) -> None:
        """Take these, perhaps with others. Raises what `take` raises; then nothing is known to be taken."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((events, done))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        await done

    async def _work(self) -> None:
        while self._waiting:
            batch = self._next()
            await self._together([one for one in batch if not one[1].cancelled()])

    def _next(self) -> list[tuple[Sequence[Event], asyncio.Future[None]]]:
        n = size = 0
        for events, _ in self._waiting:
            size += len(events)
            if n and size > MOST:
                break
            n += 1
        batch, self._waiting = self._waiting[:n], self._waiting[n:]
        return batch

    async def _together(self, batch: list[tuple[Sequence[Event], asyncio.Future[None]]]) -> None:
        try:
            await self._take([event for events, _ in batch for event in events])
        except Rejected as error:
            if len(batch) > 1:  # one of them is to blame: each alone
                for one in batch:
                    await self._together([one])
                return
            _tell(batch, error)
        except Exception as error:
            _tell(batch, error)
        else:
            _tell(batch, None)


def _tell(
    batch: Sequence[tuple[Sequence[Event], asyncio.Future[None]]], error: Exception | None
) -> None:
    for _, done in batch:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
