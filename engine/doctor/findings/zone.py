"""The declared zone against the data."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="zone",
    title="the zone of naive times",
    what="Columns without a time zone, of which the zone is not declared or not the data's.",
    why="Messages would go out hours early or late, and rows look stuck that are not.",
    unit="columns",
    repair="Declare the zone that the other application writes in",
)
