"""Completed rows whose message was never sent."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="completed-unsent",
    title="completed, never sent",
    what="Contact rows completed, of which every message failed, was skipped or still waits.",
    why="Completed was written when the message was queued: the contact went on without this step.",
    unit="contact rows",
    repair="seqconsole retry --ids MESSAGE, where the contact has not gone on; else nothing",
    grave=False,
)
