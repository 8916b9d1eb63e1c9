"""Figures, how they are taken (interleaved rounds, medians) and how they are shown."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing. `met` None: there is no target, it is there to compare with."""

    part: str
    what: str
    value: str
    target: str = ""
    met: bool | None = None


class Stopwatch:
    """Milliseconds of blocks, by name."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Measure a block; one that raises is not counted."""
        started = time.perf_counter()
        yield
        self.add(name, (time.perf_counter() - started) * 1000)

    def add(self, name: str, value: float) -> None:
        self.taken.setdefault(name, []).append(value)

    def median(self, name: str) -> float:
        return statistics.median(self.taken[name])

    def quantile(self, name: str, share: float) -> float:
        """The value that `share` of the measurements do not exceed."""
        values = sorted(self.taken[name])
        return values[min(len(values) - 1, int(len(values) * share))]


async def interleaved(
    rounds: int, cases: Mapping[str, Callable[[], Awaitable[float]]]
) -> Stopwatch:
    """Each case once in each round, so that what else the machine does meets all alike."""
    watch = Stopwatch()
    for number in range(rounds):
        names = list(cases)
        for name in names if number % 2 == 0 else reversed(names):
            watch.add(name, await cases[name]())
    return watch


def at_least(part: str, what: str, ratio: float, target: float) -> Figure:
    """A ratio that should not be less than its target."""
    return Figure(part, what, f"{ratio:.2g}x", f"≥ {target:g}x", ratio >= target)


def at_most(part: str, what: str, value: float, target: float, unit: str) -> Figure:
    """A value that should not exceed its target."""
    return Figure(part, what, f"{value:.3g}{unit}", f"≤ {target:g}{unit}", value <= target)


def machine(server_version: str) -> str:
    """What it ran on, in one line."""
    found = Path("/proc/cpuinfo")
    lines = found.read_text().splitlines() if found.exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({models[0] if models else platform.machine()}), {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"PostgreSQL {server_version}, durable; load before: {load:.1f}"
    )


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table."""
    marks = {True: "met", False: "**missed**", None: ""}
    rows = [f"| {f.part} | {f.what} | {f.value} | {f.target} | {marks[f.met]} |" for f in figures]
    return "\n".join(["| part | measured | value | target | |", "|---|---|---|---|---|", *rows])
