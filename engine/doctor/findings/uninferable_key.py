"""Unique indexes that only look like the key."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="uninferable-key",
    title="indexes that are not the key",
    what=(
        "A unique index over the phone that ON CONFLICT (sequence_id, contact_phone, "
        "sequence_stepid) can't infer."
    ),
    why=(
        "It has a WHERE, an expression or other columns, so that it reads like the key and does "
        "not serve as it."
    ),
    unit="indexes",
    repair="Drop it once the true key stands",
    grave=False,
)
