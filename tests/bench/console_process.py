"""A console with an engine in the same process, for its measurement.

python -m tests.bench.console_process CONSOLE_DSN ENGINE_DSN JOURNALS
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from engine.runtime import WorkerOptions, run
from engine.store import Access
from seqconsole.cli.console import show
from seqconsole.engine_thread import EngineThread
from seqconsole.place import Place
from seqconsole.settings import Settings
from tests.bench.load import CONCURRENCY, Slow

ENGINE = "bench engine"


def main(console: str, engine: str, journals: Path) -> int:
    """Draw until `q`; the exit code."""

    async def work(stop: asyncio.Event) -> None:
        access = Access(engine, application=ENGINE, max_connections=8)
        options = WorkerOptions("bench", journals, concurrency=CONCURRENCY)
        await run(access, Slow(), options, stop)

    place = Place(Access(console, application="seqconsole"), "bench")
    return show(Settings(), place, EngineThread(work))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
