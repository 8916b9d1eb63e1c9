"""(e) From the moment that a row falls due on an idle device to the moment that the gateway is asked."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from engine.runtime import Worker, WorkerOptions
from engine.store import Access, Database
from tests.bench.figures import Figure, Stopwatch, at_most
from tests.bench.fill import Filler, Fleet
from tests.bench.gateway import AtOnce
from tests.bench.server import BenchServer

PART = "due to gateway"
DUE = (
    "SELECT m.id, extract(epoch FROM p.due_at)::float8 FROM broadcast_messages m "
    "JOIN seqconsole.deliveries d ON d.message_id = m.id JOIN bench_due p ON p.contact_id = d.contact_id"
)
SPREAD = (
    "UPDATE seqconsole.progress p SET at = w.due, due_at = w.due FROM (SELECT track, phone_key, "
    "seqconsole.now() + interval '3 seconds' + random() * %s * interval '1 second' AS due FROM seqconsole.progress) w "
    "WHERE w.track = p.track AND w.phone_key = p.phone_key"
)
KEPT = "CREATE TABLE bench_due AS SELECT contact_id, at AS due_at FROM seqconsole.progress"


async def measure(server: BenchServer, *, samples: int, seconds: float) -> list[Figure]:
    """Steps that wait, and messages already queued, each on a device of its own, at random moments."""
    return [
        await _one(server, "a waiting step", samples, seconds, lambda f: f.wait(samples)),
        await _one(server, "a queued message", samples, seconds, lambda f: f.queue(samples)),
    ]


async def _one(
    server: BenchServer,
    what: str,
    samples: int,
    seconds: float,
    fill: Callable[[Filler], None],
) -> Figure:
    dsn = await server.database()
    filler = Filler(dsn, Fleet(samples, lanes=1))
    fill(filler)
    filler.run(SPREAD, seconds)
    filler.run(KEPT)
    gateway = AtOnce()
    with tempfile.TemporaryDirectory() as journal:
        await _work(dsn, gateway, Path(journal), samples, seconds + 15)
    watch = Stopwatch()
    for message, due in filler.rows(DUE):
        watch.add(what, (gateway.asked[message] - due) * 1000)
    filler.close()
    server.drop(dsn)
    middle, worst = watch.median(what), max(watch.taken[what])
    shown = f"{what}: p99 of {samples} (median {middle:.0f} ms, longest {worst:.0f} ms)"
    return at_most(PART, shown, watch.quantile(what, 0.99), 250, " ms")


async def _work(dsn: str, gateway: AtOnce, journal: Path, samples: int, longest: float) -> None:
    stop = asyncio.Event()
    async with Database.open(Access(dsn)) as database:
        worker = Worker(database, gateway, WorkerOptions("bench", journal))
        running = asyncio.create_task(worker.run(stop))
        deadline = asyncio.get_running_loop().time() + longest
        while len(gateway.asked) < samples and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.2)
        stop.set()
        await running
