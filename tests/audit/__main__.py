"""python -m tests.audit --rows 5000000: the time and memory of an audit of that size, and of the repair by psql."""

from __future__ import annotations

import argparse
import asyncio
import resource
import time
from typing import Final

import psycopg

from engine.audit import Options, Result, audited
from engine.store import Access
from engine.store.sqlfiles import text
from tests.audit.psql import psql
from tests.bench.figures import machine
from tests.bench.server import running

STEPS: Final = 5
DEVICES: Final = 3000
PLANTED: Final = 1000
"""People who got step 2 twice and have two rows for the last step, whatever the size."""

FILL: Final = """
    INSERT INTO user_devices (user_id, device_name, status) SELECT gen_random_uuid(), 'device ' || i, 'online'
    FROM generate_series(1, %(devices)s) i;
    INSERT INTO sequences (name) SELECT 'sequence ' || i FROM generate_series(1, 20) i;
    INSERT INTO sequence_steps (sequence_id, day_number, trigger_delay_hours, content)
    SELECT q.id, day, 24, 'hello' FROM sequences q, generate_series(1, %(steps)s) day;
    CREATE TEMP TABLE person AS
    SELECT i, CASE i %% 3 WHEN 0 THEN '+' ELSE '' END || '6012' || lpad(i::text, 8, '0') AS phone, d.id AS device_id, d.user_id,
           q.id AS sequence_id, now() - interval '9 days' + i / %(devices)s * interval '50 seconds' AS at
    FROM generate_series(0, %(people)s - 1) i
    JOIN (SELECT id, user_id, row_number() OVER (ORDER BY id) - 1 AS n FROM user_devices) d ON d.n = i %% %(devices)s
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM sequences) q ON q.n = i %% 20;
    INSERT INTO sequence_contacts (sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status,
                                   next_trigger_time, completed_at, assigned_device_id, user_id)
    SELECT p.sequence_id, p.phone, 'Aqil', s.day_number, s.id, CASE WHEN last THEN 'pending' ELSE 'completed' END,
           CASE WHEN last THEN now() + interval '1 day' ELSE p.at + s.day_number * interval '25 hours' END,
           CASE WHEN NOT last THEN p.at + s.day_number * interval '25 hours' END, p.device_id, p.user_id
    FROM person p
    JOIN sequence_steps s USING (sequence_id)
    CROSS JOIN LATERAL (SELECT s.day_number = %(steps)s AS last) l;
    INSERT INTO broadcast_messages (user_id, device_id, sequence_id, sequence_stepid, recipient_phone, recipient_name, content,
                                    status, scheduled_at, sent_at, created_at, updated_at)
    SELECT p.user_id, p.device_id, p.sequence_id, s.id, p.phone, 'Aqil', 'hello Aqil, this is what we have for you today',
           'sent', m.at, m.at, m.at, m.at
    FROM person p
    JOIN sequence_steps s USING (sequence_id)
    CROSS JOIN LATERAL (SELECT p.at + s.day_number * interval '25 hours' AS at) m
    WHERE s.day_number < %(steps)s
    UNION ALL
    SELECT user_id, device_id, null, null, phone, 'Aqil', 'a promotion', 'sent', m.at, m.at, m.at, m.at
    FROM person CROSS JOIN LATERAL (SELECT at + interval '175 hours' AS at) m;
    INSERT INTO broadcast_messages (user_id, device_id, sequence_id, sequence_stepid, recipient_phone, content,
                                    status, scheduled_at, sent_at, created_at, updated_at)
    SELECT m.user_id, m.device_id, m.sequence_id, m.sequence_stepid, m.recipient_phone, m.content, 'sent', m.at, m.at, m.at, m.at
    FROM (SELECT b.*, p.at + interval '206 hours' AS at
          FROM person p
          JOIN sequence_steps s ON s.sequence_id = p.sequence_id AND s.day_number = 2
          JOIN broadcast_messages b ON b.recipient_phone = p.phone AND b.sequence_stepid = s.id
          WHERE p.i < %(planted)s) m;
    INSERT INTO sequence_contacts (sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status,
                                   next_trigger_time, assigned_device_id, user_id)
    SELECT p.sequence_id, p.phone, 'Aqil', %(steps)s, s.id, 'pending', now() + interval '2 days', p.device_id, p.user_id
    FROM person p
    JOIN sequence_steps s ON s.sequence_id = p.sequence_id AND s.day_number = %(steps)s
    WHERE p.i < %(planted)s;
    DROP TABLE person;
"""


def fill(dsn: str, rows: int, planted: int = PLANTED) -> None:
    """A clean database of `rows` contact rows and as many messages, but for `planted` people."""
    with psycopg.connect(dsn, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(text("operator_tables").encode())
        given = {"devices": DEVICES, "steps": STEPS, "people": rows // STEPS, "planted": planted}
        connection.execute(FILL, given)
        connection.execute("VACUUM (ANALYZE) sequence_contacts")
        connection.execute("VACUUM (ANALYZE) broadcast_messages")


async def ask(dsn: str, timeout: int = 600) -> list[Result]:
    """Every check's answer; prints each as it comes."""
    found = []
    async with audited(Access(dsn), Options(timeout=timeout, country="60", zone="UTC")) as audit:
        async for result in audit.results():
            print(f"{result.check.name:<24}{result.state.value:<12}{result.found or result.noted:>7}{result.seconds:9.1f} s",
                  result.why, flush=True)  # fmt: skip
            found.append(result)
    return found


def main() -> None:
    """Fill, ask, mend by hand, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit", description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=5_000_000, help="contact rows, and as many messages"
    )
    parser.add_argument("--timeout", type=int, default=600, help="seconds a check may take")
    given = parser.parse_args()
    with running() as server:
        dsn = asyncio.run(server.database(adopted=False))
        started = time.monotonic()
        fill(dsn, given.rows)
        print(
            f"filled {given.rows} contact rows and as many messages in {time.monotonic() - started:.0f} s"
        )
        started = time.monotonic()
        results = asyncio.run(ask(dsn, given.timeout))
        spent = time.monotonic() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"all {len(results)} checks in {spent:.0f} s; this process at most {peak:.0f} MB resident"
        )
        started = time.monotonic()
        answer = psql(dsn, "fix_sequence_duplicates", seconds=3600, country="60", zone="UTC")
        assert answer.code == 0, answer.err
        print(
            f"fix_sequence_duplicates.sql in {time.monotonic() - started:.0f} s, {answer.after('this run')[0]}"
        )
        print(machine(server.version()))


if __name__ == "__main__":
    main()
