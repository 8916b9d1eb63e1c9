"""What a console knows of its operator's absence: since when, what changed, the line at launch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final, Protocol

from engine.reports.since import USUAL, Changes
from engine.store import StoreError
from seqconsole.text import clock

PRESENT: Final = 60.0
"""Seconds between two notes that the operator is here."""

LOOK: Final = 15.0
"""Seconds between two looks while the changes are on the screen."""

AGAIN: Final = 5.0
"""Seconds until the next try where the database did not answer."""


class Away(Protocol):
    """Where presence is kept: `seqconsole.absence.Absence`, or a fake in tests."""

    async def last(self) -> datetime | None:
        """When this operator was last here; None: never."""

    async def now(self) -> datetime:
        """The database's clock."""

    async def here(self) -> None:
        """Remember that the operator is here."""

    async def changes(self, since: datetime) -> Changes:
        """What changed since then."""


class AbsenceDesk:
    """Looks once at launch, and again while the changes are watched. `away` None: it knows nothing."""

    def __init__(self, away: Away | None, changed: Callable[[], None]) -> None:
        self._away = away
        self._changed = changed
        self._hidden = False
        self._first_time = self._watched = False
        self._look = asyncio.Event()
        self._since: datetime | None = None
        self.changes: Changes | None = None
        self.failure = "" if away is not None else "this console does not know who you are"

    @property
    def notice(self) -> str:
        """The line above the views; empty when there is nothing to say, or it was seen."""
        if self._hidden or self._first_time or self.changes is None or not self.changes.headline:
            return ""
        at = clock(self.changes.since, self.changes.now)
        return f"Since you left ({at}): {self.changes.headline} · 0 shows, esc hides"

    def hide(self) -> bool:
        """The operator has seen the line; whether there was one."""
        had, self._hidden = bool(self.notice), True
        return had

    def watch(self) -> None:
        """The changes come on the screen: look again now, and every LOOK seconds."""
        self._hidden = self._watched = True
        self._look.set()

    def unwatch(self) -> None:
        """They are on the screen no more."""
        self._watched = False

    async def follow(self) -> None:
        """Find out what changed; then say now and then that the operator is here."""
        if self._away is None:
            return
        while self._since is None:
            await self._begin(self._away)
        while True:
            await self._away.here()
            ends = asyncio.get_running_loop().time() + PRESENT
            while (left := ends - asyncio.get_running_loop().time()) > 0:
                await self._wait(min(left, LOOK) if self._watched else left)
                if self._watched:
                    await self._read(self._away, self._since)
            if self.changes is None:
                await self._read(self._away, self._since)

    async def _wait(self, seconds: float) -> None:
        """Until somebody wants to look, at most so long."""
        self._look.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._look.wait()

    async def _begin(self, away: Away) -> None:
        try:
            last = await away.last()
            since = last or await away.now() - USUAL
        except StoreError as error:
            self._fail(error)
            await self._wait(AGAIN)
        else:
            self._first_time, self._since = last is None, since
            await self._read(away, since)

    async def _read(self, away: Away, since: datetime) -> None:
        try:
            self.changes = await away.changes(since)
        except StoreError as error:
            self._fail(error)
        else:
            self.failure = ""
            self._changed()

    def _fail(self, error: StoreError) -> None:
        if self.changes is None:
            self.failure = str(error)
