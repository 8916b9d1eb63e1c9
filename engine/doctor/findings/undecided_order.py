"""Steps of which nothing says which comes first."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="undecided-order",
    title="sequences without an order",
    what="Sequences of which two steps share a day number, or one has none.",
    why="Which step comes first is undecided, so the sequence is not scheduled.",
    unit="sequences",
    repair="seqconsole decide-order",
)
