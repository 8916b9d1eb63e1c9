"""(g) Full load (DESIGN 5): 100 sends a second over 3,000 devices, a burst of steps falling due, a slow gateway."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from engine.gateways.protocol import Answer, Outgoing
from engine.runtime import Worker, WorkerOptions
from engine.store import Access, Database
from tests.bench.figures import Figure, Stopwatch, at_least, at_most
from tests.bench.fill import Filler, Fleet
from tests.bench.gateway import SENT, AtOnce
from tests.bench.server import BenchServer
from tests.faults.proxy import Proxy

PART = "full load"
RATE = 100.0
"""Sends a second that the limits allow."""
CONCURRENCY = 500
"""Requests at once: 100 a second of up to 5 s each."""
BURST_AT_MOST = 180.0
"""Seconds that the burst may take to be queued; what is measured begins afterwards."""
LIMITS = """
    UPDATE user_devices SET min_delay_seconds = %(gap)s, max_delay_seconds = %(gap)s;
    INSERT INTO seqconsole.settings (scope, name, value) VALUES ('default', 'send_limit', '100000')
        ON CONFLICT (scope, key, name) DO UPDATE SET value = excluded.value;
    UPDATE seqconsole.devices SET gap_min = make_interval(secs => %(gap)s), gap_max = make_interval(secs => %(gap)s),
        send_limit = 100000, slot_at = seqconsole.now() + random() * make_interval(secs => %(gap)s);
    CREATE TABLE sample AS
        SELECT DISTINCT ON (p.device_id) p.track, p.phone_key, p.contact_id, 'infinity'::timestamptz AS due
        FROM seqconsole.progress p
        JOIN (SELECT device_id FROM seqconsole.devices ORDER BY device_id LIMIT %(samples)s) d USING (device_id);
    DELETE FROM seqconsole.progress p USING sample s, seqconsole.progress other
        WHERE other.track = s.track AND other.phone_key = s.phone_key AND p.device_id = other.device_id
          AND (p.track, p.phone_key) <> (s.track, s.phone_key);
    UPDATE seqconsole.progress p SET at = s.due, due_at = s.due FROM sample s
        WHERE s.track = p.track AND s.phone_key = p.phone_key;
    UPDATE user_devices u SET min_delay_seconds = 0, max_delay_seconds = 0 FROM sample s
        JOIN seqconsole.progress p USING (track, phone_key) WHERE u.id = p.device_id;
    UPDATE seqconsole.devices d SET gap_min = '0', gap_max = '0', slot_at = seqconsole.now() FROM sample s
        JOIN seqconsole.progress p USING (track, phone_key) WHERE d.device_id = p.device_id;
    ANALYZE seqconsole.progress
"""
DUE = (
    "SELECT d.message_id, extract(epoch FROM s.due)::float8 FROM sample s "
    "JOIN seqconsole.deliveries d ON d.contact_id = s.contact_id"
)
FALL_DUE = """
    UPDATE sample SET due = seqconsole.now() + make_interval(secs => 2 + random() * (%(seconds)s - 3));
    UPDATE seqconsole.progress p SET at = s.due, due_at = s.due FROM sample s
        WHERE s.track = p.track AND s.phone_key = p.phone_key
"""
WAITING = "SELECT count(*) FROM seqconsole.progress WHERE state = 'w' AND at <= seqconsole.now()"


class Slow(AtOnce):
    """Answers SENT after half a second to five, as phones do."""

    async def send(self, message: Outgoing, *, before_write: Callable[[], None]) -> Answer:
        before_write()
        self.asked[message.message_id] = time.time()
        await asyncio.sleep(random.uniform(0.5, 5))
        return SENT


async def measure(
    server: BenchServer, *, burst: int, devices: int, samples: int, seconds: float, delay: float
) -> list[Figure]:
    """One worker with the database beside it, then with `delay` seconds before each of its answers."""
    figures = []
    for wait in (0.0, delay):
        figures += await _one(server, burst, devices, samples, seconds, wait)
    return figures


async def _one(
    server: BenchServer, burst: int, devices: int, samples: int, seconds: float, delay: float
) -> list[Figure]:
    dsn = await server.database()
    filler = Filler(dsn, Fleet(devices + samples))
    filler.wait(burst)
    filler.each(LIMITS, gap=round(devices / RATE), samples=samples)
    gateway = Slow()
    async with AsyncExitStack() as stack:
        reached = dsn
        if delay:
            proxy = await stack.enter_async_context(Proxy(dsn))
            proxy.delay, reached = delay, proxy.dsn
        journal = stack.enter_context(tempfile.TemporaryDirectory())
        began, queued = await _work(reached, gateway, Path(journal), filler, seconds)
    where = f"{delay * 1000:.0f} ms to the database: " if delay else ""
    counted = [t for t in gateway.asked.values() if began <= t < began + seconds]
    watch = Stopwatch()
    for message, due in filler.rows(DUE):
        if message in gateway.asked:
            watch.add("due", (gateway.asked[message] - due) * 1000)
    filler.close()
    server.drop(dsn)
    late = watch.quantile("due", 0.99)
    shown = f"{where}due to gateway, p99 on {samples} idle devices (median {watch.median('due'):.0f} ms)"
    return [
        at_least(
            PART, f"{where}sends a second beside {RATE:.0f}", len(counted) / seconds / RATE, 0.95
        ),
        Figure(PART, f"{where}{burst:,} steps falling due at once are queued after", queued),
        Figure(PART, shown, f"{late:.0f} ms") if delay else at_most(PART, shown, late, 250, " ms"),
    ]


async def _work(
    dsn: str, gateway: Slow, journal: Path, filler: Filler, seconds: float
) -> tuple[float, str]:
    """When the burst was queued (wall clock), and how long that took; it goes on for `seconds` more."""
    stop = asyncio.Event()
    async with Database.open(Access(dsn, max_connections=8)) as database:
        worker = Worker(database, gateway, WorkerOptions("bench", journal, concurrency=CONCURRENCY))
        started = time.time()
        running = asyncio.create_task(worker.run(stop))
        while filler.value(WAITING) and time.time() - started < BURST_AT_MOST:
            await asyncio.sleep(0.5)
        began = time.time()
        filler.each(FALL_DUE, seconds=seconds)
        await asyncio.sleep(seconds)
        stop.set()
        await running
    return began, f"{began - started:.0f} s"
