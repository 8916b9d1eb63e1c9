"""What runs beside a worker and never stands in its way: the alarm command, `/metrics` and `/health`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from engine.alarm_command import AlarmCommand
from engine.reports.figures import Figures, figures
from engine.runtime import Worker
from engine.store import StoreError
from seqconsole.metrics import Readout
from seqconsole.metrics_server import Address, Page, Pages, serving

log = logging.getLogger(__name__)

LOOK: Final = 5.0
"""Seconds between two looks for alarms; after a failed one a minute."""

FRESH: Final = 2.0
"""Seconds for which figures are shown again to the next reader."""

PATIENCE: Final = 3.0
"""Seconds for which the database is waited for; then it counts as away."""

SILENT: Final = 15.0
"""Seconds without a heartbeat from which on a worker is not well."""


@dataclass
class Watched:
    """A worker's pages for monitoring. Readers share one look at the database."""

    worker: Worker
    per_device: bool = False
    patience: float = PATIENCE
    _figures: Figures | None = field(default=None, init=False)
    _looked_at: float = field(default=float("-inf"), init=False)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    @property
    def pages(self) -> Pages:
        """The pages, by path."""
        return {"/metrics": self.metrics, "/health": self.health}

    async def metrics(self) -> Page:
        """Everything for Prometheus; the worker's own figures also while the database is away."""
        seen = await self._look()
        return Page.of_metrics(Readout(seen, self.worker.sender, self.per_device).text())

    async def health(self) -> Page:
        """200 while the database answers and this worker ticks, else 503. An engine that is off is well."""
        seen = await self._look()
        age = None if seen is None else seen.age(self.worker.options.id)
        well = age is not None and age < SILENT
        document = {
            "status": "ok" if well else "down",
            "database": seen is not None,
            "engine_on": None if seen is None else seen.overview.engine_on,
            "everything_held": None if seen is None else seen.overview.everything_held is not None,
            "last_tick_seconds": None if age is None else round(age, 1),
            "in_flight": self.worker.sender.in_flight,
            "in_trouble": self.worker.sender.error is not None,
        }
        return Page.of_json(HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE, document)

    async def _look(self) -> Figures | None:
        clock = asyncio.get_running_loop().time
        async with self._looking:
            if clock() - self._looked_at > FRESH:
                try:
                    async with asyncio.timeout(self.patience):
                        self._figures = await figures(self.worker.database)
                except (StoreError, TimeoutError, OSError):
                    self._figures = None
                self._looked_at = clock()
            return self._figures


@asynccontextmanager
async def beside(
    worker: Worker,
    *,
    on_alarm: AlarmCommand | None = None,
    metrics: Address | None = None,
    per_device: bool = False,
) -> AsyncIterator[None]:
    """Run what was asked for while the worker works. Raises CannotListen."""
    async with AsyncExitStack() as stack:
        if metrics is not None:
            stack.enter_context(serving(metrics, Watched(worker, per_device).pages))
        if on_alarm is not None:
            telling = asyncio.create_task(_tell(worker, on_alarm))
            stack.push_async_callback(_ended, telling)
        yield


async def _tell(worker: Worker, command: AlarmCommand) -> None:
    while True:
        wait = LOOK
        try:
            await command.tell(worker.database)
        except (StoreError, OSError) as error:
            log.warning("on_alarm: %s", error)
            wait = 60.0
        await asyncio.sleep(wait)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
