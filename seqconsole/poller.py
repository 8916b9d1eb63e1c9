"""Reads once a second, in one long-lived coroutine, and says when the database is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Final

from engine.operations.model import OperationRefused
from engine.reader import Snapshot as Figures
from engine.store.errors import Busy, DatabaseUnavailable, ReadOnly, Refused, StoreError
from seqconsole.readings import AnyReading, Source
from seqconsole.state import Lost, Snapshot

LONGEST_WAIT: Final = 15.0
"""Seconds between two tries while the database is away; there is no last try."""

LEAST_PAUSE: Final = 0.2
"""Of the interval: so long a database that answers slowly is left alone between two reads."""


class Poller:
    """Yields a `Snapshot` each interval, or `Lost`; `poke` makes it read at once.

    The interval lies between the beginnings of two reads: data is as old as one interval and one
    read at most.

    `wanted` names what the screen of the moment needs beyond the figures. `rolls_up` keeps the
    figures fresh while no engine runs; a console that may only look never does.
    """

    def __init__(
        self,
        source: Source,
        wanted: Callable[[], Sequence[AnyReading]],
        *,
        interval: float = 1.0,
        rolls_up: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._wanted = wanted
        self._interval = interval
        self._rolls_up = rolls_up
        self._clock = clock
        self._poked = asyncio.Event()
        self._whole = True
        self._figures: tuple[Figures, float] | None = None
        self._workers = 0

    def poke(self, *, whole: bool = True) -> None:
        """Read now instead of at the next interval; not `whole`: only what is wanted beyond the figures."""
        self._whole = self._whole or whole
        self._poked.set()

    async def events(self) -> AsyncIterator[Snapshot | Lost]:
        """Snapshots and losses, without an end."""
        since: float | None = None
        attempt = 0
        due = 0.0
        while True:
            self._poked.clear()
            whole, self._whole = self._whole or self._figures is None, False
            if whole:
                due = time.monotonic() + self._interval
            try:
                snapshot = await self._read(whole)
            # Whatever the read died of, the console must go on and say so.
            except Exception as error:
                attempt += 1
                since = self._clock() if since is None else since
                wait = min(LONGEST_WAIT, self._interval * 2 ** min(attempt - 1, 8))
                self._whole = True
                yield Lost(since, _line(error), attempt, self._clock() + wait)
            else:
                since, attempt = None, 0
                least = LEAST_PAUSE * self._interval if whole else 0.0
                wait = max(least, due - time.monotonic())
                self._workers = snapshot.overview.workers
                yield snapshot
            await self._pause(wait)

    async def _read(self, whole: bool) -> Snapshot:
        if whole or self._figures is None:
            if self._rolls_up and not self._workers:
                await self._roll_up()
            asked_at = (
                self._clock()
            )  # the instant of the figures is later: their age is never understated
            self._figures = await self._source.snapshot(), asked_at
        figures, at = self._figures
        answers: dict[AnyReading, Sequence[object]] = {}
        failures: dict[AnyReading, str] = {}
        for reading in self._wanted():
            try:
                answers[reading] = tuple(await reading.rows(self._source))
            except DatabaseUnavailable:
                raise
            except Exception as error:
                failures[reading] = _line(error)
        return Snapshot(figures, at, answers, failures)

    async def _roll_up(self) -> None:
        """Busy or read-only may be over by the next read; a role that may not write still may read."""
        try:
            with suppress(ReadOnly, Busy):
                await self._source.roll_up()
        except Refused:
            self._rolls_up = False

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._poked.wait()
        except TimeoutError:
            self._whole = True


def _line(error: Exception) -> str:
    """The error as one line; of an unforeseen one only its kind, its text may hold anything."""
    if isinstance(error, StoreError | OperationRefused):
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"internal error ({type(error).__name__})"
