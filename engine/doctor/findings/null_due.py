"""First steps and messages without a time."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="null-due",
    title="no due time",
    what="Pending rows of a first step, and pending messages, without a due time.",
    why=(
        "Other senders count them and never take them; here they are due when first seen, plus "
        "the delay."
    ),
    unit="rows",
    repair="Write next_trigger_time, or scheduled_at of the message",
    grave=False,
)
