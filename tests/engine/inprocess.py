"""A worker and its gateway inside the test's own event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from engine.gateways.protocol import Answer, DeviceState, Outgoing
from engine.runtime import Worker, WorkerOptions
from engine.store import Database
from tests.engine.steps import SENT


@dataclass
class RecordingGateway:
    """Answers at once and remembers when it was asked (`time.time`)."""

    answer: Answer = SENT
    sent: list[tuple[Outgoing, float]] = field(default_factory=list)

    async def send(self, message: Outgoing, *, before_write: Callable[[], None]) -> Answer:
        before_write()
        self.sent.append((message, time.time()))
        return self.answer

    def has_sent(self, n: int) -> bool:
        return len(self.sent) >= n

    async def device_states(self) -> list[DeviceState]:
        return []

    async def close(self) -> None:
        return None


@asynccontextmanager
async def working(
    database: Database,
    gateway: RecordingGateway,
    journals: Path,
    *,
    tick: float = 0.05,
    idle: float = 0.2,
    listen: bool = False,
    concurrency: int = 200,
) -> AsyncIterator[Worker]:
    """A worker that works while the block runs, and has drained after it."""
    options = WorkerOptions("test", journals, concurrency=concurrency, tick=tick, listen=listen)
    worker = Worker(database, gateway, options)
    worker.sender.idle = idle
    stop = asyncio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker.run, stop)
        try:
            yield worker
        finally:
            stop.set()


async def until(condition: Callable[[], object], seconds: float = 15) -> None:
    """Wait for a condition; fail after the deadline."""
    with anyio.fail_after(seconds):
        while not condition():
            await anyio.sleep(0.005)
