"""Running sequences that nothing lets a contact into."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="no-trigger",
    title="no way in",
    what="Running sequences without a trigger.",
    why="Nobody is enrolled, or, where empty matches everything, everybody.",
    unit="sequences",
    repair="Give it a trigger, or stop it",
    grave=False,
)
