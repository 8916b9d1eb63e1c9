"""The client's own end of a wait for the server.

A peer that neither answers nor closes (half-open, stopped, swallowed by a network) is heard by nobody: its
statement_timeout does not arrive, and a cancelled query of psycopg waits for the answer to its cancellation.
So the socket is shut down, which ends every wait on it with an error.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from psycopg import AsyncConnection

CHECK_LIMIT: Final = 5.0
"""Seconds in which a connection at rest must answer."""

GRACE: Final = 4.0
"""Seconds beyond the server's own limit of a statement."""

_UNITS: Final = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}


def seconds(setting: str) -> float:
    """A time as PostgreSQL's settings write it (`30s`, `10min`), in seconds. Raises ValueError."""
    found = re.fullmatch(r"(\d+)(ms|s|min|h)", setting)
    if found is None:
        raise ValueError(f"not a time: {setting!r}")
    return int(found[1]) * _UNITS[found[2]]


class Deadline:
    """Cuts a connection when the block, or what follows `renew`, takes longer than `limit` seconds."""

    def __init__(self, conn: AsyncConnection[Any], limit: float) -> None:
        self._conn = conn
        self._limit = limit
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        self.renew()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def renew(self) -> None:
        """Begin anew."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._limit, self._cut)

    def _cut(self) -> None:
        with suppress(OSError):
            if not self._conn.closed:
                with socket.socket(fileno=os.dup(self._conn.fileno())) as copy:
                    copy.shutdown(socket.SHUT_RDWR)
