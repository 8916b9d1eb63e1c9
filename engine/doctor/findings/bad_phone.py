"""Contact rows whose phone can't be one."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="bad-phone",
    title="not a phone",
    what="Contact rows of which the phone can't be one: a group, a linked id, letters, nothing.",
    why="They are never sent, and equal people are not recognised by them.",
    unit="contact rows",
    repair="Correct contact_phone, or skip them: seqconsole skip --ids ROW",
    grave=False,
)
