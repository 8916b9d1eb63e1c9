"""python -m tests.bench: measures, prints a Markdown table. See docs/performance.md."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.bench import (
    adopting,
    ceiling,
    claims,
    console,
    days,
    latency,
    ledger,
    load,
    reading,
    scheduling,
)
from tests.bench.figures import Figure, machine, table
from tests.bench.server import BenchServer, running

PARTS = (
    "ceiling",
    "claim",
    "schedule",
    "read",
    "latency",
    "ledger",
    "load",
    "console",
    "days",
    "adopt",
)


def parser() -> argparse.ArgumentParser:
    """The options, with the sizes of docs/performance.md."""
    made = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    made.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; else all")
    made.add_argument("--rounds", type=int, default=5, help="interleaved rounds")
    made.add_argument("--devices", type=int, nargs="+", default=[30, 3000])
    made.add_argument("--queued", type=int, nargs="+", default=[100_000, 1_000_000])
    made.add_argument("--blocked", type=int, default=500_000)
    made.add_argument("--messages", type=int, default=20_000, help="of a round of the ceiling")
    made.add_argument("--concurrency", type=int, default=1000, help="of an engine of the ceiling")
    made.add_argument("--rows", type=int, default=1_000_000, help="of a reader, of adopting")
    made.add_argument("--samples", type=int, default=300, help="of the time from due to gateway")
    made.add_argument("--deliveries", type=int, default=10_000_000, help="of the large ledger")
    made.add_argument("--burst", type=int, default=100_000, help="steps that fall due at once")
    made.add_argument("--seconds", type=float, default=60, help="of full load, each")
    made.add_argument("--keys", type=int, default=300, help="pressed in a console")
    made.add_argument("--delay", type=float, default=0.15, help="seconds to the database")
    made.add_argument("--days", type=int, default=30, help="that are simulated")
    made.add_argument("--senders", type=int, default=40, help="devices of those days")
    made.add_argument("--hourly", type=int, default=20, help="sends an hour of each of them")
    made.add_argument("--out", type=Path, help="write the table to this file too")
    return made


async def measure(given: argparse.Namespace, server: BenchServer) -> list[Figure]:
    """The figures of the parts that were asked for; prints each part as it ends."""
    fleet, most = given.devices[-1], given.rounds
    works: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
        "ceiling": lambda: ceiling.measure(
            server,
            messages=given.messages,
            devices=fleet,
            rounds=most,
            concurrency=given.concurrency,
        ),
        "claim": lambda: claims.measure(
            server,
            queued=tuple(given.queued),
            devices=tuple(given.devices),
            blocked=given.blocked,
            rounds=most,
        ),
        "schedule": lambda: scheduling.measure(server, waiting=2500 * most, rounds=most),
        "read": lambda: reading.measure(server, rows=given.rows, devices=fleet, rounds=most),
        "adopt": lambda: adopting.measure(server, rows=given.rows),
        "latency": lambda: latency.measure(
            server, samples=given.samples, seconds=given.samples / 10
        ),
        "ledger": lambda: ledger.measure(server, rows=given.deliveries, devices=fleet, rounds=most),
        "load": lambda: load.measure(
            server,
            burst=given.burst,
            devices=fleet,
            samples=given.samples,
            seconds=given.seconds,
            delay=given.delay,
        ),
        "console": lambda: console.measure(
            server, devices=fleet, burst=given.burst, keys=given.keys, delay=given.delay
        ),
        "days": lambda: days.measure(
            server, days=given.days, devices=given.senders, limit=given.hourly
        ),
    }
    found: list[Figure] = []
    for name in given.parts or PARTS:
        figures = await works[name]()
        print(table(figures), flush=True)
        found += figures
    return found


def main(arguments: list[str] | None = None) -> list[Figure]:
    """Measure on a server of our own; the figures."""
    reading_of = parser()
    given = reading_of.parse_args(arguments)
    if unknown := set(given.parts) - set(PARTS):
        reading_of.error(f"no such part: {', '.join(sorted(unknown))}")
    with running() as server:
        described = machine(server.version())
        print(f"{described}\n", flush=True)
        figures = asyncio.run(measure(given, server))
    if given.out:
        given.out.write_text(f"{described}\n\n{table(figures)}\n", "utf-8")
    return figures


if __name__ == "__main__":
    main()
