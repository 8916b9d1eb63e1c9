"""One HTTP exchange with a gateway: no retry, no redirect, one deadline, a capped body."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import anyio
import h11
import httpx2

from engine.gateways.connections import Connection, Connections
from engine.gateways.hiding import without
from engine.gateways.protocol import Answer, TooLate, Verdict

DEADLINE: Final = 60.0
"""Seconds for a whole exchange; longer than the gateway's own 45 s (FAULTS, rule 4)."""
BODY_CAP: Final = 64 * 1024

_ALWAYS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "seqconsole",
}

Judge = Callable[[int, Mapping[str, str], bytes], Answer]
Whole = tuple[int, Mapping[str, str], bytes]


class Client:
    """One gateway address. It does nothing by itself and reads nothing of the environment."""

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        ca_file: Path | None = None,
    ) -> None:
        url = httpx2.URL(base_url)
        self.base = f"{url.scheme}://{url.netloc.decode('ascii')}{url.path.rstrip('/')}"
        self.connections = Connections(url, ca_file)
        self._headers = {**_ALWAYS, **(headers or {})}

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **content: Any
    ) -> httpx2.Request:
        """A request with a body given as httpx takes it: json, data, files."""
        return httpx2.Request(
            method, self.base + path, headers={**self._headers, **(headers or {})}, **content
        )

    async def aclose(self) -> None:
        """Give the connections back."""
        self.connections.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


class BodyTooBig(Exception):
    """The answer's body is over its cap."""


async def exchange(
    client: Client,
    request: httpx2.Request,
    judge: Judge,
    *,
    before_write: Callable[[], None],
    deadline: float = DEADLINE,
    secrets: Iterable[str] = (),
) -> Answer:
    """Send `request` once and judge the answer, in which no one of `secrets` is left.

    See `Gateway.send` for what it raises.
    """
    written = False
    stopped: Exception | None = None

    def about_to_write() -> None:
        nonlocal written, stopped
        try:
            before_write()
        except Exception as error:
            stopped = error
            raise
        written = True

    try:
        with anyio.fail_after(deadline):
            status, headers, body = await _roundtrip(client, request, BODY_CAP, about_to_write)
    except Exception as error:
        if isinstance(stopped, TooLate):
            return _unsent("too_late", str(stopped))
        if stopped is not None:
            raise stopped from None
        return _broken_off(error, written=written)
    return judge(status, headers, without(body, secrets))


async def fetch(client: Client, request: httpx2.Request, *, cap: int, deadline: float) -> Whole:
    """A question that sends nothing. Raises `GatewayAway` with the kind of the fault as its text."""
    try:
        with anyio.fail_after(deadline):
            return await _roundtrip(client, request, cap, lambda: None)
    except (OSError, h11.ProtocolError, BodyTooBig) as error:
        raise GatewayAway(type(error).__name__) from None


class GatewayAway(Exception):
    """A question got no whole answer."""


async def _roundtrip(
    client: Client, request: httpx2.Request, cap: int, about_to_write: Callable[[], None]
) -> Whole:
    body = request.read()
    connection = await client.connections.take()
    try:
        data = _encoded(connection, request, body)
        about_to_write()
        connection.write(data)
        whole = await _answer(connection, cap)
    except BaseException:
        client.connections.drop(connection)
        raise
    client.connections.give_back(connection)
    return whole


def _encoded(connection: Connection, request: httpx2.Request, body: bytes) -> bytes:
    events: tuple[h11.Event, ...] = (
        h11.Request(
            method=request.method, target=request.url.raw_path, headers=request.headers.raw
        ),
        h11.Data(data=body),
        h11.EndOfMessage(),
    )
    return b"".join(connection.http.send(event) or b"" for event in events)


async def _answer(connection: Connection, cap: int) -> Whole:
    status, headers, body = 0, dict[str, str](), bytearray()
    while True:
        event = await connection.event()
        if isinstance(event, h11.Response):
            status = event.status_code
            headers = {name.decode("ascii"): text.decode("latin-1") for name, text in event.headers}
        elif isinstance(event, h11.Data):
            # Raw: never decompressed, so a small bomb stays small.
            body += event.data
            if len(body) > cap:
                raise BodyTooBig(f"more than {cap} bytes")
        elif isinstance(event, h11.EndOfMessage):
            return status, headers, bytes(body)
        elif not isinstance(event, h11.InformationalResponse):
            raise h11.RemoteProtocolError("the connection ended before the answer did")


def _unsent(code: str, why: str) -> Answer:
    return Answer(Verdict.RETRY, code, body=why, written=False)


def _broken_off(error: Exception, *, written: bool) -> Answer:
    name = type(error).__name__
    if not written:
        return _unsent("connect_failed", name)
    if isinstance(error, TimeoutError):
        code = "timeout"
    elif isinstance(error, BodyTooBig):
        code = "body_too_big"
    elif isinstance(error, h11.ProtocolError):
        code = "broken_answer"
    else:
        code = "connection_lost"
    return Answer(Verdict.UNKNOWN, code, body=name)
