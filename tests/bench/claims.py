"""(b) A claim round, whatever is queued: time must not grow with the queue, nor with what is blocked."""

from __future__ import annotations

import time
from uuid import uuid4

from engine.claiming import claim
from engine.store import Access, Database
from tests.bench.figures import Figure, Stopwatch, at_most
from tests.bench.fill import Filler, Fleet
from tests.bench.server import BenchServer
from tests.engine.steps import end

TAKEN = 30
"""Messages of one claim round; each is settled, unmeasured, before the next."""
WARM_UP = 5


async def measure(
    server: BenchServer,
    *,
    queued: tuple[int, ...],
    devices: tuple[int, ...],
    blocked: int,
    rounds: int,
    in_a_row: int = 40,
) -> list[Figure]:
    """Interleaved over all sizes; contact rows are left out, the claim reads none."""
    cases: dict[str, str] = {}
    for rows in queued:
        for fleet in devices:
            cases[_name(rows, fleet)] = await _filled(server, rows, fleet, 0)
    cases["blocked"] = await _filled(server, queued[0], devices[-1], blocked)
    watch = await _rounds(cases, rounds, in_a_row)
    base = watch.median(_name(queued[0], devices[-1]))
    figures = [
        Figure(
            "claim",
            f"{name}: median; p95",
            f"{watch.median(name):.1f} ms; {watch.quantile(name, 0.95):.1f} ms",
        )
        for name in cases
    ]
    largest = _name(queued[-1], devices[-1])
    figures.append(
        at_most(
            "claim",
            f"{queued[-1]:,} beside {queued[0]:,} queued",
            watch.median(largest) / base,
            1.5,
            "x",
        )
    )
    figures.append(
        at_most(
            "claim", f"{blocked:,} blocked beside none", watch.median("blocked") / base, 1.5, "x"
        )
    )
    figures.append(
        at_most("claim", f"steady p95, {largest}", watch.quantile(largest, 0.95), 15, " ms")
    )
    for dsn in cases.values():
        server.drop(dsn)
    return figures


def _name(rows: int, fleet: int) -> str:
    return f"{rows:,} queued, {fleet:,} devices"


async def _filled(server: BenchServer, rows: int, fleet: int, blocked: int) -> str:
    dsn = await server.database()
    filler = Filler(dsn, Fleet(fleet))
    filler.queue(rows, contacts=False)
    if blocked:
        filler.block(blocked)
    filler.close()
    return dsn


async def _rounds(cases: dict[str, str], rounds: int, in_a_row: int) -> Stopwatch:
    """Some claims in a row on each database, in turns: warm, as an engine is; the first are not counted."""
    watch = Stopwatch()
    for number in range(rounds):
        names = list(cases)
        for name in names if number % 2 == 0 else reversed(names):
            async with Database.open(Access(cases[name])) as database:
                for turn in range(WARM_UP + in_a_row):
                    started = time.perf_counter()
                    taken = await claim(database, uuid4(), TAKEN)
                    took = (time.perf_counter() - started) * 1000
                    assert taken, f"{name}: nothing was claimed"
                    if turn >= WARM_UP:
                        watch.add(name, took)
                    await end(database, taken)
    return watch
