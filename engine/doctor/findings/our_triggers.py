"""The change feed's triggers."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="our-triggers",
    title="triggers of ours lost",
    what="A trigger of seqconsole on your tables is missing or disabled.",
    why="What others write is no longer noticed: counters drift, new rows are not scheduled.",
    unit="triggers",
    repair="Enable it; one that is gone is made anew by its statement in sql/migrations",
    ours=True,
)
