"""Serves the application over HTTP: uvicorn, with what it lacks against slow and too many connections."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS: Final = 10.0
"""From a connection to the end of its request's headers."""
HEADER_BYTES: Final = 16 * 1024
CONNECTIONS: Final = 200
DRAIN_SECONDS: Final = 10


class Hurried(H11Protocol):
    """One request a connection; one that does not come to its point is closed."""

    patience: float = HEADER_SECONDS
    most: int = CONNECTIONS
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Close at once what is one too many."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.abort()
        else:
            self._waiting = self.loop.call_later(self.patience, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Headers that are complete are a request: the application's own limits go on from here."""
        super().handle_events()
        if self.cycle is not None:
            self._stop_waiting()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()


class Server(uvicorn.Server):
    """A server that leaves the signals of its process to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured."""
        yield


def bound(host: str, port: int) -> socket.socket:
    """A listening address. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(CONNECTIONS)
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made


async def serve(
    application: Starlette,
    listening: socket.socket,
    stop: asyncio.Event,
    *,
    protocol: type[H11Protocol] = Hurried,
) -> None:
    """Serve until `stop`; what is inside then ends first, within DRAIN_SECONDS."""
    options: dict[str, Any] = {
        "http": protocol,
        "ws": "none",
        "loop": "asyncio",
        "lifespan": "off",
        "interface": "asgi3",
        "access_log": False,
        "log_config": None,
        "log_level": "critical",
        "proxy_headers": False,
        "server_header": False,
        "date_header": False,
        "headers": [("connection", "close")],
        "h11_max_incomplete_event_size": HEADER_BYTES,
        "backlog": CONNECTIONS,
        "timeout_keep_alive": 1,
        "timeout_graceful_shutdown": DRAIN_SECONDS,
    }
    server = Server(uvicorn.Config(application, **options))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.should_exit = True
        stopping.cancel()
        await serving
