"""Messages of which nobody knows whether they went out."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="in-doubt",
    title="messages in doubt",
    what="Messages of which nobody knows whether they went out.",
    why="They are never sent again by themselves; their contact waits.",
    unit="messages",
    repair="seqconsole settle: look at the phone, then --sent or --not-sent",
)
