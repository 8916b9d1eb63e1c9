"""Devices that say they have the same phone."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="duplicate-device-phone",
    title="devices of one phone",
    what="Devices that say they have the same phone.",
    why="One number sends for both, so its limit counts twice.",
    unit="phones",
    repair="Correct the phone, or retire one: seqconsole pause, then seqconsole reassign --device",
)
