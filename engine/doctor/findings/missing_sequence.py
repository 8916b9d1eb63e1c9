"""Contact rows whose sequence is not there."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="missing-sequence",
    title="rows of a lost sequence",
    what="Open contact rows of which the sequence is empty or gone.",
    why="They belong to nothing and are never sent.",
    unit="contact rows",
    repair="seqconsole skip --ids ROW, or enter the sequence again under its id",
    grave=False,
)
