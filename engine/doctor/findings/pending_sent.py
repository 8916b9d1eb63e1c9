"""Pending rows whose message was sent."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="pending-sent",
    title="pending, already sent",
    what="Contact rows pending, of which the message was sent.",
    why="Whoever goes by the row sends it again.",
    unit="contact rows",
    repair="seqconsole migrate completes them; afterwards: seqconsole mark-sent --ids ROW",
)
