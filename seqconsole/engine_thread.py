"""Runs an engine on its own event loop, in a thread that outlives the screen.

Owned by the entry point, not by the console: quit, a crash of the screen, a signal and a closed
terminal all drain it (DESIGN 7).
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from typing import Final

from engine.runtime import DRAIN_AT_MOST

GRACE: Final = DRAIN_AT_MOST + 5.0
"""Seconds after which whoever waits for the drain may leave."""

Run = Callable[[asyncio.Event], Awaitable[None]]


class EngineThread:
    """An engine beside the screen (`seqconsole.options.EngineHandle`).

    `run` works until its event is set and then drains. `in_flight` counts the messages on the
    wire; it is called from the screen's thread.
    """

    def __init__(self, run: Run, in_flight: Callable[[], int] = lambda: 0) -> None:
        self._run = run
        self._in_flight = in_flight
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the engine runs or drains."""
        return self._thread.is_alive()

    @property
    def error(self) -> BaseException | None:
        """What ended the engine, when it ended by a fault."""
        return self._error

    @property
    def in_flight(self) -> int:
        """Messages handed to the wire and not settled."""
        return self._in_flight() if self.alive else 0

    def start(self) -> None:
        """Start it; returns when its event loop runs."""
        self._thread.start()
        self._ready.wait()

    def ask_stop(self) -> None:
        """Let it drain; returns at once. Safe from any thread, and when it has ended."""
        if self._loop is None or self._stop is None:
            return
        # The loop may be closed between the look and the call: then it has ended.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stop.set)

    def join(self, seconds: float) -> bool:
        """Wait at most so long for its end; whether it has ended."""
        self._thread.join(seconds)
        return not self.alive

    def stop(self, seconds: float = GRACE) -> bool:
        """Let it drain and wait for it; whether it has ended."""
        self.ask_stop()
        return self.join(seconds)

    def _main(self) -> None:
        try:
            asyncio.run(self._work())
        except BaseException as error:
            self._error = error
        finally:
            self._ready.set()

    async def _work(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        await self._run(self._stop)
