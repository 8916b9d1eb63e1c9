"""Queues of any size, filled set-based: consistent rows in the operator's tables and in ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

LANES = 6
UNINDEXED = 50_000
"""More rows are loaded without indexes, which are built afterwards."""
HISTORY_PORTION = 5_000_000
DEVICES = """
    INSERT INTO user_devices (id, user_id, device_name, status, min_delay_seconds, max_delay_seconds)
    SELECT gen_random_uuid(), gen_random_uuid(), 'device-' || i, 'online', 0, 0
    FROM generate_series(1, %(devices)s) i;
    INSERT INTO seqconsole.devices (device_id, user_id, slot_at, send_limit, send_window, gap_min, gap_max, ring)
    SELECT id, user_id, seqconsole.now(), %(limit)s, %(window)s, '0', '0',
           ARRAY(SELECT seqconsole.now() - interval '3 hours' + n * interval '1 second'
                 FROM generate_series(1, %(limit)s) n)
    FROM user_devices;
    INSERT INTO sequences (id, name) SELECT gen_random_uuid(), 'lane ' || i FROM generate_series(1, %(lanes)s) i;
    INSERT INTO sequence_steps (sequence_id, day_number, trigger_delay_hours, content)
    SELECT id, 1, 0, 'hello {name}' FROM sequences;
    INSERT INTO seqconsole.settings (scope, name, value) VALUES ('database', 'engine', '"on"')
    ON CONFLICT (scope, key, name) DO UPDATE SET value = excluded.value;
    SELECT seqconsole.make_partitions((seqconsole.now() AT TIME ZONE 'UTC')::date, 9);
"""
WORK = """
    CREATE TEMP TABLE work AS
    SELECT i, '6012' || lpad((%(from)s + i)::text, 8, '0') AS phone, gen_random_uuid() AS message_id,
           gen_random_uuid() AS contact_id, d.id AS device_id, d.user_id, q.sequence_id, q.id AS step_id
    FROM generate_series(1, %(rows)s) i
    JOIN (SELECT id, user_id, row_number() OVER (ORDER BY id) - 1 AS n FROM user_devices) d
      ON d.n = (i / %(lanes)s) %% %(devices)s
    JOIN (SELECT s.id, s.sequence_id, row_number() OVER (ORDER BY s.sequence_id) - 1 AS n FROM sequence_steps s) q
      ON q.n = i %% %(lanes)s;
"""
CONTACTS = """
    INSERT INTO sequence_contacts (id, sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status,
                                   next_trigger_time, assigned_device_id, user_id)
    SELECT contact_id, sequence_id, phone, 'Aqil', 1, step_id, %(status)s, seqconsole.now() - interval '1 hour',
           device_id, user_id
    FROM work;
    INSERT INTO seqconsole.counters (scope, key, step_id, state, n, version)
    SELECT 'step', sequence_id, step_id, %(status)s, count(*), 1 FROM work GROUP BY 2, 3
    ON CONFLICT (scope, key, step_id, state) DO UPDATE SET n = counters.n + excluded.n;
"""
QUEUED = """
    INSERT INTO seqconsole.deliveries (phone_key, step_id, run, message_id, contact_id, device_id)
    SELECT phone, step_id, 1, message_id, contact_id, device_id FROM work;
    INSERT INTO broadcast_messages (id, user_id, device_id, sequence_id, sequence_stepid, recipient_phone,
                                    recipient_name, content, status, scheduled_at)
    SELECT message_id, user_id, device_id, sequence_id, step_id, phone, 'Aqil', 'hello Aqil', 'pending',
           seqconsole.now() - interval '1 hour'
    FROM work;
    INSERT INTO seqconsole.progress (track, phone_key, run, sequence_id, step_id, contact_id, message_id, device_id,
                                     state, at, due_at)
    SELECT sequence_id, phone, 1, sequence_id, step_id, contact_id, message_id, device_id, 'r',
           seqconsole.now() - interval '1 hour' + i * interval '1 microsecond', seqconsole.now() - interval '1 hour'
    FROM work;
    INSERT INTO seqconsole.counters (scope, key, state, n, version)
    SELECT 'device', device_id, 'pending', count(*), 1 FROM work GROUP BY 2
    ON CONFLICT (scope, key, step_id, state) DO UPDATE SET n = counters.n + excluded.n;
"""
WAITING = """
    INSERT INTO seqconsole.progress (track, phone_key, run, sequence_id, step_id, contact_id, device_id, state, at, due_at)
    SELECT sequence_id, phone, 1, sequence_id, step_id, contact_id, device_id, 'w',
           seqconsole.now() - interval '1 hour' + i * interval '1 microsecond', seqconsole.now() - interval '1 hour'
    FROM work;
"""
TABLES = ("broadcast_messages", "sequence_contacts", "seqconsole.progress", "seqconsole.deliveries")
KEYS = (
    "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname), "
    "format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid)) "
    "FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid = ANY (%s::regclass[])"
)
INDEXES = (
    "SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid) "
    "FROM pg_index WHERE indrelid = ANY (%s::regclass[])"
)
HISTORY = """
    INSERT INTO seqconsole.deliveries (phone_key, step_id, run, message_id, contact_id, device_id, outcome, evidence, settled_at)
    SELECT '6013' || lpad(i::text, 9, '0'), q.id, 1, gen_random_uuid(), q.contact_id, q.device_id, 's', 'g',
           seqconsole.now() - interval '30 days'
    FROM generate_series(%(from)s + 1, %(from)s + %(rows)s) i
    JOIN (SELECT s.id, gen_random_uuid() AS contact_id, gen_random_uuid() AS device_id,
                 row_number() OVER (ORDER BY s.sequence_id) - 1 AS n FROM sequence_steps s) q ON q.n = i %% %(lanes)s;
