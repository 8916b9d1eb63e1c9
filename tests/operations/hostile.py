"""Another application under its own role, with no right on our schema, that locks rows in any order."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg

EDITS = (
    "UPDATE sequence_contacts SET last_error = 'touched' WHERE contact_phone = ANY(%s)",
    "UPDATE broadcast_messages SET recipient_name = 'touched' WHERE recipient_phone = ANY(%s)",
    "SELECT id FROM broadcast_messages WHERE recipient_phone = ANY(%s) ORDER BY id DESC FOR UPDATE",
    "SELECT id FROM sequence_contacts WHERE contact_phone = ANY(%s) ORDER BY id DESC FOR UPDATE",
)


class Hostile:
    """Edits some of these people's rows in long transactions until it is stopped.

    It looks for a deadlock after 20 ms, so that a cycle always ends with it and never with us. Two of them share no person:
    whatever they meet in is ours.
    """

    def __init__(self, dsn: str, role: str, phones: Sequence[str], seed: int) -> None:
        self.dsn, self.role, self.phones = dsn, role, phones
        self.random = random.Random(seed)
        self.stopped = threading.Event()
        self.done = 0
        self.errors: list[str] = []
        self.thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute("SET deadlock_timeout = '20ms'")
            connection.execute(f"SET SESSION AUTHORIZATION {self.role}")  # type: ignore[call-overload]
            while not self.stopped.is_set():
                try:
                    with connection.transaction():
                        self._edit(connection)
                    self.done += 1
                except psycopg.Error as error:
                    self.errors.append(str(error))

    def _edit(self, connection: psycopg.Connection) -> None:
        for _ in range(self.random.randint(2, 5)):
            some = self.random.sample(list(self.phones), self.random.randint(1, 3))
            connection.execute(self.random.choice(EDITS), (some,))  # type: ignore[call-overload]
            time.sleep(self.random.choice((0, 0.002, 0.01)))
        if self.random.random() < 0.3:
            raise psycopg.Rollback


@contextmanager
def working(applications: Sequence[Hostile]) -> Iterator[None]:
    """While this lasts they work."""
    for one in applications:
        one.thread.start()
    try:
        yield
    finally:
        for one in applications:
            one.stopped.set()
        for one in applications:
            one.thread.join(30)
