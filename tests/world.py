"""A small world for tests: devices, sequences, contacts in a real database, and its clock in our hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from engine.store.infinity import register

Rows = list[dict[str, Any]]


@dataclass
class World:
    """Writes as another application would: plain SQL, no right on our schema assumed."""

    connection: psycopg.Connection[dict[str, Any]]
    user: UUID

    @classmethod
    def at(cls, dsn: str) -> World:
        connection = psycopg.connect(dsn, autocommit=True, row_factory=dict_row)
        register(connection)
        return cls(connection, uuid4())

    def run(self, sql: str, *params: Any) -> Rows:
        """Any statement; its rows, if it has some."""
        cursor = self.connection.execute(sql, params)
        return cursor.fetchall() if cursor.description else []

    def value(self, sql: str, *params: Any) -> Any:
        """The first column of the first row."""
        rows = self.run(sql, *params)
        return next(iter(rows[0].values())) if rows else None

    def setting(self, name: str, value: Any, scope: str = "database", key: str = "") -> None:
        self.run(
            "INSERT INTO seqconsole.settings (scope, key, name, value) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (scope, key, name) DO UPDATE SET value = excluded.value",
            scope,
            key,
            name,
            Jsonb(value),
        )

    def engine(self, on: bool = True) -> None:
        self.setting("engine", "on" if on else "off")

    def freeze(self, at: datetime | None = None) -> datetime:
        """Stop the database's clock (test databases only); it moves by `advance`."""
        now = at or self.value("SELECT date_trunc('second', clock_timestamp())")
        self.setting("clock_frozen", now.isoformat())
        self.setting("clock_offset", "0 seconds")
        return self.now()

    def advance(self, **by: float) -> datetime:
        offset = self.value("SELECT seqconsole.setting('clock_offset')::interval") or timedelta()
        self.setting("clock_offset", f"{(offset + timedelta(**by)).total_seconds()} seconds")
        return self.now()

    def now(self) -> datetime:
        moment: datetime = self.value("SELECT seqconsole.now()")
        return moment

    def device(
        self, name: str = "one", *, gap: tuple[int, int] = (0, 0), limit: int | None = None
    ) -> UUID:
        device: UUID = self.value(
            "INSERT INTO user_devices (user_id, device_name, status, min_delay_seconds, max_delay_seconds) "
            "VALUES (%s, %s, 'online', %s, %s) RETURNING id",
            self.user,
            name,
            *gap,
        )
        if limit is not None:
            self.setting("send_limit", limit, "device", str(device))
        return device

    def sequence(
        self, name: str = "Welcome", delays: Sequence[int | None] = (0, 24, 24)
    ) -> list[UUID]:
        """A sequence with a step for each delay (hours before it); the sequence's id, then the steps'."""
        sequence = self.value(
            "INSERT INTO sequences (user_id, name) VALUES (%s, %s) RETURNING id", self.user, name
        )
        steps = [
            self.value(
                "INSERT INTO sequence_steps (sequence_id, day_number, trigger_delay_hours, content) "
                "VALUES (%s, %s, %s, %s) RETURNING id",
                sequence,
                day,
                delay,
                f"{name} {day}",
            )
            for day, delay in enumerate(delays, start=1)
        ]
        return [sequence, *steps]

    def contact(
        self,
        sequence: Sequence[UUID],
        phone: str,
        device: UUID | None,
        *,
        name: str = "Aqil",
        statuses: Sequence[str] = ("pending",),
        due: datetime | None = None,
    ) -> list[UUID]:
        """Contact rows for the first steps of a sequence, one a status."""
        return [
            self.value(
                "INSERT INTO sequence_contacts (sequence_id, contact_phone, contact_name, current_step, "
                "sequence_stepid, status, next_trigger_time, assigned_device_id, user_id) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
                sequence[0],
                phone,
                name,
                day,
                sequence[day],
                status,
                due if day == 1 else None,
                device,
                self.user,
            )
            for day, status in enumerate(statuses, start=1)
        ]

    def message(self, device: UUID | None, phone: str, content: str = "hello") -> UUID:
        """A campaign message of another application, due now."""
        message: UUID = self.value(
            "INSERT INTO broadcast_messages (user_id, device_id, recipient_phone, content, status, scheduled_at) "
            "VALUES (%s, %s, %s, %s, 'pending', seqconsole.now()) RETURNING id",
            self.user,
            device,
            phone,
            content,
        )
        return message

    def statuses(self, table: str = "sequence_contacts") -> dict[str, int]:
        rows = self.run(f"SELECT status, count(*) AS n FROM {table} GROUP BY status")
        return {row["status"]: row["n"] for row in rows}

    def close(self) -> None:
        self.connection.close()
