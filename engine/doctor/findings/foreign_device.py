"""Open contact rows that another user's device is assigned to."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="foreign-device",
    title="devices of another user",
    what="Open contact rows assigned to a device of another user.",
    why="A stranger's number would write to the contact.",
    unit="contact rows",
    repair="Take it from them: the engine then gives them their user's earliest free device",
)
