"""Active contact rows that nobody will move."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="stuck-rows",
    title="stuck rows",
    what="Contact rows active for over an hour, their message neither queued nor in doubt.",
    why="Nobody will move them, so the contact's later steps never come.",
    unit="contact rows",
    repair="seqconsole release --all: goes by what is known of their message",
)
