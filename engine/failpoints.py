"""Named points at which a process kills itself, for tests of crashes only."""

from __future__ import annotations

import os
import signal
from typing import Final

VARIABLE: Final = "SEQCONSOLE_FAILPOINT"


def failpoint(name: str) -> None:
    """Kill this process here when the environment asks for it."""
    if os.environ.get(VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
