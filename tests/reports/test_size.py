"""At two million deliveries and a million attempts: what launch reads stays quick, a month is read in seconds."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from engine.reports.figures import figures
from engine.reports.history import history
from engine.reports.month import By, month_report
from engine.reports.since import changes_since
from engine.store import Database
from tests.operations.scene import ME
from tests.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.large]

# Without triggers: only the reading matters here.
FILL = """
    SET session_replication_role = replica;
    INSERT INTO user_devices (user_id, device_name) SELECT gen_random_uuid(), 'd' || i FROM generate_series(1, 3000) i;
    INSERT INTO seqconsole.devices (device_id, slot_at) SELECT id, now() FROM user_devices;
    INSERT INTO sequences (name) SELECT 's' || i FROM generate_series(1, 10) i;
    INSERT INTO sequence_steps (sequence_id, day_number) SELECT id, d FROM sequences, generate_series(1, 3) d;
    CREATE TEMP TABLE bulk AS
        SELECT gen_random_uuid() AS message, d.id AS device, s.id AS step, '601' || (10000000 + i) AS phone, i
        FROM generate_series(1, 2000000) i
        JOIN (SELECT id, row_number() OVER () n FROM user_devices) d ON d.n = 1 + i % 3000
        JOIN (SELECT id, row_number() OVER () n FROM sequence_steps) s ON s.n = 1 + i % 30;
    INSERT INTO seqconsole.deliveries (phone_key, step_id, message_id, device_id, outcome, evidence, settled_at)
        SELECT phone, step, message, device, 's', 'g', now() - i * interval '1 s' FROM bulk;
    INSERT INTO seqconsole.attempts (id, claimed_at, message_id, phone_key, step_id, device_id, worker_id, lease_until,
                                     outcome, evidence, settled_at)
        SELECT gen_random_uuid(), now() - i * interval '60 ms', message, phone, step, device, message, now(), 'sent', 'gateway',
               now() - i * interval '60 ms' + interval '2 s' FROM bulk WHERE i <= 1000000;
    INSERT INTO seqconsole.progress (track, phone_key, sequence_id, step_id, message_id, device_id, state, at)
        SELECT message, phone, step, step, message, device, 'r', now() - interval '1 min' FROM bulk WHERE i > 1500000;
    VACUUM ANALYZE
"""


async def test_reading_at_size(world: World, database: Database) -> None:
    for statement in FILL.split(";\n"):
        world.connection.execute(statement.encode())
    took = {}

    async def timed(name: str, work):  # type: ignore[no-untyped-def]
        began = time.monotonic()
        found = await work
        took[name] = time.monotonic() - began
        return found

    everything = (By.USER, By.SEQUENCE, By.DEVICE)
    month = await timed("month", month_report(database, "this", everything))
    since = await timed("since", changes_since(database, ME, world.now() - timedelta(hours=12)))
    person = await timed("history", history(database, "60110000005"))
    await timed("figures", figures(database))
    print({name: f"{seconds:.2f} s" for name, seconds in took.items()})
    assert month.total.sent > 1_000_000
    assert any("sent of" in line.text for line in since.lines)
    assert [event.what for event in person.events] == ["tried", "sent"]
    assert took["since"] < 5
    assert took["history"] < 1
    assert took["month"] < 60
