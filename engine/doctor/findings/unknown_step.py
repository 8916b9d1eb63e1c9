"""Contact rows whose step is not there."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="unknown-step",
    title="rows of a step that is gone",
    what="Contact rows of which the step is not in sequence_steps.",
    why="Steps were made anew by an edit: these rows are never sent.",
    unit="contact rows",
    repair="seqconsole link-steps --all: links those whose day number decides",
    grave=False,
)
