"""People in several sequences on one day."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="same-day",
    title="several sequences on one day",
    what="People to whom several sequences write on one day.",
    why="Two courses at once annoy people, and annoyed people report the number.",
    unit="people",
    repair="seqconsole limits --person-gap 24h spaces them; or skip one of the rows",
    grave=False,
)
