"""Another application on the same tables: it sets rows back, deletes, repeats, readdresses and moves them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from tests.model.oracle import Oracle, Violation
from tests.world import World

ACTS: Final = {
    "message set back": "UPDATE broadcast_messages SET status = 'pending' WHERE id = %s",
    "message deleted": "DELETE FROM broadcast_messages WHERE id = %s",
    "message repeated": "INSERT INTO broadcast_messages (user_id, device_id, sequence_id, sequence_stepid, "
    "recipient_phone, content, status, scheduled_at) SELECT user_id, device_id, sequence_id, sequence_stepid, "
    "'+' || recipient_phone, content, 'pending', seqconsole.now() FROM broadcast_messages WHERE id = %s",
    "message replaced": "WITH gone AS (DELETE FROM broadcast_messages WHERE id = %s RETURNING *) "
    "INSERT INTO broadcast_messages (id, user_id, device_id, sequence_id, sequence_stepid, recipient_phone, content, "
    "status, scheduled_at) SELECT id, user_id, device_id, sequence_id, sequence_stepid, recipient_phone, content, "
    "'pending', seqconsole.now() FROM gone",
    "message failed": "UPDATE broadcast_messages SET status = 'failed' WHERE id = %s",
    "message in other letters": "UPDATE broadcast_messages SET status = upper(status) WHERE id = %s",
    "message readdressed": "UPDATE broadcast_messages SET recipient_phone = '60111111111' WHERE id = %s",
    "message of no step": "UPDATE broadcast_messages SET sequence_stepid = NULL WHERE id = %s",
    "message of no device": "UPDATE broadcast_messages SET device_id = NULL WHERE id = %s",
    "row set back": "UPDATE sequence_contacts SET status = 'pending' WHERE id = %s",
    "row deleted": "DELETE FROM sequence_contacts WHERE id = %s",
    "row repeated": "INSERT INTO sequence_contacts (sequence_id, contact_phone, contact_name, current_step, "
    "sequence_stepid, status, assigned_device_id, user_id) SELECT sequence_id, '+' || seqconsole.phone_key(contact_phone), "
    "'Twin', current_step, sequence_stepid, 'pending', assigned_device_id, user_id FROM sequence_contacts WHERE id = %s "
    "ON CONFLICT DO NOTHING",
    "row completed": "UPDATE sequence_contacts SET status = 'completed' WHERE id = %s",
    "row skipped": "UPDATE sequence_contacts SET status = 'skipped' WHERE id = %s",
    "row failed": "UPDATE sequence_contacts SET status = 'failed' WHERE id = %s",
    "row active": "UPDATE sequence_contacts SET status = 'active' WHERE id = %s",
    "row of no state": "UPDATE sequence_contacts SET status = NULL WHERE id = %s",
    "row readdressed": "UPDATE sequence_contacts SET contact_phone = '60111111111' WHERE id = %s "
    "AND NOT EXISTS (SELECT FROM sequence_contacts o WHERE o.contact_phone = '60111111111')",
    "row moved on": "UPDATE sequence_contacts c SET status = 'pending', sequence_stepid = s.id, current_step = s.day_number "
    "FROM sequence_steps s WHERE c.id = %s AND s.sequence_id = c.sequence_id AND s.day_number = c.current_step + 1 "
    "AND NOT EXISTS (SELECT FROM sequence_contacts o WHERE o.sequence_stepid = s.id AND o.contact_phone = c.contact_phone)",
    "row due now": "UPDATE sequence_contacts SET next_trigger_time = seqconsole.now() WHERE id = %s",
    "row renamed": "UPDATE sequence_contacts SET contact_name = 'B' WHERE id = %s",
}

DEVICE_GONE: Final = (
    "DELETE FROM user_devices WHERE id = %s RETURNING user_id, device_name, min_delay_seconds"
)
DEVICE_BACK: Final = (
    "INSERT INTO user_devices (id, user_id, device_name, status, min_delay_seconds, max_delay_seconds) "
    "VALUES (%s, %s, %s, 'online', %s, %s)"
)

UNSEEN: Final = {
    "a row without open work": "SELECT c.id FROM sequence_contacts c "
    "JOIN sequence_steps s ON s.id = c.sequence_stepid AND s.sequence_id = c.sequence_id "
    "LEFT JOIN seqconsole.deliveries d ON d.phone_key = seqconsole.phone_key(c.contact_phone) "
    "AND d.step_id = s.id AND d.run = 1 "
    "WHERE c.status IN ('pending', 'active') AND d.outcome IS DISTINCT FROM 's' AND NOT EXISTS (SELECT FROM seqconsole.progress p "
    "WHERE p.track = c.sequence_id AND p.phone_key = seqconsole.phone_key(c.contact_phone))",
    "a pending message that no one names": "SELECT m.id FROM broadcast_messages m WHERE lower(m.status) = 'pending' "
    "AND NOT EXISTS (SELECT FROM seqconsole.progress p WHERE p.message_id = m.id) "
    "AND NOT EXISTS (SELECT FROM seqconsole.findings f WHERE f.kind = 'unsendable message' AND f.key = m.id::text) "
    "AND NOT EXISTS (SELECT FROM seqconsole.deliveries d JOIN seqconsole.progress p ON p.phone_key = d.phone_key "
    "AND p.track = m.sequence_id WHERE d.message_id = m.id AND d.outcome IS NULL)",
    "work for ever without a gate": "SELECT p.message_id FROM seqconsole.progress p "
    "WHERE p.at = 'infinity' AND p.gate IS NULL",
    "queued for no device, and no gate of that": "SELECT p.message_id FROM seqconsole.progress p WHERE p.state = 'r' "
    "AND p.device_id IS NULL AND p.at < 'infinity' AND p.gate IS DISTINCT FROM 'device'",
}
"""Work that would never be done and that nothing names, whatever was done to the tables."""


@dataclass
class Foreign:
    """Each act on one row, picked at random; the oracle keeps which tracks were touched."""

    world: World
    oracle: Oracle

    def act(self, pick: int) -> None:
        """One edit, if there is a row for it."""
        random = Random(pick)
        name = random.choice([*sorted(ACTS), "device gone and back", "device gone and back"])
        if name.startswith("device"):
            self._device(random)
            return
        if name.startswith("message"):
            rows = self.world.run(
                "SELECT id, sequence_id, recipient_phone AS phone, status IN ('pending', 'sending', 'unknown') AS moving "
                "FROM broadcast_messages ORDER BY recipient_phone, content, created_at, id"
            )
        else:
            rows = self.world.run(
                "SELECT id, sequence_id, seqconsole.phone_key(contact_phone) AS phone, status = 'active' AS moving "
                "FROM sequence_contacts "
                "ORDER BY contact_phone, sequence_id, current_step, id"
            )
        if rows:
            moving = [row for row in rows if row["moving"]]
            row: dict[str, Any] = random.choice(
                moving if moving and random.random() < 0.6 else rows
            )
            self.oracle.touched.add((row["sequence_id"], row["phone"].lstrip("+")))
            self.oracle.touched.add((row["sequence_id"], "60111111111"))
            self.oracle.edited.add(row["id"])
            self.world.run(ACTS[name], row["id"])
            self.oracle.note(f"foreign: {name}", f"{row['phone']} {str(row['id'])[:8]}")

    def _device(self, random: Random) -> None:
        """A device is deleted, or one that was comes back under its id."""
        there = {row["id"] for row in self.world.run("SELECT id FROM user_devices")}
        gone = [d for d in self.oracle.devices if d not in there]
        if gone:
            device = random.choice(gone)
            gap = self.oracle.devices[device].gap.seconds
            self.world.run(DEVICE_BACK, device, self.world.user, "back", gap, gap)
            self.oracle.note("foreign: device back", str(device)[:4])
        else:
            device = random.choice(list(self.oracle.devices))
            self.world.run(DEVICE_GONE, device)
            self.oracle.note("foreign: device gone", str(device)[:4])

    def check(self) -> None:
        """Nothing waits for ever unseen, once the feed is read. Raises Violation."""
        for what, query in UNSEEN.items():
            if rows := self.world.run(query):
                raise Violation(f"{what}: {rows}")
