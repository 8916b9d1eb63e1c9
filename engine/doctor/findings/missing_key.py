"""The key that ON CONFLICT needs."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="missing-key",
    title="no key for ON CONFLICT",
    what=(
        "No unique key on exactly (sequence_id, contact_phone, sequence_stepid) that ON "
        "CONFLICT can infer."
    ),
    why=(
        "The other application's INSERT ... ON CONFLICT fails, and nothing keeps a step from "
        "being entered twice."
    ),
    unit="tables",
    repair="seqconsole migrate: it builds the key once no duplicate is left",
)
