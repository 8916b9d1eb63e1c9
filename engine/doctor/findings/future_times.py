"""Times that lie ahead of the clock."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="future-times",
    title="written in the future",
    what="Messages sent or created later than now.",
    why="A query adds the zone's hours by hand. A send in the future blocks its device's hour.",
    unit="messages",
    repair="Mend the query that writes them; then correct the rows",
    grave=False,
)
