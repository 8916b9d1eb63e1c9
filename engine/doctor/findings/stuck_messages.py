"""Messages that another sender took up and never ended."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="stuck-messages",
    title="stuck messages",
    what="Messages that another sender took up over an hour ago and never ended.",
    why="They may have gone out. Nobody sends them again, and their contact waits.",
    unit="messages",
    repair="seqconsole release --all: makes them in doubt, for seqconsole settle",
    adopted_sql="stuck_messages_adopted",
)
