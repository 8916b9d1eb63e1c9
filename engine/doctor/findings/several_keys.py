"""More than one key over the same columns."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="several-keys",
    title="keys that say the same",
    what="More than one unique key over the same three columns.",
    why="Each write pays for all of them, and a repair that drops one by name leaves the others.",
    unit="keys",
    repair="Drop all but one",
    grave=False,
)
