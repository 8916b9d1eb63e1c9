"""The doctor in the background: its checks take too long for a refresh, so what it said is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from engine.doctor import Report
from engine.store import StoreError


@dataclass(frozen=True, slots=True)
class Examination:
    """The last report, if there is one; whether the doctor is looking now; why it could not look."""

    report: Report | None = None
    running: bool = False
    failure: str = ""


class Examiner:
    """Runs the doctor when a new turn is asked for, one run at a time. Belongs to one event loop."""

    def __init__(self, examine: Callable[[], Coroutine[Any, Any, Report]]) -> None:
        self._examine = examine
        self._turn = -1
        self._task: asyncio.Task[Report] | None = None
        self._said = Examination()

    def state(self, turn: int) -> Examination:
        """What is known now. Sends for the doctor where this turn was not asked for before."""
        task = self._task
        if task is not None and task.done():
            self._said, self._task = self._outcome(task), None
        if turn > self._turn and self._task is None:
            self._turn = turn
            self._task = asyncio.create_task(self._examine())
        return Examination(self._said.report, self._task is not None, self._said.failure)

    def _outcome(self, task: asyncio.Task[Report]) -> Examination:
        if task.cancelled():
            return Examination(self._said.report)
        error = task.exception()
        if error is None:
            return Examination(task.result())
        line = str(error) if isinstance(error, StoreError) else type(error).__name__
        return Examination(self._said.report, failure=line)