"""
ANALYZE = """
    ANALYZE user_devices; ANALYZE sequences; ANALYZE sequence_steps; ANALYZE sequence_contacts;
    ANALYZE broadcast_messages; ANALYZE seqconsole.progress; ANALYZE seqconsole.deliveries;
    ANALYZE seqconsole.devices; ANALYZE seqconsole.holds; ANALYZE seqconsole.counters;
"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Devices that send without a gap; each may send `limit` messages in `window`."""

    devices: int
    limit: int = 80
    window: str = "1 second"
    lanes: int = LANES


class Filler:
    """Fills one database; the triggers are silent meanwhile, the counters written directly."""

    def __init__(self, dsn: str, fleet: Fleet) -> None:
        self.fleet = fleet
        self._next = 0
        self._connection = psycopg.connect(dsn, autocommit=True)
        self.run("SET maintenance_work_mem = '512MB'")
        self.run("SET session_replication_role = replica")
        self._params = {
            "devices": fleet.devices,
            "limit": fleet.limit,
            "window": fleet.window,
            "lanes": fleet.lanes,
        }
        for statement in DEVICES.split(";"):
            self._statement(statement)

    def run(self, statement: str, *params: object) -> None:
        """Any statement."""
        self._connection.execute(statement.encode(), params or None)

    def value(self, statement: str, *params: object) -> object:
        """The first column of the first row."""
        row = self._connection.execute(statement.encode(), params).fetchone()
        return row[0] if row else None

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self._connection.execute(statement.encode()).fetchall()

    def queue(self, rows: int, *, contacts: bool = True) -> None:
        """Messages that are due, spread over devices and lanes."""
        again = self._without_indexes() if rows > UNINDEXED else []
        self._work(rows)
        if contacts:
            self._all(CONTACTS, status="active")
        self._all(QUEUED)
        for statement in again:
            self.run(statement)
        self._settle_down()

    def wait(self, rows: int) -> None:
        """Steps that are due and not yet queued."""
        self._work(rows)
        self._all(CONTACTS, status="pending")
        self._all(WAITING)
        self._settle_down()

    def block(self, rows: int) -> UUID:
        """A held sequence with so many due messages at the head of one device; the device."""
        self._statement("INSERT INTO sequences (name) VALUES ('held')")
        held = self.value("SELECT id FROM sequences WHERE name = 'held'")
        self.run(
            "INSERT INTO sequence_steps (sequence_id, day_number, trigger_delay_hours, content) VALUES (%s, 1, 0, 'x')",
            held,
        )
        self.run(
            "INSERT INTO seqconsole.holds (scope, key, holder) VALUES ('sequence', %s, 'operator')",
            str(held),
        )
        self._work(rows)
        device = self.value("SELECT id FROM user_devices ORDER BY id LIMIT 1")
        self.run(
            "UPDATE work SET device_id = %s, sequence_id = s.sequence_id, step_id = s.id "
            "FROM sequence_steps s WHERE s.sequence_id = %s",
            device,
            held,
        )
        self._all(QUEUED)
        self.run(
            "UPDATE seqconsole.progress SET at = at - interval '1 hour' WHERE sequence_id = %s",
            held,
        )
        self._settle_down()
        assert isinstance(device, UUID)
        return device

    def history(self, rows: int) -> None:
        """So many settled deliveries of other people."""
        if not rows:
            return
        again = self._without_indexes("seqconsole.deliveries")
        for start in range(0, rows, HISTORY_PORTION):
            self._all(HISTORY, **{"from": start, "rows": min(HISTORY_PORTION, rows - start)})
        for statement in again:
            self.run(statement)
        self.run("VACUUM (ANALYZE) seqconsole.deliveries")
        self.run("CHECKPOINT")

    def each(self, statements: str, **params: object) -> None:
        """Statements, one after another, with named parameters."""
        self._all(statements, **params)

    def close(self) -> None:
        self._connection.close()

    def _work(self, rows: int) -> None:
        self._all(WORK, **{"from": self._next, "rows": rows})
        self._next += rows

    def _without_indexes(self, *tables: str) -> list[str]:
        """Drop the indexes of the tables that are filled; the statements that build them again."""
        again = []
        for query in (KEYS, INDEXES):
            for drop, build in self._connection.execute(
                query.encode(), [list(tables or TABLES)]
            ).fetchall():
                self.run(drop)
                again.append(build)
        return again

    def _settle_down(self) -> None:
        self._all(f"DROP TABLE work; {ANALYZE} CHECKPOINT")

    def _all(self, statements: str, **params: object) -> None:
        for statement in statements.split(";"):
            self._statement(statement, **params)

    def _statement(self, statement: str, **params: object) -> None:
        if statement.strip():
            self._connection.execute(statement.encode(), {**self._params, **params})
