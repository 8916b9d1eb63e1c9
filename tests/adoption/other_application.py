"""Another application that goes on working while its database is adopted; it knows nothing of us."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

PEOPLE = 400

ENROL = (
    "INSERT INTO sequence_contacts (sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status, "
    "next_trigger_time, assigned_device_id) VALUES (%s, %s, 'Aqil', %s, %s, 'pending', now() + interval '1 day', %s) "
    "ON CONFLICT (sequence_id, contact_phone, sequence_stepid) DO {}"
)
QUEUE = (
    "INSERT INTO broadcast_messages (device_id, sequence_id, sequence_stepid, recipient_phone, content, status, "
    "scheduled_at) SELECT %s, %s, %s, %s, 'hello', 'pending', now() WHERE NOT EXISTS (SELECT FROM broadcast_messages "
    "WHERE recipient_phone = %s AND sequence_stepid = %s) AND NOT EXISTS (SELECT FROM sequence_contacts "
    "WHERE contact_phone = %s AND sequence_stepid = %s AND status = 'completed')"
)


@dataclass
class OtherApplication:
    """Writes at random until it is stopped, in one thread; notes every error and warning that it meets."""

    dsn: str
    sequence: list[UUID]
    device: UUID
    seed: int
    errors: list[str] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        acts: list[Callable[[Any], None]] = [
            self._enrol, self._enrol, self._queue, self._queue, self._send, self._send, self._wait_longer,
            self._delete_contact, self._delete_message, self._many,
        ]  # fmt: skip
        with psycopg.connect(self.dsn, application_name="crm") as connection:
            connection.add_notice_handler(
                lambda d: (
                    self.errors.append(d.message_primary or "?")
                    if d.severity == "WARNING"
                    else None
                )
            )
            while not self._stop.wait(0.005):
                act = self._draw.choice(acts)
                try:
                    act(connection)
                    if self._draw.random() < 0.1:
                        connection.rollback()
                    else:
                        connection.commit()
                        self.done[act.__name__] = self.done.get(act.__name__, 0) + 1
                except psycopg.Error as error:
                    self.errors.append(f"{act.__name__}: {error}")
                    return

    def _person(self) -> str:
        return f"6012{self._draw.randrange(PEOPLE):07}"

    def _step(self) -> int:
        return self._draw.randint(1, len(self.sequence) - 1)

    def _enrol(self, connection: Any) -> None:
        step = self._step()
        how = self._draw.choice(["NOTHING", "UPDATE SET contact_name = 'Again'"])
        connection.execute(
            sql.SQL(ENROL).format(sql.SQL(how)),
            [self.sequence[0], self._person(), step, self.sequence[step], self.device],
        )

    def _queue(self, connection: Any) -> None:
        person, step = self._person(), self.sequence[self._step()]
        connection.execute(
            QUEUE, [self.device, self.sequence[0], step, person, person, step, person, step]
        )
        connection.execute(
            "UPDATE sequence_contacts SET status = 'active', processing_started_at = now() "
            "WHERE contact_phone = %s AND sequence_stepid = %s AND status = 'pending'",
            [person, step],
        )

    def _send(self, connection: Any) -> None:
        sent = connection.execute(
            "UPDATE broadcast_messages SET status = 'sent', sent_at = now(), updated_at = now() WHERE id IN "
            "(SELECT id FROM broadcast_messages WHERE status = 'pending' ORDER BY random() LIMIT 1) "
            "RETURNING recipient_phone, sequence_stepid"
        ).fetchone()
        if sent:
            connection.execute(
                "UPDATE sequence_contacts SET status = 'completed', completed_at = now() "
                "WHERE contact_phone = %s AND sequence_stepid = %s",
                sent,
            )

    def _wait_longer(self, connection: Any) -> None:
        connection.execute(
            "UPDATE sequence_contacts SET next_trigger_time = now() + interval '2 days' WHERE contact_phone = %s",
            [self._person()],
        )

    def _delete_contact(self, connection: Any) -> None:
        connection.execute(
            "DELETE FROM sequence_contacts WHERE contact_phone = %s AND status = 'pending'",
            [self._person()],
        )

    def _delete_message(self, connection: Any) -> None:
        connection.execute(
            "DELETE FROM broadcast_messages WHERE id IN (SELECT id FROM broadcast_messages "
            "WHERE status = 'pending' ORDER BY random() LIMIT 1)"
        )

    def _many(self, connection: Any) -> None:
        """One statement over many rows, as a nightly job."""
        connection.execute(
            "UPDATE sequence_contacts SET contact_name = contact_name WHERE contact_phone < %s",
            [self._person()],
        )
