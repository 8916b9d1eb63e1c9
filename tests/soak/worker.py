"""A worker that may die at a point: `python -m tests.soak.worker DSN URL JOURNALS ID CONCURRENCY [POINT SECONDS]`.

From `SECONDS` after its start on, the worker kills itself the next time it passes the failpoint.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

from engine.gateways.simulated import SimulatedGateway
from engine.runtime import WorkerOptions, run
from engine.store import Access


async def main(
    dsn: str, url: str, journals: str, id: str, concurrency: str, point: str = "", after: str = "0"
) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    if point:
        loop.call_later(float(after), os.environ.__setitem__, "SEQCONSOLE_FAILPOINT", point)
    options = WorkerOptions(
        "soak", Path(journals), id=UUID(id), concurrency=int(concurrency), tick=0.1
    )
    await run(Access(dsn, max_connections=4), SimulatedGateway(url), options, stop)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
