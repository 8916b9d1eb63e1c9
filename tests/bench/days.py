"""(h) Weeks at the full rate: what grows, and what does not. The clock is moved, the work is real."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from engine.claiming import claim
from engine.rollup import roll_up_all
from engine.store import Access, Database
from engine.upkeep import upkeep
from tests.bench.figures import Figure, Stopwatch, at_most
from tests.bench.fill import Filler, Fleet
from tests.bench.server import BenchServer
from tests.engine.steps import end

PART = "days"
EARLY = 3
"""The day that the last one is compared with."""
MARK = """
    INSERT INTO seqconsole.settings (scope, name, value) VALUES ('database', 'mark', '"test"');
    UPDATE seqconsole.settings SET value = '"7 days"' WHERE scope = 'default' AND name = 'attempts_retention';
    UPDATE user_devices SET min_delay_seconds = %(gap)s, max_delay_seconds = %(gap)s;
    INSERT INTO seqconsole.settings (scope, name, value) VALUES ('default', 'send_limit', %(limit)s::text::jsonb)
        ON CONFLICT (scope, key, name) DO UPDATE SET value = excluded.value;
    UPDATE seqconsole.devices SET send_window = '1 hour', send_limit = %(limit)s,
        gap_min = make_interval(secs => %(gap)s), gap_max = make_interval(secs => %(gap)s)
"""
OFFSET = (
    "INSERT INTO seqconsole.settings (scope, name, value) VALUES ('database', 'clock_offset', to_jsonb(%s::text)) "
    "ON CONFLICT (scope, key, name) DO UPDATE SET value = excluded.value"
)
SIZES = """
    SELECT pg_total_relation_size('seqconsole.progress'), pg_total_relation_size('seqconsole.devices'),
           pg_total_relation_size('seqconsole.changes'), pg_total_relation_size('seqconsole.counters'),
           (SELECT sum(pg_total_relation_size(inhrelid))::bigint FROM pg_inherits
             WHERE inhparent = 'seqconsole.attempts'::regclass)
"""
SENT = "SELECT count(*) FROM seqconsole.deliveries WHERE outcome = 's'"


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of what must not grow, with indexes."""

    progress: int
    devices: int
    changes: int
    counters: int
    attempts: int

    @property
    def work(self) -> int:
        """All but the attempts, which stay for their retention."""
        return self.progress + self.devices + self.changes + self.counters


async def measure(server: BenchServer, *, days: int, devices: int, limit: int) -> list[Figure]:
    """Each device sends `limit` messages an hour, evenly, for so many days."""
    dsn = await server.database()
    gap = 3600 // limit
    filler = Filler(dsn, Fleet(devices, limit=limit, window="1 hour"))
    filler.each(MARK, gap=gap, limit=limit)
    watch = Stopwatch()
    sizes: list[Sizes] = []
    clock = timedelta()
    async with Database.open(Access(dsn)) as database:
        for day in range(1, days + 1):
            filler.queue(devices * limit * 24)
            clock = await _day(database, filler, clock, gap, watch, f"day {day}")
            sizes.append(Sizes(*filler.rows(SIZES)[0]))
    sent = filler.value(SENT)
    filler.close()
    server.drop(dsn)
    early, last = f"day {min(EARLY, days)}", f"day {days}"
    before, after = sizes[min(EARLY, days) - 1], sizes[-1]
    shown = f"{days} days, {devices} devices, {limit} an hour each: "
    return [
        Figure(PART, f"{shown}sent", f"{sent:,} of {devices * limit * 24 * days:,}"),
        at_most(PART, f"open work, throttle, feed and counters beside {early}", after.work / before.work, 1.5, "x"),
        Figure(PART, "of it the open work, and the throttle", f"{after.progress / 2**20:.1f} and {after.devices / 2**20:.1f} MiB"),
        Figure(PART, f"attempts, kept 7 days, {early} and {last}", f"{before.attempts / 2**20:.0f} and {after.attempts / 2**20:.0f} MiB"),
        at_most(PART, f"claim, {last} beside {early}", watch.median(last) / watch.median(early), 1.5, "x"),
    ]  # fmt: skip


async def _day(
    database: Database, filler: Filler, clock: timedelta, gap: int, watch: Stopwatch, name: str
) -> timedelta:
    """One day in steps of the gap, the roll-up each hour, upkeep at its end; the clock afterwards."""
    worker = uuid4()
    for step in range(24 * 3600 // gap):
        clock += timedelta(seconds=gap)
        filler.run(OFFSET, f"{clock.total_seconds()} seconds")
        with watch.time(name):
            taken = await claim(database, worker, 1000)
        await end(database, taken)
        if step * gap % 3600 < gap:
            await roll_up_all(database)
    await upkeep(database)
    return clock
