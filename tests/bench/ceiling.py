"""(a) How many messages a second the throttled engine sends, beside an un-throttled queue and bare SQL."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from uuid import uuid4

import psycopg

from engine.claiming import claim
from engine.reader import Reader
from engine.store import Access, Database
from tests.bench.figures import Figure, Stopwatch, at_least, interleaved
from tests.bench.fill import Filler, Fleet
from tests.bench.processor import spent
from tests.bench.server import BenchServer
from tests.engine.steps import end

PART = "ceiling"
AT_ONCE = 1000
RAW = """
    CREATE TABLE job (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, status text NOT NULL DEFAULT 'queued', payload text);
    INSERT INTO job (payload) SELECT 'hello Aqil' FROM generate_series(1, {rows});
    CREATE INDEX job_queued ON job (id) WHERE status = 'queued';
    ANALYZE job
"""
TAKE = (
    "UPDATE job SET status = 'picked' WHERE id IN (SELECT id FROM job WHERE status = 'queued' ORDER BY id "
    "LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id"
)
COMPLETE = "UPDATE job SET status = 'done' WHERE id = ANY (%s)"
OPEN = "SELECT 1 FROM seqconsole.progress WHERE state IN ('r', 's') LIMIT 1"
SENT = "SELECT count(*) FROM seqconsole.attempts WHERE outcome = 'sent'"


Rate = tuple[float, float]
"""Messages a second of the clock, and seconds of processor time for all of them."""


async def measure(
    server: BenchServer, *, messages: int, devices: int, rounds: int, concurrency: int
) -> list[Figure]:
    """Messages a second; engines and PgQueuer workers are processes, the raw loops one connection."""

    def engines(count: int) -> Callable[[], Awaitable[Rate]]:
        return lambda: _engines(server, count, messages, devices, concurrency)

    def rivals(count: int) -> Callable[[], Awaitable[Rate]]:
        return lambda: _pgqueuer(server, count, messages)

    cases: dict[str, Callable[[], Awaitable[Rate]]] = {
        "engine, 1 worker": engines(1),
        "engine, 4 workers": engines(4),
        f"the engine's own claim and settle, {AT_ONCE:,} at once, alone": lambda: _steps(
            server, messages, devices
        ),
        f"raw SQL claim and complete, {AT_ONCE:,} at once": lambda: _raw(server, messages),
    }
    if importlib.util.find_spec("pgqueuer"):
        cases |= {"PgQueuer, 1 worker": rivals(1), "PgQueuer, 4 workers": rivals(4)}
    used = Stopwatch()

    def rated(name: str) -> Callable[[], Awaitable[float]]:
        async def run() -> float:
            rate, seconds = await cases[name]()
            used.add(name, seconds / messages * 1000)
            return rate

        return run

    watch = await interleaved(rounds, {name: rated(name) for name in cases})
    rate = {name: watch.median(name) for name in cases}
    figures = [
        Figure(PART, name, f"{value:,.0f}/s; {used.median(name):.2f} ms of processor a message")
        for name, value in rate.items()
    ]
    one, four = rate["engine, 1 worker"], rate["engine, 4 workers"]
    if "PgQueuer, 1 worker" in rate:
        figures += [
            at_least(PART, "1 worker beside PgQueuer with 1", one / rate["PgQueuer, 1 worker"], 2),
            at_least(
                PART, "4 workers beside PgQueuer with 4", four / rate["PgQueuer, 4 workers"], 3
            ),
        ]
    raw = rate[f"raw SQL claim and complete, {AT_ONCE:,} at once"]
    return [
        *figures,
        at_least(PART, "the better of both beside raw SQL", max(one, four) / raw, 0.6),
    ]


async def _engines(
    server: BenchServer, count: int, messages: int, devices: int, concurrency: int
) -> Rate:
    """From the start to the last settled message; a reader polls once a second meanwhile."""
    dsn = await _filled(server, messages, devices)
    with tempfile.TemporaryDirectory() as journals:
        command = ["tests.bench.engine_process", dsn]
        paths = [Path(journals) / str(n) for n in range(count)]
        for path in paths:
            path.mkdir()
        async with _processes([[*command, str(p), str(concurrency)] for p in paths]) as started:
            async with _polled(dsn):
                before, began = _spent(server), time.perf_counter()
                _begin(started)
                with psycopg.connect(dsn, autocommit=True) as connection:
                    while connection.execute(OPEN).fetchone():
                        await asyncio.sleep(0.05)
                    took, used = time.perf_counter() - began, _spent(server) - before
                    sent = connection.execute(SENT).fetchone()
            _begin(started)  # the second line: end
    server.drop(dsn)
    assert sent == (messages,), f"{sent} of {messages} were sent"
    return messages / took, used


async def _steps(server: BenchServer, messages: int, devices: int) -> Rate:
    """The same statements without loops, journal and gateway, in batches."""
    dsn = await _filled(server, messages, devices)
    async with Database.open(Access(dsn)) as database:
        before, began, done = _spent(server), time.perf_counter(), 0
        while done < messages:
            claims = await claim(database, uuid4(), AT_ONCE)
            await end(database, claims)
            done += len(claims)
        took, used = time.perf_counter() - began, _spent(server) - before
    server.drop(dsn)
    return messages / took, used


async def _raw(server: BenchServer, messages: int) -> Rate:
    """A plain table, two statements and two commits a batch: no throttle, no ledger, no evidence."""
    dsn = await server.database(adopted=False)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(RAW.format(rows=messages).encode())
        before, began = _spent(server), time.perf_counter()
        while taken := connection.execute(TAKE, [AT_ONCE]).fetchall():
            connection.execute(COMPLETE, [[row[0] for row in taken]])
        took, used = time.perf_counter() - began, _spent(server) - before
    server.drop(dsn)
    return messages / took, used


async def _pgqueuer(server: BenchServer, count: int, messages: int) -> Rate:
    """From the start to the end of the last worker; batches of 100, each job does nothing."""
    dsn = await server.database(adopted=False)
    for arguments in (["install", dsn], ["enqueue", dsn, str(messages)]):
        async with _processes([["tests.bench.pgqueuer_process", *arguments]], ready=False):
            pass
    async with _processes([["tests.bench.pgqueuer_process", "drain", dsn]] * count) as started:
        before, began = _spent(server), time.perf_counter()
        _begin(started)
        for process in started:
            await process.wait()
        took, used = time.perf_counter() - began, _spent(server) - before
    server.drop(dsn)
    return messages / took, used


def _spent(server: BenchServer) -> float:
    return spent(server.process(), os.getpid())


async def _filled(server: BenchServer, messages: int, devices: int) -> str:
    dsn = await server.database()
    filler = Filler(dsn, Fleet(devices, window="1 second"))
    filler.queue(messages)
    filler.close()
    return dsn


@contextlib.asynccontextmanager
async def _processes(
    commands: Sequence[Sequence[str]], *, ready: bool = True
) -> AsyncIterator[list[Process]]:
    """Python modules as processes that stand ready; left once all have ended."""
    started = [
        await create_subprocess_exec(sys.executable, "-m", *command, stdin=PIPE, stdout=PIPE)
        for command in commands
    ]
    try:
        for process in started if ready else []:
            assert process.stdout is not None
            assert await process.stdout.readline() == b"ready\n"
        yield started
        ends = [await process.wait() for process in started]
        assert not any(ends), f"{commands[0][0]} ended with {ends}"
    finally:
        for process in started:
            if process.returncode is None:
                process.kill()


def _begin(started: Sequence[Process]) -> None:
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"\n")


@contextlib.asynccontextmanager
async def _polled(dsn: str) -> AsyncIterator[None]:
    """A console's reader, once a second, for as long as the block lasts."""

    async def poll(database: Database) -> None:
        while True:
            await Reader(database).snapshot()
            await asyncio.sleep(1)

    async with Database.open(Access(dsn, read_only=True)) as database:
        polling = asyncio.create_task(poll(database))
        try:
            yield
        finally:
            polling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await polling
