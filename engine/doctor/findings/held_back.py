"""Steps that their own rows hold back."""

from __future__ import annotations

from engine.doctor.model import Check

CHECK = Check(
    name="held-back",
    title="steps held back",
    what="The open step of a contact that its own rows hold back, for the reason it names.",
    why="Nothing opens this by itself: the contact gets neither this step nor a later one.",
    unit="contacts",
    repair="Correct the rows; or seqconsole release, retry, settle, skip, with --ids and the id",
    ours=True,
)
