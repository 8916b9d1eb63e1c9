"""Contact rows whose step belongs to another sequence."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="other-step",
    title="rows of a stranger's step",
    what="Contact rows of which the step belongs to another sequence.",
    why="They are never sent: sending would give the contact a text of a course that it is not in.",
    unit="contact rows",
    repair="seqconsole link-steps --all: links those whose day number decides",
    grave=False,
)
