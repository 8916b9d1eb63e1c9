"""Notices that another server, or an older copy of the database, answers: it may lack commits (FAULTS 15)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Server:
    """Who answers: the server by its start, the database by its oid there and by when it was adopted."""

    now: datetime
    started: datetime
    database: int
    adopted: str

    @property
    def identity(self) -> tuple[datetime, int]:
        """What stays the same while no commit can have been lost."""
        return self.started, self.database


class ServerChanged(Exception):
    """What this worker knows must be compared with the database before it claims."""


@dataclass
class Lineage:
    """The server that this worker's journal was last compared with."""

    _compared: tuple[datetime, int] | None = field(default=None, init=False)
    _doubted: bool = field(default=True, init=False)

    def changed(self, server: Server) -> bool:
        """Whether another one answers than the one compared with."""
        return self._compared is not None and self._compared != server.identity

    def compared(self, server: Server) -> None:
        """The journal was compared with it."""
        self._compared, self._doubted = server.identity, False

    def doubt(self) -> None:
        """A connection was lost: compare again."""
        self._doubted = True

    def check(self, server: Server | None) -> None:
        """Raises ServerChanged unless it is the one compared with."""
        if self._doubted or server is None or server.identity != self._compared:
            raise ServerChanged
