"""States that are none of ours."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="unknown-state",
    title="states that nobody knows",
    what="Contact rows and messages in a state that means nothing here.",
    why="They are shown and never guessed at, so they are never sent.",
    unit="rows",
    repair="seqconsole release --state STATE: goes by what is known of their message",
    grave=False,
)
