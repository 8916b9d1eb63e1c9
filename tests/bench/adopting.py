"""(f) Adopting a database that another application made, beside a bare unique index on the same table."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg

from engine.adoption import migrate
from engine.store import Access
from engine.store.sqlfiles import text
from tests.bench.figures import Figure, at_most
from tests.bench.processor import spent
from tests.bench.server import BenchServer

PART = "adopt"
KEY = "(sequence_id, contact_phone, sequence_stepid)"
HISTORY = Path(__file__).with_name("history.sql").read_text("utf-8")


async def measure(server: BenchServer, *, rows: int, rounds: int = 3) -> list[Figure]:
    """Seconds of `migrate` on so many contact rows and as many messages, by what it reports."""
    dsn = await server.database(adopted=False)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(text("operator_tables").encode())
        connection.execute("SET synchronous_commit = off")
        for statement in HISTORY.split(";"):
            connection.execute(statement.encode(), {"rows": rows})
        connection.execute("VACUUM ANALYZE")
    bare, bare_processor = yardstick(server, dsn, rounds)
    stages: list[tuple[str, float]] = []
    before, started = spent(server.process()), time.perf_counter()
    adopted = await migrate(
        Access(dsn), country="60", report=lambda line: stages.append((line, time.perf_counter()))
    )
    ended = time.perf_counter()
    whole, processor = ended - started, spent(server.process()) - before
    server.drop(dsn)
    assert adopted.unique_key, adopted
    return [
        Figure(
            PART, f"{rows:,} contact rows: CREATE UNIQUE INDEX {KEY}", _both(bare, bare_processor)
        ),
        Figure(PART, f"migrate, with {rows:,} messages", _both(whole, processor)),
        *(Figure(PART, f"of it: {line}", f"{took:.1f} s") for line, took in parts(stages, ended)),
        at_most(PART, "migrate beside the bare index", whole / bare, 10, "x"),
        Figure(PART, "the same in processor time", f"{processor / max(bare_processor, 0.01):.3g}x"),
    ]


def yardstick(server: BenchServer, dsn: str, rounds: int) -> tuple[float, float]:
    """The quickest of some builds of the bare index: seconds by the clock, and of processor."""
    found = []
    for _ in range(rounds):
        before = spent(server.process())
        with psycopg.connect(dsn, autocommit=True) as connection:
            started = time.perf_counter()
            connection.execute(f"CREATE UNIQUE INDEX bare ON sequence_contacts {KEY}")
            took = time.perf_counter() - started
            connection.execute("DROP INDEX bare")
        found.append((took, spent(server.process()) - before))
    return min(found)


def parts(stages: list[tuple[str, float]], ended: float) -> list[tuple[str, float]]:
    """How long each reported stage took; those under half a second together."""
    stages = [(line, at) for line, at in stages if ": " not in line]  # how far an index is
    times = [at for _, at in stages[1:]] + [ended]
    took = [(line, after - at) for (line, at), after in zip(stages, times, strict=True)]
    long = [(line, seconds) for line, seconds in took if seconds >= 0.5]
    return [*long, ("all others", sum(seconds for _, seconds in took if seconds < 0.5))]


def _both(clock: float, processor: float) -> str:
    return f"{clock:.1f} s, {processor:.1f} s of processor"
