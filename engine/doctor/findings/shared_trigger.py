"""Running sequences of one user with the same trigger."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="shared-trigger",
    title="one way into several",
    what="Running sequences of one user that the same trigger enters.",
    why="One word enrols a lead in all of them at once.",
    unit="triggers",
    repair="Give each its own trigger, or stop one",
    grave=False,
)
