"""What is done to a person, or said to the next operator: nothing more to them; a note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from engine.operations.journal import LONGEST
from engine.operations.model import Done, Preview, Scope, Target
from seqconsole.text import count
from seqconsole.turns import Turns

if TYPE_CHECKING:
    from seqconsole.actions import Desk, Release

NOTE: Final = "A note for the next shift"
ABOUT_NOTE: Final = (
    "It stands in the journal (6), and in what changed since the next operator was last here (0)."
)


class PersonVerbs(Protocol):
    """The operations of `engine.operations` on people, and the note."""

    async def note(self, text: str) -> Done:
        """A line in the journal."""

    async def preview_suppress(self, target: Target) -> Preview:
        """What of theirs would not be sent; n is the number of people who are not suppressed yet."""

    async def suppress(self, target: Target, pinned: str) -> Done:
        """Nothing more to these people, in any sequence, at once."""


class PersonActions(Turns):
    """The operator's verbs about people, and the note."""

    def __init__(self, verbs: PersonVerbs, desk: Desk) -> None:
        super().__init__(desk)
        self._people = verbs

    def note(self) -> None:
        """Leave a line for the next shift."""

        async def act(release: Release) -> None:
            text = await self._desk.ask_line(NOTE, ABOUT_NOTE, LONGEST, release)
            if text is None:
                return
            if not text.strip():
                self._desk.say("A note needs some text: nothing was written", bad=True)
                return
            await self._do(lambda: self._people.note(text))

        self._begin(act)

    def suppress(self, phone_keys: Sequence[str]) -> None:
        """Send nothing more to these people, after a question that says what they would not get."""
        target = Target(Scope.CONTACT, tuple(phone_keys))

        async def act(release: Release) -> None:
            preview = await self._previewed(lambda: self._people.preview_suppress(target))
            if preview is None:
                return
            if not preview.n:
                self._desk.say(f"{preview.title} " + " ".join(preview.lines[1:]), bad=True)
                return
            yes = f"Yes, {count(preview.n)}"
            if await self._agreed(preview, yes, release, danger=True):
                await self._do(lambda: self._people.suppress(target, preview.pinned))

        self._begin(act)
