"""Triggers on the operator's tables that are not ours."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="foreign-trigger",
    title="another application's triggers",
    what="An enabled trigger on your tables that seqconsole did not make.",
    why=(
        "It runs inside each of our writes: one that raises stops what it does not expect, one "
        "that writes changes states behind our back."
    ),
    unit="triggers",
    repair="Read its function; disable it if it changes or refuses states",
    grave=False,
)
