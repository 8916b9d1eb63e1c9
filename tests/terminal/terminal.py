"""A program in a pty, with our screen before it: keys go in, and one waits for what is to be seen."""

from __future__ import annotations

import codecs
import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.terminal.screen import Screen

ROOT = Path(__file__).parents[2]
KEYS = {
    "enter": "\r",
    "escape": "\x1b[27u",  # as a key of its own: a bare ESC would take the next key along
    "tab": "\t",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "pagedown": "\x1b[6~",
    "ctrl+d": "\x04",
    "ctrl+f": "\x06",
    "ctrl+p": "\x10",
    "ctrl+q": "\x11",
    "ctrl+r": "\x12",
    "ctrl+s": "\x13",
    "ctrl+z": "\x1a",
}


class Terminal:
    """Runs a program as the only one of a terminal. `synchronised`: it knows mode 2026, so frames are counted.

    `raw` is all that the program ever wrote, `seen_at` when the last of it came (time.perf_counter).
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str] | None = None,
        synchronised: bool = True,
    ) -> None:
        self.screen = Screen(*size)
        self.raw = bytearray()
        self.seen_at = 0.0
        self._synchronised = synchronised
        self._answered = 0
        self._changed = threading.Condition()
        self._master, slave = os.openpty()
        self._set_size(*size)
        self.process = subprocess.Popen(
            list(command),
            cwd=ROOT,
            env=dict(env) if env is not None else None,
            preexec_fn=lambda: os.login_tty(slave),
            close_fds=True,
        )
        os.close(slave)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()

    def hang_up(self) -> None:
        """Close the terminal, as a lost line does."""
        if self._master >= 0:
            master, self._master = self._master, -1
            os.close(master)
            if self.process.poll() is None:
                os.kill(self.process.pid, signal.SIGHUP)

    def _read(self) -> None:
        master = self._master
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:
                return
            if not data:
                return
            arrived = time.perf_counter()
            with self._changed:
                self.seen_at = arrived
                self.raw += data
                self.screen.feed(self._decoder.decode(data))
                self._answer()
                self._changed.notify_all()

    def _answer(self) -> None:
        for query in self.screen.queries[self._answered :]:
            known = self._synchronised and query == "2026"
            self.write(f"\x1b[?{query};{2 if known else 0}$y")
        self._answered = len(self.screen.queries)

    def write(self, text: str) -> None:
        """Raw input."""
        os.write(self._master, text.encode())

    def press(self, *keys: str) -> None:
        """Keys by their names, or as text."""
        for key in keys:
            self.write(KEYS.get(key, key))

    def resize(self, columns: int, lines: int) -> None:
        """Another size, as a window manager gives it."""
        with self._changed:
            self.screen.resize(columns, lines)
        self._set_size(columns, lines)

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def until(self, condition: Callable[[str], object], seconds: float = 20) -> str:
        """Wait until a whole frame meets the condition; its text."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while "2026" in self.screen.modes or not condition(text := self.screen.text):
                left = deadline - time.monotonic()
                if left <= 0 or (not self._changed.wait(min(left, 0.5)) and self.ended):
                    raise AssertionError(f"not seen ({self.process.poll()}):\n{self.screen.text}")
            return text

    def shows(self, *words: str, seconds: float = 20) -> str:
        """Wait until all the words are on the screen; its text."""
        return self.until(lambda text: all(word in text for word in words), seconds)

    @property
    def text(self) -> str:
        """What is on the screen now."""
        with self._changed:
            return self.screen.text

    @property
    def ended(self) -> bool:
        """Whether the program has ended and all of it was read."""
        return self.process.poll() is not None and not self._reader.is_alive()

    def wait(self, seconds: float = 20) -> int:
        """Wait for the program's end; its exit code."""
        code = self.process.wait(seconds)
        self._reader.join(1)
        return code

    def attributes(self) -> list[object]:
        """The terminal's own settings (termios)."""
        return list(termios.tcgetattr(self._master))


def console_command(*arguments: str) -> list[str]:
    """The command line of the console."""
    return [sys.executable, "-m", "seqconsole", *arguments]


def environment(home: Path, dsn: str = "", **more: str) -> dict[str, str]:
    """An environment with a home of its own, and nothing of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    given = {"SEQCONSOLE_DATABASE_URL": dsn} if dsn else {}
    return {
        "LANG": "C.UTF-8",
        **kept,
        "HOME": str(home),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PYTHONPATH": str(ROOT),
        **given,
        **more,
    }
