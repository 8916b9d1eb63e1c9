"""Rows of one sequence, person and step."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="duplicate-step",
    title="duplicate rows",
    what="Several rows of one sequence, person and step.",
    why=(
        "The state machine sends the step once for each; the engine holds them until they are "
        "resolved."
    ),
    unit="groups",
    repair="seqconsole duplicates --resolve",
)
