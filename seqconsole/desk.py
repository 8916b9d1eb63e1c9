"""What the operator's verbs need of the console: a line, a question, a countdown, keys that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from textual.widgets import Input

from engine.operations.resuming import Choice, ResumePreview, Way
from seqconsole.actions import Release
from seqconsole.state import now_of
from seqconsole.text import count
from seqconsole.widgets.banner import countdown_text
from seqconsole.widgets.choose import Choose, Option
from seqconsole.widgets.confirm import Confirm
from seqconsole.widgets.line_dialog import LineDialog

if TYPE_CHECKING:
    from seqconsole.app import Console

WAY_KEYS: Final[Mapping[Way, str]] = {Way.SPREAD: "s", Way.FULL: "f", Way.SKIP: "k"}


class ConsoleDesk:
    """The desk of `seqconsole.actions`, on a console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._countdown: tuple[str, datetime, int | None, int] | None = None

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run an action beside the screen."""
        self._console.run_worker(work, group="actions")

    def say(self, text: str, *, bad: bool = False) -> None:
        """One clear line."""
        self._console.say(text, bad=bad)

    def hold_keys(self) -> Release:
        """Keys wait until what is answered has been called."""
        held = True
        self._console.begin_preparing()

        def release() -> None:
            nonlocal held
            if held:
                held = False
                self._console.end_preparing()

        return release

    async def ask(
        self, title: str, lines: Sequence[str], *, yes: str, danger: bool, ready: Release
    ) -> bool:
        """Ask over the screen on top, whose rows keep their places meanwhile."""
        return await self._answer(Confirm(title, lines, yes=yes, danger=danger), ready)

    async def choose(
        self, preview: ResumePreview, *, yes: str, danger: bool, ready: Release
    ) -> Choice | None:
        """Ask in which of the ways of a resume."""
        options = [Option(WAY_KEYS[each.way], each.line) for each in preview.choices]
        question = Choose(
            preview.title, preview.before, options, preview.after, yes=yes, danger=danger
        )
        agreed = await self._answer(question, ready)
        return preview.choices[question.chosen] if agreed else None

    async def _answer(self, question: Confirm, ready: Release) -> bool:
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def answered(chosen: bool | None) -> None:
            if not answer.done():
                answer.set_result(bool(chosen))

        below = self._console.top
        if below is not None:
            below.hold_order()
        try:
            await self._console.push_screen(question, answered)
            ready()
            return await answer
        finally:
            if below is not None:
                below.release_order()

    async def ask_line(self, title: str, about: str, longest: int, ready: Release) -> str | None:
        """Ask for one line over the screen on top; None: given up."""
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        def answered(text: str | None) -> None:
            if not answer.done():
                answer.set_result(text)

        dialog = LineDialog(title, about, longest)
        await self._console.push_screen(dialog, answered)
        dialog.set_focus(dialog.query_one(Input))  # keys typed ahead must find the line now
        ready()
        return await answer

    def poke(self) -> None:
        """Read again now."""
        self._console.poke()

    def count_down(
        self, what: str, until: datetime | None, operation: int | None = None, many: int = 0
    ) -> None:
        """Show how long an act can be taken back."""
        self._countdown = None if until is None else (what, until, operation, many)
        self._console.redraw_frame()

    def counts_down(self) -> int | None:
        """The operation whose countdown is shown."""
        snapshot = self._console.snapshot
        if snapshot is None or self._countdown is None:
            return None
        _, until, operation, _ = self._countdown
        return operation if until > now_of(snapshot, self._console.options.clock()) else None

    def engine_is_on(self) -> bool:
        """The engine's switch as last read."""
        snapshot = self._console.snapshot
        return snapshot is not None and snapshot.overview.engine_on

    def counting(self, at: float) -> str:
        """The countdown of my own last act, else of what any operator let out; empty without one."""
        snapshot = self._console.snapshot
        if snapshot is None:
            return ""
        now, view = now_of(snapshot, at), snapshot.overview
        if self._countdown is not None:
            what, until, operation, many = self._countdown
            if until > now:
                back = "z takes it back" if operation is not None else "P pauses all"
                n = max(many, view.countdown)
                said = (_may_go_out(n), what) if n else (what, "")
                return countdown_text(
                    said[0], (until - now).total_seconds(), more=said[1], back=back
                )
            self._countdown = None
        if view.countdown and view.countdown_until is not None and view.countdown_until > now:
            left = (view.countdown_until - now).total_seconds()
            return countdown_text(
                _may_go_out(view.countdown), left, back="6, then x, takes it back"
            )
        return ""


def _may_go_out(n: int) -> str:
    return f"{count(n)} message{'' if n == 1 else 's'} may go out"
