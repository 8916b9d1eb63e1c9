"""What only looks like a finding is none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.doctor import examine
from engine.store import Access, Database
from tests.world import World

pytestmark = pytest.mark.anyio

INNOCENT = {
    "side by side": {
        "settled rows without a device, or of a device that is gone": (
            "UPDATE sequence_contacts SET assigned_device_id = CASE mod(current_step, 2) WHEN 0 THEN "
            "gen_random_uuid() END WHERE status IN ('completed', 'failed') "
        ),
        "settled messages of a device that is gone": (
            "UPDATE broadcast_messages SET device_id = gen_random_uuid() WHERE status <> 'pending' "
        ),
        "later steps without a due time: it comes from the delay": (
            "UPDATE sequence_contacts SET next_trigger_time = NULL WHERE status = 'pending' AND current_step > 1 "
        ),
        "a resting sequence without a trigger": (
            "INSERT INTO sequences (name, is_active, status) VALUES ('old', false, 'active'), ('draft', true, "
            "'draft') "
        ),
        "two users with the same trigger, and with devices of the same name": (
            "INSERT INTO sequences (user_id, name, trigger) SELECT gen_random_uuid(), name, trigger FROM "
            "sequences WHERE trigger IS NOT NULL; INSERT INTO user_devices (user_id, device_name) SELECT gen_random_uuid(), device_name "
            "FROM user_devices "
        ),
        "steps that wait no time, and of no given time": (
            "UPDATE sequence_steps SET trigger_delay_hours = CASE mod(day_number, 2) WHEN 0 THEN 0 END "
        ),
        "another spelling of a phone that stands alone": (
            "UPDATE sequence_contacts SET contact_phone = '+' || contact_phone WHERE status = 'pending' "
        ),
        "a second index that is not unique, a CHECK on another column": (
            "CREATE INDEX ON sequence_contacts (sequence_id, contact_phone); ALTER TABLE sequence_contacts ADD "
            "CHECK (retry_count >= 0) "
        ),
        "a clock a minute behind the writer's": (
            "UPDATE broadcast_messages SET sent_at = now() + interval '1 minute' WHERE status = 'sent' "
        ),
    },
    "another sender at work": {
        "a message that another sender took up just now": (
            "UPDATE broadcast_messages SET status = 'processing', updated_at = now() WHERE status = 'pending' "
        ),
        "a sequence that gaps its day numbers": (
            "UPDATE sequence_steps SET day_number = day_number * 10; UPDATE sequence_contacts SET current_step = "
            "current_step * 10 "
        ),
        "a person in two sequences on different days": (
            "UPDATE sequence_contacts SET next_trigger_time = now() + interval '9 days' WHERE current_step = 5; "
            "INSERT INTO sequence_contacts (sequence_id, contact_phone, current_step, sequence_stepid, status, "
            "next_trigger_time, assigned_device_id, user_id) SELECT t.sequence_id, c.contact_phone, 1, t.id, "
            "'pending', now() + interval '20 days', c.assigned_device_id, c.user_id FROM sequence_contacts c JOIN "
            "sequences q ON q.user_id = c.user_id AND q.id <> c.sequence_id JOIN sequence_steps t ON "
            "t.sequence_id = q.id AND t.day_number = 1 WHERE c.current_step = 1 "
        ),
    },
    "a full queue": {
        "an active row of an hour ago whose message still waits in the queue": (
            "UPDATE sequence_contacts SET processing_started_at = now() - interval '5 hours', next_trigger_time = "
            "now() - interval '6 hours' WHERE status = 'active' "
        ),
        "states in capitals, and what other applications call sent": (
            "UPDATE broadcast_messages SET status = CASE status WHEN 'sent' THEN 'SUCCESS' ELSE upper(status) "
            "END; UPDATE sequence_contacts SET status = upper(status) "
        ),
    },
    "a row ahead of its message": {
        "an active row of just now whose message is not there yet": (
            "DELETE FROM broadcast_messages WHERE status = 'pending' "
        ),
    },
}
"""Sets of changes that do not disturb each other."""


@pytest.fixture
def world(wild: str) -> Iterator[World]:
    made = World.at(wild)
    yield made
    made.close()


@pytest.mark.parametrize("changes", INNOCENT.values(), ids=INNOCENT)
async def test_no_finding(wild: str, world: World, changes: dict[str, str]) -> None:
    for statements in changes.values():
        for statement in statements.split("; "):
            world.run(statement)
    async with Database.open(Access(wild)) as database:
        report = await examine(database, country="60")
    assert {f.check.name: f.examples for f in report.findings} == {}
    assert report.skipped == ()
