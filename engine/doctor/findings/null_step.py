"""Contact rows without a step id."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="null-step",
    title="rows without a step id",
    what="Contact rows of which the step id is empty.",
    why="They are never sent, and any number of them passes the unique key.",
    unit="contact rows",
    repair="seqconsole link-steps --all: links those whose day number decides",
    grave=False,
)
