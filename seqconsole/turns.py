"""The course of an action: in its turn, with its question, ending in one clear line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from engine.operations.model import Done, OperationRefused, Preview
from engine.store.errors import StoreError
from seqconsole.text import harmless

if TYPE_CHECKING:
    from seqconsole.actions import Desk, Release

Result = TypeVar("Result")


class Turns:
    """Actions run one after the other, in the order of their keys."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turn = asyncio.Lock()

    def _begin(self, act: Callable[[Release], Awaitable[None]]) -> None:
        release = self._desk.hold_keys()

        async def run() -> None:
            try:
                async with self._turn:
                    await act(release)
            finally:
                release()

        self._desk.start(run())

    async def _tried(self, act: Callable[[], Awaitable[Result]]) -> Result | None:
        """The result, or None and the reason as a line."""
        try:
            return await act()
        except (OperationRefused, StoreError) as error:
            self._desk.say(harmless(error, 300), bad=True)
        # An action must never end the console; the kind of a fault is all that may be shown.
        except Exception as error:
            self._desk.say(f"internal error ({type(error).__name__}); nothing changed", bad=True)
        return None

    async def _previewed(self, act: Callable[[], Awaitable[Preview]]) -> Preview | None:
        return await self._tried(act)

    async def _agreed(
        self, preview: Preview, yes: str, release: Release, *, danger: bool = False
    ) -> bool:
        lines = (*preview.lines, *(f"refused: {line}" for line in preview.refused))
        return await self._ask(preview.title, lines, yes, release, danger=danger)

    async def _ask(
        self, title: str, lines: Sequence[str], yes: str, release: Release, *, danger: bool = False
    ) -> bool:
        return await self._desk.ask(title, lines, yes=yes, danger=danger, ready=release)

    async def _do(
        self, act: Callable[[], Awaitable[Done]], *, hint: bool = True, many: int = 0
    ) -> bool:
        done = await self._tried(act)
        if done is None:
            return False
        self._desk.say(done_line(done, hint=hint), bad=done.operation_id is None)
        if done.sends_from is not None and done.n:
            operation = done.operation_id if hint else None  # an undo is not undone
            self._desk.count_down(done.summary, done.sends_from, operation, many)
        elif not hint:
            self._desk.count_down("", None)
        self._desk.poke()
        return True


def done_line(done: Done, *, hint: bool = True) -> str:
    """What an operation did, in one line that ends with how to take it back."""
    line = harmless(done.summary[:1].upper() + done.summary[1:], 300)
    return (
        f"{line} · z undoes" if hint and done.undoable and done.operation_id is not None else line
    )
