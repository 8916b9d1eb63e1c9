"""Note: a line in the journal for the next shift. It changes nothing, so nothing is undone."""

from __future__ import annotations

from engine.operations import journal
from engine.operations.model import Done, OperationRefused
from engine.store import Database


async def note(database: Database, who: str, text: str) -> Done:
    """Write a note. Raises OperationRefused where it says nothing, or more than a line holds."""
    line = journal.without_secrets(text)
    if not line:
        raise OperationRefused("a note needs some text")
    if len(" ".join(text.split())) > journal.LONGEST:
        raise OperationRefused(f"a note has at most {journal.LONGEST} characters")
    async with database.transaction(writer="operator") as tx:
        written = await journal.record(
            tx, who=who, verb="note", now=await tx.now(), n=0, summary=line
        )
    return Done(written, 0, f"noted: {line}", undoable=False)
