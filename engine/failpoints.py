"""Named points at which a process kills or stops itself, for tests only."""

from __future__ import annotations

import os
import signal
from typing import Final

VARIABLE: Final = "SEQCONSOLE_FAILPOINT"


def failpoint(name: str) -> None:
    """Kill this process here when the environment asks for it; `stop NAME` stops it, once."""
    wanted = os.environ.get(VARIABLE)
    if wanted == name:
        os.kill(os.getpid(), signal.SIGKILL)
    elif wanted == f"stop {name}":
        del os.environ[VARIABLE]
        os.kill(os.getpid(), signal.SIGSTOP)
