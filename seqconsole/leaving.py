"""Leaving the console: the question of the only sender, the drain, and the signals (DESIGN 7)."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Final

from seqconsole.options import ConsoleOptions, EngineHandle
from seqconsole.state import Snapshot, due_text
from seqconsole.widgets.confirm import Confirm

if TYPE_CHECKING:
    from seqconsole.app import Console

DRAIN_AT_MOST: Final = 65.0
"""Seconds that the console shows the drain of its engine before it leaves anyway."""

SIGNALS: Final = {signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGHUP: 129}
"""What ends the console from outside, and its exit code then."""


def leaving_question(options: ConsoleOptions, snapshot: Snapshot | None) -> str:
    """What must be said before leaving; empty when nothing stops by it."""
    engine = options.engine
    if engine is None or not engine.alive or snapshot is None:
        return ""
    view = snapshot.overview
    if not view.engine_on or view.workers > 1:
        return ""
    return f"This console is the only sender: {due_text(view)} stay queued."


def draining_text(in_flight: int, seconds_left: float) -> str:
    """The line while the engine of this console drains."""
    sends = f"{in_flight} send{'' if in_flight == 1 else 's'}"
    return f"Draining {sends}… at most {max(0, int(seconds_left))} s more · q again leaves at once"


class Leaving:
    """How a console leaves: the question, then the drain of its own engine, then the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._draining_since: float | None = None

    def ask(self) -> None:
        """Leave, after the question when this is the only sender."""
        options = self._console.options
        question = leaving_question(options, self._console.snapshot)
        if not question or self._draining_since is not None:
            self.begin()
            return
        lines = (question, "They go out when an engine runs again. What is in flight ends first.")
        self._console.push_screen(Confirm("Leave?", lines, yes="Leave"), self._answered)

    def begin(self) -> None:
        """Drain and leave; while it drains: leave at once."""
        engine = self._console.options.engine
        if engine is None or not engine.alive or self._draining_since is not None:
            self._console.end(0)
            return
        self._draining_since = self._console.options.clock()
        self._console.redraw_frame()
        self._console.run_worker(self._drain(engine), group="leaving")

    def notice(self, at: float) -> str:
        """The banner while the engine drains; empty before."""
        engine = self._console.options.engine
        if self._draining_since is None or engine is None:
            return ""
        return draining_text(engine.in_flight, DRAIN_AT_MOST - (at - self._draining_since))

    def _answered(self, leave: bool | None) -> None:
        if leave:
            self.begin()

    async def _drain(self, engine: EngineHandle) -> None:
        engine.ask_stop()
        loop = asyncio.get_running_loop()
        end = loop.time() + DRAIN_AT_MOST
        # It ends in another thread, which can only be looked at.
        while engine.alive and loop.time() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        self._console.end(0)
