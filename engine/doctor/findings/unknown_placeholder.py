"""Steps whose text asks for what no contact has."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="unknown-placeholder",
    title="unknown placeholders",
    what="Texts with a placeholder that is no column, or that offers several texts.",
    why="Nobody is sent braces: such a step waits at the gate `text` until its text is mended.",
    unit="steps",
    repair="Write {name}, {first_name}, {phone} or an enrolled column, each with a |fallback if you like",
    adopted_sql="unknown_placeholder_adopted",
)
