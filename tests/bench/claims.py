"""(b) A claim round, whatever is queued: time must not grow with the queue, nor with what is blocked."""

from __future__ import annotations

import time
from uuid import uuid4

from engine.claiming import claim
from engine.store import Access, Database
from tests.bench.figures import Figure, Stopwatch, at_most
from tests.bench.fill import Filler, Fleet
from tests.bench.processor import backend
from tests.bench.server import BenchServer
from tests.engine.steps import end

TAKEN = 30
"""Messages of one claim round; each is settled, unmeasured, before the next."""
WARM_UP = 5
PART, BLOCKED = "claim", "blocked"


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
    cases[BLOCKED] = await _filled(server, queued[0], devices[-1], blocked)
    watch = await _rounds(server, cases, rounds, in_a_row)
    first, largest = _name(queued[0], devices[-1]), _name(queued[-1], devices[-1])
    figures = [
        Figure(
            PART,
            f"{name}: median; p95",
            f"{watch.median(name):.1f} ms; {watch.quantile(name, 0.95):.1f} ms",
        )
        for name in watch.taken
    ]
    for what, name in (
        (f"{queued[-1]:,} beside {queued[0]:,} queued", largest),
        (f"{blocked:,} blocked beside none", BLOCKED),
    ):
        for kind in ("", ": processor"):
            ratio = watch.median(name + kind) / watch.median(first + kind)
            figures.append(at_most(PART, what + kind, ratio, 1.5, "x"))
    figures += [
        at_most(
            PART, f"steady p95, {largest}{kind}", watch.quantile(largest + kind, 0.95), 15, " ms"
        )
        for kind in ("", ": processor")
    ]
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


async def _rounds(
    server: BenchServer, cases: dict[str, str], rounds: int, in_a_row: int
) -> Stopwatch:
    """Some claims in a row on each database, in turns: warm, as an engine is; the first are not counted."""
    watch = Stopwatch()
    for number in range(rounds):
        names = list(cases)
        for name in names if number % 2 == 0 else reversed(names):
            async with Database.open(Access(cases[name], max_connections=1)) as database:
                await claim(database, uuid4(), 0)
                [process] = server.backends(cases[name])
                for turn in range(WARM_UP + in_a_row):
                    before, started = backend(process), time.perf_counter()
                    taken = await claim(database, uuid4(), TAKEN)
                    took, used = (time.perf_counter() - started) * 1000, backend(process) - before
                    assert taken, f"{name}: nothing was claimed"
                    if turn >= WARM_UP:
                        watch.add(name, took)
                        watch.add(f"{name}: processor", used)
                    await end(database, taken)
    return watch
