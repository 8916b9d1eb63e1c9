"""The world under load: devices with short windows, sequences without delays, work that never runs out."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from engine.gateways.simulator.wirelog import text_sha
from tests.soak.plan import Plan
from tests.world import World

DAYS = 3
NAMES = ("Welcome", "Course")

_CONTACTS = """
INSERT INTO sequence_contacts (sequence_id, contact_phone, contact_name, current_step, sequence_stepid,
                               status, next_trigger_time, assigned_device_id, user_id)
SELECT s.sequence_id, '6012' || lpad(n::text, 7, '0'), 'Aqil', s.day_number, s.id, 'pending',
       CASE WHEN s.day_number = 1 THEN seqconsole.now() END,
       (%(devices)s::uuid[])[1 + n %% %(count)s], %(user)s
FROM generate_series(%(first)s::int, %(last)s::int) AS n
JOIN sequence_steps s ON s.sequence_id = (%(sequences)s::uuid[])[1 + n %% 2]
"""
_MESSAGES = """
INSERT INTO broadcast_messages (user_id, device_id, recipient_phone, content, status, scheduled_at)
SELECT %(user)s, (%(devices)s::uuid[])[1 + n %% %(count)s], '6013' || lpad(n::text, 7, '0'),
       'campaign ' || n, 'pending', seqconsole.now()
FROM generate_series(%(first)s::int, %(last)s::int) AS n
WHERE n %% 5 = 0
"""


@dataclass
class Load:
    """Fills a database and keeps it filled, as another application would."""

    dsn: str
    plan: Plan
    user: UUID
    devices: list[UUID]
    sequences: list[UUID]
    people: int = field(default=0, init=False)

    @classmethod
    def create(cls, dsn: str, plan: Plan) -> Load:
        """Devices, sequences, settings; the engine is on."""
        with closing(World.at(dsn)) as world:
            world.setting("mark", "test")
            world.setting("send_window", f"{plan.window} seconds", "default")
            world.setting("send_limit", plan.limit, "default")
            world.setting("person_gap", "0 seconds", "default")
            gaps = ((0, 0), (0, 2), (0, 4))
            devices = [world.device(f"d{n}", gap=gaps[n % 3]) for n in range(plan.devices)]
            sequences = [world.sequence(name, (0,) * DAYS)[0] for name in NAMES]
            world.engine()
            load = cls(dsn, plan, world.user, devices, sequences)
        load.top_up()
        return load

    def top_up(self) -> None:
        """More people, where fewer than planned are left to be sent to."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            left = connection.execute(
                "SELECT count(*) FROM seqconsole.progress WHERE state IN ('w', 'r')"
            ).fetchone()
            if left is not None and left[0] >= self.plan.contacts:
                return
            values = {
                "user": self.user,
                "devices": self.devices,
                "count": len(self.devices),
                "sequences": self.sequences,
                "first": self.people,
                "last": self.people + self.plan.contacts - 1,
            }
            with connection.transaction():
                connection.execute(_CONTACTS, values)
                connection.execute(_MESSAGES, values)
            self.people += self.plan.contacts

    def steps(self) -> dict[str, tuple[str, int]]:
        """The log's name of each step's text: its sequence and day."""
        return {
            text_sha(f"{name} {day}"): (name, day)
            for name, day in itertools.product(NAMES, range(1, DAYS + 1))
        }


def query(dsn: str, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    """Rows, over a connection of its own."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute(sql, params).fetchall()


def patiently(act: Callable[[], Any]) -> Any:
    """What `act` gives, or None where the database is not there now."""
    try:
        return act()
    except psycopg.OperationalError:
        return None
