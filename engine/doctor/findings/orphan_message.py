"""Pending messages without a device, step or sequence."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="orphan-message",
    title="queued for nobody",
    what="Pending messages without a device, or whose device, step or sequence is gone.",
    why="They count as queued and nobody ever claims them.",
    unit="messages",
    repair="seqconsole skip --ids ID",
)
