"""CHECK constraints that know too few states."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="status-check",
    title="CHECKs that refuse our states",
    what="A CHECK on a status column that refuses a state of ours.",
    why="A message could be sent and its state not be written. `migrate` refuses such a table.",
    unit="constraints",
    repair="Drop it, or add it again with these states",
)
