"""Contact rows whose phone can't be one."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="bad-phone",
    title="not a phone",
    what="Open contact rows of which the phone can't be one: a group, a linked id, letters, nothing.",
    why="They are never sent, and equal people are not recognised by them.",
    unit="contact rows",
    repair="Correct contact_phone, or give the row up: the statement skips it",
    grave=False,
)
