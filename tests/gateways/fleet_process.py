"""A worker of all four kinds as a process: `python -m tests.gateways.fleet_process DSN JOURNALS URL URL URL URL`.

The addresses are in the order of `kinds.ALL`.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from engine.gateways.fleet import Fleet
from engine.runtime import WorkerOptions, run
from engine.store import Access
from tests.gateways.kinds import ALL


async def main(dsn: str, journals: str, *urls: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    made = {k.platform: k.make(url, deadline=2.0) for k, url in zip(ALL, urls, strict=True)}
    options = WorkerOptions("test", Path(journals), concurrency=6, tick=0.05, device_poll=0.2)
    await run(Access(dsn, max_connections=4), Fleet(made), options, stop)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
