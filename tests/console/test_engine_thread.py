"""The engine's thread: it drains when asked, and keeps what ended it."""

from __future__ import annotations

import asyncio
import threading

from seqconsole.engine_thread import EngineThread


def test_it_runs_beside_and_drains_when_asked() -> None:
    drained = threading.Event()

    async def work(stop: asyncio.Event) -> None:
        await stop.wait()
        drained.set()

    thread = EngineThread(work, lambda: 3)
    thread.start()
    assert (thread.alive, thread.in_flight) == (True, 3)
    assert thread.stop(10)
    assert drained.is_set()
    assert (thread.alive, thread.in_flight, thread.error) == (False, 0, None)
    thread.ask_stop()


def test_it_keeps_the_error_that_ended_it() -> None:
    async def work(stop: asyncio.Event) -> None:
        raise OSError("disk full")

    thread = EngineThread(work)
    thread.start()
    assert thread.stop(10)
    assert isinstance(thread.error, OSError)


def test_one_that_does_not_end_is_left() -> None:
    let_go = threading.Event()

    async def work(stop: asyncio.Event) -> None:
        await asyncio.to_thread(let_go.wait)

    thread = EngineThread(work)
    thread.start()
    assert not thread.stop(0.05)
    let_go.set()
    assert thread.stop(10)
