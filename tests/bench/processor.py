"""Processor time, which other load on the machine does not lengthen as it lengthens the clock's (Linux)."""

from __future__ import annotations

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def spent(*roots: int) -> float:
    """Seconds of these processes, of all below them, and of those below them that have ended."""
    children: dict[int, list[int]] = {}
    seconds: dict[int, float] = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        pid = int(place.name)
        children.setdefault(int(fields[1]), []).append(pid)
        seconds[pid] = sum(int(field) for field in fields[11:15]) / TICK
    found, open_ones = set[int](), list(roots)
    while open_ones:
        pid = open_ones.pop()
        if pid not in found:
            found.add(pid)
            open_ones += children.get(pid, [])
    return sum(seconds.get(pid, 0.0) for pid in found)


def backend(pid: int) -> float:
    """Milliseconds that one process was on a processor, to the nanosecond."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6
