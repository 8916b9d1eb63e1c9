"""How a console runs, and what it sees of an engine in the same process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from seqconsole.absence_desk import Away
from seqconsole.settings import state_home


class EngineHandle(Protocol):
    """An engine that this process runs beside the screen."""

    @property
    def alive(self) -> bool:
        """Whether it still runs."""

    @property
    def error(self) -> BaseException | None:
        """What ended it, when it ended by itself."""

    @property
    def in_flight(self) -> int:
        """Messages handed to the wire and not settled."""

    def ask_stop(self) -> None:
        """Let it drain; returns at once."""


@dataclass(frozen=True, slots=True)
class ConsoleOptions:
    """What the command line decides. `clock` gives seconds that only grow; tests own it.

    `exports` is the folder of what `ctrl+s` writes; `memory` the file that keeps how screens were
    left, None forgets with the console. `away` knows since when the operator was away, `speaks` is the
    terminal's encoding.
    """

    database_label: str = "main"
    production: bool = False
    read_only: bool = False
    ascii: bool = False
    speaks: str = "utf-8"
    theme: str = "textual-dark"
    who: str = ""
    engine: EngineHandle | None = None
    away: Away | None = None
    clock_note: str = ""
    poll_seconds: float = 1.0
    clock: Callable[[], float] = time.monotonic
    memory: Path | None = None
    exports: Path = field(default_factory=lambda: state_home() / "exports")
