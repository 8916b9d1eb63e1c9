"""Another application on the same tables: it sets rows back, deletes and repeats them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from tests.model.oracle import Oracle
from tests.world import World

ACTS: Final = {
    "message set back": "UPDATE broadcast_messages SET status = 'pending' WHERE id = %s",
    "message deleted": "DELETE FROM broadcast_messages WHERE id = %s",
    "message repeated": "INSERT INTO broadcast_messages (user_id, device_id, sequence_id, sequence_stepid, "
    "recipient_phone, content, status, scheduled_at) SELECT user_id, device_id, sequence_id, sequence_stepid, "
    "'+' || recipient_phone, content, 'pending', seqconsole.now() FROM broadcast_messages WHERE id = %s",
    "message failed": "UPDATE broadcast_messages SET status = 'failed' WHERE id = %s",
    "row set back": "UPDATE sequence_contacts SET status = 'pending' WHERE id = %s",
    "row deleted": "DELETE FROM sequence_contacts WHERE id = %s",
    "row repeated": "INSERT INTO sequence_contacts (sequence_id, contact_phone, contact_name, current_step, "
    "sequence_stepid, status, assigned_device_id, user_id) SELECT sequence_id, '+' || seqconsole.phone_key(contact_phone), "
    "'Twin', current_step, sequence_stepid, 'pending', assigned_device_id, user_id FROM sequence_contacts WHERE id = %s "
    "ON CONFLICT DO NOTHING",
    "row completed": "UPDATE sequence_contacts SET status = 'completed' WHERE id = %s",
    "row renamed": "UPDATE sequence_contacts SET contact_name = 'B' WHERE id = %s",
}


@dataclass
class Foreign:
    """Each act on one row, picked at random; the oracle keeps which tracks were touched."""

    world: World
    oracle: Oracle

    def act(self, pick: int) -> None:
        """One edit, if there is a row for it."""
        random = Random(pick)
        name = random.choice(sorted(ACTS))
        if name.startswith("message"):
            rows = self.world.run(
                "SELECT id, sequence_id, recipient_phone AS phone FROM broadcast_messages ORDER BY recipient_phone, content, created_at, id"
            )
        else:
            rows = self.world.run(
                "SELECT id, sequence_id, seqconsole.phone_key(contact_phone) AS phone FROM sequence_contacts "
                "ORDER BY contact_phone, sequence_id, current_step, id"
            )
        if rows:
            row: dict[str, Any] = random.choice(rows)
            self.oracle.touched.add((row["sequence_id"], row["phone"].lstrip("+")))
            self.oracle.edited.add(row["id"])
            self.world.run(ACTS[name], row["id"])
            self.oracle.note(f"foreign: {name}", f"{row['phone']} {str(row['id'])[:8]}")
