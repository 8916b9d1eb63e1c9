"""The end of a console by a fault of its own: one line that says where, and nothing of the data.

Textual's own crash report prints the local variables of every frame, hence phones and texts.
"""

from __future__ import annotations

import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.segment import Segment, Segments
from textual.app import App
from textual.worker import WorkerFailed


def crash_line(error: BaseException) -> str:
    """The kind of an error and the places it came through last; never its text."""
    cause = error.error if isinstance(error, WorkerFailed) else error
    frames = traceback.extract_tb(cause.__traceback__)[-3:]
    places = " < ".join(
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )
    return (
        f"seqconsole: internal error: {type(cause).__name__}"
        + (f" at {places}" if places else "")
        + ". The database is as the last operation left it."
    )


class QuietCrash(App[int]):
    """An app whose crash report holds no value of any variable; its return code is 1."""

    def _handle_exception(self, error: Exception) -> None:
        self._return_code = 1
        if self._exception is None:
            # The console's markup and highlighting would break the line.
            self._exit_renderables.append(Segments([Segment(f"{crash_line(error)}\n")]))
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """End with one line; what Textual would print is a traceback of its input thread."""
        self._return_code = 1
        line = "seqconsole: internal error: the terminal's input cannot be read any more."
        self._exit_renderables.append(Segments([Segment(f"{line}\n")]))
        self._close_messages_no_wait()


def one_line_each() -> None:
    """Faults of threads and of objects on their way out are one line too, without any value.

    A handler that is not Python's own (a debugger's, a test runner's) stays.
    """

    def thread(given: threading.ExceptHookArgs) -> None:
        if given.exc_value is not None:
            sys.stderr.write(f"{crash_line(given.exc_value)}\r\n")

    def unraisable(given: Any) -> None:
        if given.exc_value is not None:
            sys.stderr.write(f"{crash_line(given.exc_value)}\r\n")

    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = unraisable
