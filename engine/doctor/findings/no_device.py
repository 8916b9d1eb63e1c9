"""Open contact rows that no device is assigned to."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="no-device",
    title="contacts without a device",
    what="Open contact rows without a device.",
    why="The engine finds them one when they are due; a sender that goes by the row skips them in silence.",
    unit="contact rows",
    repair="Nothing: when a step is due, the engine gives it the user's earliest free device",
    grave=False,
)
