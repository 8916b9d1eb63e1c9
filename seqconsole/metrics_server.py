"""`/metrics` and `/health` of a worker over HTTP, from threads of their own: a slow reader stops nobody."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""Of Prometheus' text format."""

PATIENCE: Final = 5.0
"""Seconds that a reader may take to ask, and the figures to be read."""

AT_ONCE: Final = 8
"""Readers at a time; one more is turned away."""


class CannotListen(Exception):
    """The address is taken, not of this machine, or not allowed; the text says which."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to a reader."""

    status: HTTPStatus
    content_type: str
    body: bytes

    @classmethod
    def of_json(cls, status: HTTPStatus, document: Any) -> Page:
        """A JSON document."""
        return cls(status, "application/json", json.dumps(document).encode() + b"\n")

    @classmethod
    def of_metrics(cls, text: bytes) -> Page:
        """Prometheus' text format."""
        return cls(HTTPStatus.OK, CONTENT_TYPE, text)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to serve. Who asks must show `token` (bearer); without one, only this machine may ask."""

    host: str
    port: int
    token: str | None = field(default=None, repr=False)


Pages = dict[str, Callable[[], Awaitable[Page]]]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: Address, pages: Pages, loop: asyncio.AbstractEventLoop) -> None:
        self.pages, self.loop = pages, loop
        self._bearer = None if address.token is None else f"Bearer {address.token}".encode()
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self.address_family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        super().__init__((address.host, address.port), _Handler)

    def lets(self, authorization: str) -> bool:
        """Whether who says this may read."""
        said = authorization.strip().encode("utf-8", "replace")
        return self._bearer is None or hmac.compare_digest(said, self._bearer)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer asks the name service for its own name

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that left or was too slow is no news."""


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE
    server_version = "seqconsole"
    sys_version = ""
    server: _Server

    def do_GET(self) -> None:
        page = self._page()
        self.send_response(page.status)
        self.send_header("Content-Type", page.content_type)
        self.send_header("Content-Length", str(len(page.body)))
        self.send_header("Cache-Control", "no-store")
        if page.status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Bearer")
        self.end_headers()
        self.wfile.write(page.body)

    def _page(self) -> Page:
        if not self.server.lets(self.headers.get("Authorization", "")):
            return Page.of_json(HTTPStatus.UNAUTHORIZED, {"error": "the token is missing or wrong"})
        made = self.server.pages.get(self.path.partition("?")[0])
        if made is None:
            return Page.of_json(HTTPStatus.NOT_FOUND, {"error": "/metrics and /health"})

        async def page() -> Page:
            async with asyncio.timeout(PATIENCE):
                return await made()

        try:
            return asyncio.run_coroutine_threadsafe(page(), self.server.loop).result(PATIENCE + 1)
        except Exception as error:
            return Page.of_json(
                HTTPStatus.SERVICE_UNAVAILABLE, {"error": f"not answered ({type(error).__name__})"}
            )

    def log_message(self, format: str, *args: Any) -> None:
        """Readers come every few seconds: nothing to log."""


@contextmanager
def serving(address: Address, pages: Pages) -> Iterator[int]:
    """Serve pages made by the running event loop; gives the port. Raises CannotListen."""
    try:
        server = _Server(address, pages, asyncio.get_running_loop())
    except OSError as error:
        raise CannotListen(error.strerror or type(error).__name__) from error
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="metrics", daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


def address(text: str, token: str | None = None) -> Address:
    """`127.0.0.1:9187`, `[::1]:9187` or `:9187` (this machine alone). Raises ValueError.

    An address that other machines reach needs a token.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{text!r} is no HOST:PORT, as 127.0.0.1:9187")
    found = Address(host.strip("[]") or "127.0.0.1", int(port), token)
    if token is None and not _is_here(found.host):
        raise ValueError(
            f"other machines reach {found.host}: set SEQCONSOLE_METRICS_TOKEN or metrics_token_file, "
            "or listen on 127.0.0.1"
        )
    return found


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
