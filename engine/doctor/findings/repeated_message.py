"""One text queued for one person several times."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="repeated-message",
    title="queued more than once",
    what="Copies of one text that wait for the same person within an hour, outside of sequences.",
    why="A message without a step is its own: every copy is sent.",
    unit="people",
    repair="seqconsole skip --ids ID,ID: all but one of them",
)
