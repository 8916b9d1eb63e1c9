"""Devices of one user under one name."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="duplicate-device-name",
    title="devices of one name",
    what="Devices of one user under one name.",
    why="Who pauses by name may pause the other one.",
    unit="names",
    repair="Rename one",
    grave=False,
)
