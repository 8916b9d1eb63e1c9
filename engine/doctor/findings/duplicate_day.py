"""Rows of one person and day number with different steps."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="duplicate-day",
    title="duplicates by day number",
    what=(
        "Rows of one sequence, person and day number with different steps, one of them empty or "
        "gone."
    ),
    why=(
        "A step was made anew and its contacts entered again. Never merged: which row is meant, "
        "only you know."
    ),
    unit="groups",
    repair="seqconsole skip --ids ROW: skips the row of the old step",
    grave=False,
)
