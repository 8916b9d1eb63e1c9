"""One engine as a process of its own, for the ceiling: python -m tests.bench.engine_process DSN JOURNALS CONCURRENCY.

Prints "ready", begins at the first line of its input and ends, drained, at the second.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from engine.runtime import WorkerOptions, run
from engine.store import Access
from tests.bench.gateway import AtOnce


async def _main(dsn: str, journals: Path, concurrency: int) -> None:
    stop = asyncio.Event()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    options = WorkerOptions("bench", journals, concurrency=concurrency)
    engine = asyncio.create_task(run(Access(dsn, max_connections=8), AtOnce(), options, stop))
    await asyncio.to_thread(sys.stdin.readline)
    stop.set()
    await engine


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
