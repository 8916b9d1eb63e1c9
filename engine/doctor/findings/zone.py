"""The declared zone of naive times against the data."""

from __future__ import annotations

from typing import Final

from engine.doctor.model import Check, Finding

CHECK = Check(
    name="zone",
    title="the zone of naive times",
    what="Columns without a time zone, of which the zone is not declared or not the data's.",
    why="Messages would go out hours early or late, and rows look stuck that are not.",
    unit="zones",
    repair="Declare the zone that the other application writes in",
)

UNTOLD: Final = "YOUR/ZONE"


def suggested(found: Finding) -> str:
    """The zone that the data suggest; empty where they do not tell."""
    statement = found.examples[0].statement or ""
    zone = statement.rpartition(" ")[2]
    return "" if zone == UNTOLD else zone
