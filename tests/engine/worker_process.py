"""A worker as a process of its own: `python -m tests.engine.worker_process DSN URL JOURNALS [CONCURRENCY]`."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from engine.gateways.simulated import SimulatedGateway
from engine.runtime import WorkerOptions, run
from engine.store import Access


async def main(dsn: str, url: str, journals: str, concurrency: str = "50") -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    options = WorkerOptions("test", Path(journals), concurrency=int(concurrency), tick=0.05)
    await run(Access(dsn, max_connections=4), SimulatedGateway(url), options, stop)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
