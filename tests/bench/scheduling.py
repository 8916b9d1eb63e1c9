"""(c) Due steps become messages: a thousand in one statement beside one by one."""

from __future__ import annotations

import time

import psycopg

from engine.scheduling import BATCH, schedule
from engine.store import Access, Database
from tests.bench.figures import Figure, at_least, interleaved
from tests.bench.fill import Filler, Fleet
from tests.bench.server import BenchServer

PART = "schedule"
DUE = "SELECT id FROM sequence_contacts WHERE status = 'pending' AND next_trigger_time <= now() LIMIT %s"
ONE_BY_ONE = (
    "SELECT c.id, c.contact_phone, c.contact_name, c.assigned_device_id, c.user_id, c.sequence_id, c.sequence_stepid "
    "FROM sequence_contacts c WHERE c.id = %s AND c.status = 'pending' FOR UPDATE SKIP LOCKED",
    "INSERT INTO broadcast_messages (user_id, device_id, sequence_id, sequence_stepid, recipient_phone, "
    "recipient_name, content, status, scheduled_at) "
    "SELECT %(user)s, %(device)s, %(sequence)s, %(step)s, %(phone)s, %(name)s, content, 'pending', now() "
    "FROM sequence_steps WHERE id = %(step)s",
    "UPDATE sequence_contacts SET status = 'active' WHERE id = %(id)s",
)


async def measure(server: BenchServer, *, waiting: int, rounds: int) -> list[Figure]:
    """Rows a second of the engine's schedule by 1,000 and by 1, and of the usual loop over rows."""
    dsn = await server.database()
    filler = Filler(dsn, Fleet(min(3000, waiting)))
    filler.wait(waiting)
    filler.close()
    plain = await server.database()
    bare = Filler(plain, Fleet(100))
    bare.wait(1000)
    bare.close()
    async with Database.open(Access(dsn)) as database:

        async def by(size: int, times: int) -> float:
            started = time.perf_counter()
            done = sum([await schedule(database, size) for _ in range(times)])
            return done / (time.perf_counter() - started)

        async def loop() -> float:
            return row_by_row(plain, 50)

        watch = await interleaved(
            rounds, {"set": lambda: by(BATCH, 2), "one": lambda: by(1, 30), "loop": loop}
        )
    for name in (dsn, plain):
        server.drop(name)
    at_once, one, usual = (watch.median(name) for name in ("set", "one", "loop"))
    return [
        Figure(PART, f"set-based, {BATCH:,} at once", f"{at_once:,.0f} rows/s"),
        Figure(PART, "the same statement, one row a transaction", f"{one:,.0f} rows/s"),
        Figure(PART, "select, insert, update, commit a row; no ledger", f"{usual:,.0f} rows/s"),
        at_least(PART, "set-based beside one row a transaction", at_once / one, 50),
        at_least(PART, "set-based beside the loop without ledger", at_once / usual, 50),
    ]


def row_by_row(dsn: str, rows: int) -> float:
    """Rows a second of a loop as applications write it: no ledger, no progress."""
    with psycopg.connect(dsn) as connection:
        due = connection.execute(DUE, [rows]).fetchall()
        connection.commit()
        started = time.perf_counter()
        for one in due:
            found = connection.execute(ONE_BY_ONE[0], one).fetchone()
            assert found is not None
            names = ("id", "phone", "name", "device", "user", "sequence", "step")
            values = dict(zip(names, found, strict=True))
            connection.execute(ONE_BY_ONE[1].encode(), values)
            connection.execute(ONE_BY_ONE[2].encode(), values)
            connection.commit()
        return rows / (time.perf_counter() - started)
