"""The right to execute the phone key."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="phone-key-private",
    title="phone_key not for everybody",
    what="The function seqconsole.phone_key may not be executed by everybody.",
    why="An index of your table calls it: without the right, another role's INSERT fails.",
    unit="functions",
    repair="Grant it",
    ours=True,
)
