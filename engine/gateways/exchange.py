"""One HTTP exchange with a gateway: no retry, no redirect, one deadline, a capped body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import anyio
import httpx2

from engine.gateways.protocol import Answer, TooLate, Verdict

DEADLINE: Final = 60.0
"""Seconds for a whole exchange; longer than the gateway's own 45 s (FAULTS, rule 4)."""
CONNECT_DEADLINE: Final = 10.0
BODY_CAP: Final = 64 * 1024

_FIRST_BYTE: Final = "http11.send_request_headers.started"


def client(base_url: str, **options: Any) -> httpx2.AsyncClient:
    """A client that does nothing by itself.

    Connections are not kept: a request on a kept one that the gateway has just closed would be in
    doubt for no reason. The environment (proxies, netrc) is not read.
    """
    return httpx2.AsyncClient(
        base_url=base_url,
        trust_env=False,
        follow_redirects=False,
        http2=False,
        timeout=httpx2.Timeout(None, connect=CONNECT_DEADLINE),
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
        headers={
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "User-Agent": "seqconsole",
        },
        **options,
    )


@dataclass(slots=True)
class Exchange:
    """A request on its way: `written` turns True just before its first byte may leave.

    `stopped` is what `before_write` raised: then nothing was written.
    """

    before_write: Callable[[], None]
    written: bool = False
    stopped: Exception | None = None

    async def watch(self, event: str, _info: Mapping[str, Any]) -> None:
        """The transport's trace hook; an exception here stops the request before it is written."""
        if event != _FIRST_BYTE:
            return
        if self.written:
            raise RuntimeError("one request must not be written twice")
        try:
            self.before_write()
        except Exception as error:
            self.stopped = error
            raise
        self.written = True


async def exchange(
    http: httpx2.AsyncClient,
    request: httpx2.Request,
    judge: Callable[[int, Mapping[str, str], bytes], Answer],
    *,
    before_write: Callable[[], None],
    deadline: float = DEADLINE,
) -> Answer:
    """Send `request` once and judge the answer. See `Gateway.send` for what it raises."""
    state = Exchange(before_write)
    request.extensions["trace"] = state.watch
    try:
        with anyio.fail_after(deadline):
            status, headers, body = await _roundtrip(http, request, BODY_CAP)
    except Exception as error:
        if isinstance(state.stopped, TooLate):
            return _unsent("too_late", str(state.stopped))
        if state.stopped is not None:
            raise state.stopped from None
        return _broken_off(error, written=state.written)
    return judge(status, headers, body)


async def fetch(
    http: httpx2.AsyncClient, request: httpx2.Request, *, cap: int, deadline: float
) -> tuple[int, Mapping[str, str], bytes]:
    """A question that sends nothing. Raises `TimeoutError`, `BodyTooBig`, `httpx2.HTTPError`."""
    with anyio.fail_after(deadline):
        return await _roundtrip(http, request, cap)


class BodyTooBig(Exception):
    """The answer's body is over its cap."""


async def _roundtrip(
    http: httpx2.AsyncClient, request: httpx2.Request, cap: int
) -> tuple[int, Mapping[str, str], bytes]:
    response = await http.send(request, stream=True)
    try:
        body = bytearray()
        # Raw: never decompressed, so a small bomb stays small.
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > cap:
                raise BodyTooBig(f"more than {cap} bytes")
        return response.status_code, response.headers, bytes(body)
    finally:
        await response.aclose()


def _unsent(code: str, why: str) -> Answer:
    return Answer(Verdict.RETRY, code, body=why, written=False)


def _broken_off(error: Exception, *, written: bool) -> Answer:
    name = type(error).__name__
    if not written:
        return _unsent("connect_failed", name)
    if isinstance(error, TimeoutError | httpx2.TimeoutException):
        code = "timeout"
    elif isinstance(error, BodyTooBig):
        code = "body_too_big"
    elif isinstance(error, httpx2.RemoteProtocolError):
        code = "broken_answer"
    else:
        code = "connection_lost"
    return Answer(Verdict.UNKNOWN, code, body=name)
