"""(d) What a console polls each second, beside counting all rows."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import psycopg

from engine.reader import Reader
from engine.store import Access, Database
from tests.bench.figures import Figure, at_least, at_most, interleaved
from tests.bench.fill import Filler, Fleet
from tests.bench.server import BenchServer

PART = "read"
GROUP_BY = (
    "SELECT device_id, status, count(*) FROM broadcast_messages GROUP BY 1, 2",
    "SELECT sequence_id, sequence_stepid, status, count(*) FROM sequence_contacts GROUP BY 1, 2, 3",
)


async def measure(server: BenchServer, *, rows: int, devices: int, rounds: int) -> list[Figure]:
    """The views of the reader and both GROUP BYs over the same tables."""
    dsn = await server.database()
    filler = Filler(dsn, Fleet(devices, window="1 hour"))
    filler.queue(rows)
    filler.run("VACUUM ANALYZE")
    filler.close()
    with psycopg.connect(dsn, autocommit=True) as connection:
        async with Database.open(Access(dsn, read_only=True)) as database:
            reader = Reader(database)
            page = next(iter(await reader.sequences())).id

            async def group_by() -> object:
                return [connection.execute(statement).fetchall() for statement in GROUP_BY]

            watch = await interleaved(
                rounds,
                {
                    "all rows": timed(group_by),
                    "steps": timed(reader.steps),
                    "sequences": timed(reader.sequences),
                    "page of contacts": timed(lambda: reader.contacts(page, limit=50)),
                    "devices": timed(reader.devices),
                    "snapshot": timed(reader.snapshot),
                },
            )
    server.drop(dsn)
    whole = watch.median("all rows")
    visible = watch.median("sequences")
    shown = f"{rows:,} messages and contact rows, {devices:,} devices"
    return [
        Figure(PART, f"GROUP BY over all rows: {shown}", f"{whole:.0f} ms"),
        *(
            Figure(PART, f"{name}", f"{watch.median(name):.1f} ms")
            for name in watch.taken
            if name != "all rows"
        ),
        at_most(PART, "the sequences that are shown", visible, 10, " ms"),
        at_least(PART, "GROUP BY beside the sequences", whole / visible, 50),
        at_most(PART, f"all {devices:,} devices", watch.median("devices"), 10, " ms"),
        at_least(PART, "GROUP BY beside the whole snapshot", whole / watch.median("snapshot"), 50),
    ]


def timed(work: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[float]]:
    """The work as a case that answers its milliseconds."""

    async def run() -> float:
        started = time.perf_counter()
        await work()
        return (time.perf_counter() - started) * 1000

    return run
