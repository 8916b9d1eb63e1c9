"""Ids that may stand twice."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="no-primary-key",
    title="tables without a key on id",
    what="A table in which nothing keeps an id from standing twice.",
    why="Rows are addressed by their id: an act on one would touch both.",
    unit="tables",
    repair="Add the key",
)
