"""Rows of one person under several spellings."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="duplicate-spelling",
    title="duplicates by spelling",
    what="Several rows of one sequence, person and step, under different spellings of the phone.",
    why="No unique key sees them; the person gets the step once for each.",
    unit="groups",
    repair="seqconsole duplicates --resolve",
)
