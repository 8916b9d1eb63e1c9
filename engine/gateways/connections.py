"""Connections to one gateway address, used again while that is safe.

An idle connection on which anything arrives is closed at once: a late or doubled answer must never
become the proof of another message. After an answer with bytes behind it, a connection is not kept.
"""

from __future__ import annotations

import asyncio
import ipaddress
import resource
import ssl
from pathlib import Path
from typing import ClassVar, Final, cast

import anyio
import h11
import httpx2

CONNECT_DEADLINE: Final = 10.0
"""Seconds for name, connection and TLS together."""
KEEP: Final = 4.0
"""Seconds that an idle connection is kept: less than servers do, so that ours is the end that closes."""
KEPT_AT_MOST: Final = 20
"""Idle connections of one address; all addresses together, see `kept_at_most`."""
_HEADER_CAP: Final = 16 * 1024


class Connection(asyncio.Protocol):
    """One connection: a request, its answer, and perhaps the next."""

    def __init__(self) -> None:
        self.http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEADER_CAP)
        self.requests = 0
        self._transport: asyncio.Transport | None = None
        self._arrived = asyncio.Event()
        self._error: Exception | None = None
        self._ended = False
        self._idle = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer, or of something nobody asked for."""
        if self._idle:
            self.abort()
            return
        self.http.receive_data(data)
        self._arrived.set()

    def eof_received(self) -> bool:
        """The other end writes no more."""
        self._end(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._end(exc)

    def _end(self, error: Exception | None) -> None:
        if not self._ended:
            self._ended, self._error = True, error
            self._arrived.set()

    @property
    def usable(self) -> bool:
        """Whether a request can be written."""
        return not self._ended and self._transport is not None and not self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Hand bytes to the socket; returns at once."""
        assert self._transport is not None
        self._transport.write(data)

    async def event(self) -> h11.Event | type[h11.PAUSED]:
        """The next part of the answer. Raises `OSError`, `h11.RemoteProtocolError`."""
        while True:
            event = self.http.next_event()
            if event is not h11.NEED_DATA:
                return cast("h11.Event | type[h11.PAUSED]", event)
            if self._ended:
                if self._error is not None:
                    raise self._error
                self.http.receive_data(b"")
                continue
            self._arrived.clear()
            await self._arrived.wait()

    def rest(self) -> bool:
        """Make ready for another request; False where it must not have one."""
        done = self.http.our_state is h11.DONE and self.http.their_state is h11.DONE
        if not (done and self.usable) or self.http.trailing_data[0]:
            return False
        self.http.start_next_cycle()
        self._idle = True
        return True

    def wake(self) -> None:
        """It gets another request."""
        self._idle = False

    def abort(self) -> None:
        """Close without waiting."""
        if self._transport is not None:
            self._transport.abort()
        self._end(None)


def kept_at_most() -> int:
    """Idle connections of this process, by how many files it may have open."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 64 if limit == resource.RLIM_INFINITY else max(4, min(64, limit // 16))


class Connections:
    """The connections of one address. `made` counts them."""

    _resting: ClassVar[set[Connection]] = set()

    def __init__(self, url: httpx2.URL, ca_file: Path | None = None) -> None:
        self._host = url.host
        self._port = url.port or (443 if url.scheme == "https" else 80)
        self._tls = url.scheme == "https"
        self._ca_file = ca_file
        self._context: ssl.SSLContext | None = None
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self.made = 0

    async def take(self) -> Connection:
        """One that stands. Raises `OSError`, `TimeoutError`: nothing was written then."""
        while self._idle:
            kept = self._idle.pop()
            self._resting.discard(kept)
            if kept.usable:
                kept.wake()
                self._busy.add(kept)
                return kept
        with anyio.fail_after(CONNECT_DEADLINE):
            loop = asyncio.get_running_loop()
            _, made = await loop.create_connection(
                Connection,
                self._host,
                self._port,
                ssl=self._tls_context(),
                happy_eyeballs_delay=None if _is_ip(self._host) else 0.25,
            )
        self.made += 1
        self._busy.add(made)
        return made

    def give_back(self, connection: Connection) -> None:
        """After a whole answer."""
        self._busy.discard(connection)
        full = len(self._idle) >= KEPT_AT_MOST or len(self._resting) >= kept_at_most()
        if full or not connection.rest():
            connection.abort()
            return
        connection.requests += 1
        self._idle.append(connection)
        self._resting.add(connection)
        asyncio.get_running_loop().call_later(KEEP, self._let_go, connection, connection.requests)

    def drop(self, connection: Connection) -> None:
        """After anything else."""
        self._busy.discard(connection)
        connection.abort()

    def _let_go(self, connection: Connection, requests: int) -> None:
        if connection.requests == requests and connection in self._idle:
            self._idle.remove(connection)
            self._resting.discard(connection)
            connection.abort()

    def _tls_context(self) -> ssl.SSLContext | None:
        if not self._tls:
            return None
        if self._context is None:
            self._context = ssl.create_default_context(cafile=self._ca_file)
            self._context.set_alpn_protocols(["http/1.1"])
        return self._context

    def close(self) -> None:
        """Let all of them go; requests under way end as unknown."""
        for connection in (*self._idle, *self._busy):
            connection.abort()
            self._resting.discard(connection)
        self._idle.clear()


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
