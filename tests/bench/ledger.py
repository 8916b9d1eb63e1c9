"""(f) The ledger is permanent: what a delivery costs in bytes, and what a large ledger costs claim and schedule."""

from __future__ import annotations

import time
from uuid import uuid4

import psycopg

from engine.claiming import claim
from engine.scheduling import schedule
from engine.store import Access, Database
from tests.bench.figures import Figure, Stopwatch, at_most
from tests.bench.fill import Filler, Fleet
from tests.bench.server import BenchServer
from tests.engine.steps import end

PART = "ledger"
TAKEN = 30
DUE = 250
"""Steps of one schedule."""
BYTES = (
    "SELECT pg_table_size(c)::float8 / n, pg_indexes_size(c)::float8 / n "
    "FROM (SELECT 'seqconsole.deliveries'::regclass AS c, count(*) AS n FROM seqconsole.deliveries) d"
)


async def measure(
    server: BenchServer, *, rows: int, devices: int, rounds: int, in_a_row: int = 20
) -> list[Figure]:
    """Claim and schedule in turns on two databases that differ in the ledger alone."""
    queued = (in_a_row + 2) * rounds * TAKEN
    waiting = in_a_row * rounds * DUE
    small = await _filled(server, queued, waiting, devices, 0)
    large = await _filled(server, queued, waiting, devices, rows)
    watch = Stopwatch()
    for number in range(rounds):
        for name, dsn in (("small", small), ("large", large))[:: 1 if number % 2 == 0 else -1]:
            await _round(watch, name, dsn, in_a_row)
    with psycopg.connect(large) as connection:
        heap, indexes = connection.execute(BYTES).fetchone() or (0, 0)
    figures = [
        Figure(
            PART, "a delivery, settled", f"{heap:.0f} bytes, and {indexes:.0f} of its two indexes"
        )
    ]
    for what, unit in (("claim", f"claim of {TAKEN}"), ("schedule", f"schedule of {DUE}")):
        before, now = watch.median(f"{what} small"), watch.median(f"{what} large")
        shown = f"{unit}, {rows:,} deliveries beside none ({now:.1f} and {before:.1f} ms)"
        figures.append(at_most(PART, shown, now / before, 1.5, "x"))
    for dsn in (small, large):
        server.drop(dsn)
    return figures


async def _filled(server: BenchServer, queued: int, waiting: int, devices: int, old: int) -> str:
    dsn = await server.database()
    filler = Filler(dsn, Fleet(devices))
    filler.queue(queued, contacts=False)
    filler.wait(waiting)
    filler.history(old)
    filler.close()
    return dsn


async def _round(watch: Stopwatch, name: str, dsn: str, in_a_row: int) -> None:
    async with Database.open(Access(dsn, max_connections=1)) as database:
        for turn in range(in_a_row + 2):
            started = time.perf_counter()
            taken = await claim(database, uuid4(), TAKEN)
            if turn >= 2:
                watch.add(f"claim {name}", (time.perf_counter() - started) * 1000)
            assert taken, f"{name}: nothing was claimed"
            await end(database, taken)
        for _ in range(in_a_row):
            with watch.time(f"schedule {name}"):
                assert await schedule(database, DUE) == DUE, f"{name}: too little was due"
