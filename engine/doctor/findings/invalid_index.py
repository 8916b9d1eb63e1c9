"""What an interrupted build leaves."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="invalid-index",
    title="INVALID indexes",
    what="An index that CREATE INDEX CONCURRENTLY did not finish.",
    why="No query uses it, each write pays for it, and it makes a missing key look present.",
    unit="indexes",
    repair="Drop it; `seqconsole migrate` builds ours again",
)
