"""Open contact rows whose device is not there."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="missing-device",
    title="devices that are gone",
    what="Open contact rows assigned to a device that is not there.",
    why="A deleted device left them behind: nobody sends them.",
    unit="contact rows",
    repair="Take it from them: the engine then gives them their user's earliest free device",
)
