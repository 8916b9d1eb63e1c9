"""Steps that are due before the one before them."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="negative-delay",
    title="negative delays",
    what="Steps that wait less than nothing.",
    why="Such a step is not scheduled.",
    unit="steps",
    repair="Give it a delay: 0 is at once, empty is 24 hours",
)
