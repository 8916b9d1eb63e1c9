"""Open contact rows that no device is assigned to."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="no-device",
    title="contacts without a device",
    what="Open contact rows without a device.",
    why=(
        "A later step keeps the device of the contact; where another sender goes by the row, it "
        "is skipped in silence."
    ),
    unit="contact rows",
    repair=(
        "seqconsole reassign: the engine gives the earliest free device of the user when the "
        "step is due"
    ),
    grave=False,
)
