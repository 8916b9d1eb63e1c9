"""`seqconsole ARGS` in a process whose clocks can be moved: `python -m tests.faults.moved_clocks FILE ARGS...`.

The file holds two numbers of seconds: what is added to the wall clock, and to the time since boot.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from seqconsole.__main__ import main

WALL, BOOT = 0, 1
AFFECTED = {
    time.CLOCK_REALTIME: WALL,
    getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC): BOOT,
}


def move(file: Path) -> None:
    """From here on the file says what these clocks show."""
    real, real_time = time.clock_gettime, time.time

    def added(which: int) -> float:
        return float(file.read_text().split()[which])

    def clock_gettime(clock: int) -> float:
        return real(clock) + (added(AFFECTED[clock]) if clock in AFFECTED else 0.0)

    time.clock_gettime = clock_gettime
    time.time = lambda: real_time() + added(WALL)
    time.time_ns = lambda: int(time.time() * 1e9)


if __name__ == "__main__":
    move(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
