"""(i) A console through a real terminal, its engine at full load in the same process: from a key to the screen."""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from tests.bench.console_process import ENGINE
from tests.bench.figures import Figure, Stopwatch, at_most
from tests.bench.fill import Filler, Fleet
from tests.bench.load import LIMITS, RATE
from tests.bench.processor import spent
from tests.bench.server import BenchServer
from tests.faults.proxy import Proxy
from tests.terminal.terminal import Terminal, environment

PART = "console"
SIZES = ((80, 24), (250, 70))
AGE = re.compile(r"(\d+)([smh])$")
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"
SENT = "SELECT count(*) FROM seqconsole.attempts WHERE outcome = 'sent'"
SETTLE_DOWN = 5.0
"""Seconds of load before anything is measured."""


async def measure(
    server: BenchServer, *, devices: int, burst: int, keys: int, delay: float
) -> list[Figure]:
    """At 80x24, at 250x70, and at 80x24 with `delay` seconds before each answer of the database."""
    figures: list[Figure] = []
    for size, wait in ((SIZES[0], 0.0), (SIZES[1], 0.0), (SIZES[0], delay)):
        figures += await _one(server, size, devices, burst, keys, wait)
    return figures


async def _one(
    server: BenchServer, size: tuple[int, int], devices: int, burst: int, keys: int, delay: float
) -> list[Figure]:
    dsn = await server.database()
    filler = Filler(dsn, Fleet(devices))
    filler.wait(burst)
    filler.each(LIMITS, gap=round(devices / RATE), samples=0)
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(Proxy(dsn)) for _ in range(2)]
        for proxy in proxies:
            proxy.delay = delay
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engine = proxies[1].dsn if delay else dsn
        command = ["-m", "tests.bench.console_process", proxies[0].dsn, engine, str(folder)]
        terminal = stack.enter_context(
            Terminal([sys.executable, *command], size=size, env=environment(folder))
        )
        found = await asyncio.to_thread(_pressed, terminal, proxies[0], filler, keys)
    filler.close()
    server.drop(dsn)
    where = f"{size[0]}x{size[1]}" + (f", {delay * 1000:.0f} ms to the database" if delay else "")
    return [*_figures(where, *found)]


Found = tuple[Stopwatch, dict[str, float]]


def _pressed(terminal: Terminal, proxy: Proxy, filler: Filler, keys: int) -> Found:
    """Move the cursor down at moments of chance; what was seen meanwhile."""
    terminal.shows("device-", seconds=120)
    time.sleep(SETTLE_DOWN)
    dice, watch = random.Random(1), Stopwatch()
    begun, drawn, read = time.perf_counter(), len(terminal.raw), proxy.passed
    sent, used = filler.value(SENT), spent(terminal.process.pid)
    for _ in range(keys):
        time.sleep(dice.uniform(0.05, 0.25))
        before = _cursor(terminal.text)
        pressed = time.perf_counter()
        terminal.press("j")
        text = terminal.until(lambda now, was=before: _cursor(now) != was)
        watch.add("key", (terminal.seen_at - pressed) * 1000)
        age = AGE.search(text.splitlines()[0].rstrip())
        watch.add("age", float(age[1]) if age and age[2] == "s" else 60.0)
    took = time.perf_counter() - begun
    facts = {
        "drawn": (len(terminal.raw) - drawn) / took / 1024,
        "read": (proxy.passed - read) / took / 1024,
        "rate": (int(str(filler.value(SENT))) - int(str(sent))) / took,
        "console": float(str(filler.value(CONNECTIONS, "seqconsole"))),
        "engine": float(str(filler.value(CONNECTIONS, ENGINE))),
        "processor": (spent(terminal.process.pid) - used) / took * 100,
        "memory": _memory(terminal.process.pid),
    }
    terminal.press("ctrl+q")
    return watch, facts


def _cursor(text: str) -> str:
    """The device under the cursor."""
    found = re.search(r"^› +(device-\d+)", text, re.MULTILINE)
    return found[1] if found else ""


def _memory(pid: int) -> float:
    """MiB that a process holds in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def _figures(where: str, watch: Stopwatch, facts: dict[str, float]) -> list[Figure]:
    middle = watch.median("key")
    worst = max(watch.taken["key"])
    shown = f"{where}: key to screen, p99 of {len(watch.taken['key'])} (median {middle:.0f} ms, longest {worst:.0f} ms)"
    old = sum(age >= 2 for age in watch.taken["age"])
    return [
        at_most(PART, shown, watch.quantile("key", 0.99), 50, " ms"),
        at_most(PART, f"{where}: of those frames, with data 2 s old or more", old, 0, ""),
        at_most(PART, f"{where}: from the database", facts["read"], 20, " KB/s"),
        Figure(PART, f"{where}: to the terminal", f"{facts['drawn']:.0f} KB/s"),
        at_most(PART, f"{where}: connections of the console", facts["console"], 5, ""),
        Figure(PART, f"{where}: connections of its engine", f"{facts['engine']:.0f}"),
        at_most(PART, f"{where}: memory with the engine", facts["memory"], 150, " MB"),
        Figure(PART, f"{where}: processor of both", f"{facts['processor']:.0f} % of a core"),
        Figure(PART, f"{where}: load of the machine", f"{os.getloadavg()[0]:.1f}"),
        Figure(PART, f"{where}: sends a second meanwhile", f"{facts['rate']:.0f}"),
    ]
