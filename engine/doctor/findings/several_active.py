"""Contacts with more than one active step."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="several-active",
    title="several active steps",
    what="Contacts of which more than one step is active.",
    why="Two messages would go out at once, out of order; the engine holds them.",
    unit="contacts",
    repair="seqconsole keep-active --all: the earliest stays",
)
