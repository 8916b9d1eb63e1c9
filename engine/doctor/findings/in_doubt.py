"""Messages of which nobody knows whether they went out."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="in-doubt",
    title="messages in doubt",
    what="Messages of which nobody knows whether they went out.",
    why="They are never sent again by themselves; their contact waits.",
    unit="messages",
    repair="Look at the phone, then seqconsole settle --sent or --not-sent, with --ids ID",
)
