"""Unique keys that allow a contact fewer rows than it has steps."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="legacy-key",
    title="keys of one row a contact",
    what="A unique key over the phone without the step's id.",
    why="A contact's second step can't be inserted: enrolment fails after step 1.",
    unit="keys",
    repair="Drop it; the true key takes its place",
)
