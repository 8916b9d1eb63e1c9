"""The bytes of each simulated answer, well-formed and not, and how many sends go before it."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from engine.gateways.simulator.behaviour import Behaviour

Raw = Callable[[str], Iterable[bytes]]


class Wait(StrEnum):
    """What is waited for besides the latency: `RELEASE` before the send, the others after it."""

    NOTHING = "nothing"
    RELEASE = "release"
    LATE = "late"
    FOREVER = "forever"


@dataclass(frozen=True, slots=True)
class Reply:
    """How often the message reaches the wire, and the answer's bytes, made from the message id.

    `drip` is a pause in seconds after each piece.
    """

    sends: int
    raw: Raw
    wait: Wait = Wait.NOTHING
    drip: float = 0.0


def http(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """A complete answer that closes its connection."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    fields |= {"Connection": "close", **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{head}\r\n".encode() + body


def envelope(status: int, code: str, message: str, results: Any = None, **headers: str) -> bytes:
    """An answer in the gateway's envelope; `Retry_After="5"` gives that header."""
    body = json.dumps({"code": code, "message": message, "results": results}).encode()
    return http(status, body, {name.replace("_", "-"): text for name, text in headers.items()})


def success(message_id: str) -> bytes:
    """The gateway's proof that it has sent."""
    results = {"message_id": message_id, "status": "Message sent"}
    return envelope(200, "SUCCESS", "Message sent", results)


def _error(status: int, code: str, message: str, **headers: str) -> Raw:
    raw = envelope(status, code, message, **headers)
    return lambda _: [raw]


def _plain(status: int, body: bytes, **headers: str) -> Raw:
    raw = http(status, body, {name.replace("_", "-"): text for name, text in headers.items()})
    return lambda _: [raw]


def _success(message_id: str) -> Iterable[bytes]:
    return [success(message_id)]


def _silence(_: str) -> Iterable[bytes]:
    return []


def _truncated(message_id: str) -> Iterable[bytes]:
    return [success(message_id)[:-20]]


def _big_body(_: str) -> Iterable[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n"
    piece = b" " * 65_536
    yield from itertools.repeat(piece, 1600)


def _slow_body(message_id: str) -> Iterable[bytes]:
    head, _, body = success(message_id).partition(b"\r\n\r\n")
    yield head + b"\r\n\r\n"
    for byte in body:
        yield bytes([byte])


def _bad_chunks(_: str) -> Iterable[bytes]:
    return [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"]


def _header_flood(_: str) -> Iterable[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    for number in range(100_000):
        yield f"X-Flood-{number}: {'x' * 1000}\r\n".encode()


def _gzip_bomb(_: str) -> Iterable[bytes]:
    bomb = gzip.compress(b" " * 50_000_000, compresslevel=1)
    return [http(200, bomb, {"Content-Encoding": "gzip"})]


REPLIES: Final[Mapping[Behaviour, Reply]] = {
    Behaviour.SENT: Reply(1, _success),
    Behaviour.TWICE_SENT: Reply(2, _success),
    Behaviour.HELD_SENT: Reply(1, _success, Wait.RELEASE),
    Behaviour.LATE_SENT: Reply(1, _success, Wait.LATE),
    Behaviour.TIMEOUT_SENT: Reply(1, _silence, Wait.FOREVER),
    Behaviour.TIMEOUT_NOT_SENT: Reply(0, _silence, Wait.FOREVER),
    Behaviour.CLOSE_SENT: Reply(1, _silence),
    Behaviour.CLOSE_NOT_SENT: Reply(0, _silence),
    Behaviour.INVALID_JID: Reply(0, _error(400, "INVALID_JID", "Phone is not on whatsapp")),
    Behaviour.VALIDATION_ERROR: Reply(0, _error(400, "VALIDATION_ERROR", "message: blank")),
    Behaviour.UNAVAILABLE: Reply(0, _error(503, "DEVICE_MANAGER_UNAVAILABLE", "try later")),
    Behaviour.NOT_CONNECTED: Reply(
        0, _error(401, "AUTHENTICATION_ERROR", "not connect to services server")
    ),
    Behaviour.NOT_LOGGED_IN: Reply(0, _error(401, "AUTHENTICATION_ERROR", "you are not logged in")),
    Behaviour.DEVICE_NOT_FOUND: Reply(0, _error(404, "DEVICE_NOT_FOUND", "device not found")),
    Behaviour.BASIC_AUTH: Reply(0, _plain(401, b"Unauthorized", Content_Type="text/plain")),
    Behaviour.TIMELOCK: Reply(0, _error(429, "WA_REACHOUT_TIMELOCK", "error 463")),
    Behaviour.RATE_LIMITED: Reply(
        0, _error(429, "TOO_MANY_REQUESTS", "slow down", Retry_After="30")
    ),
    Behaviour.ERROR_SENT: Reply(1, _error(500, "INTERNAL_SERVER_ERROR", "panic")),
    Behaviour.ERROR_NOT_SENT: Reply(0, _error(500, "INTERNAL_SERVER_ERROR", "panic")),
    Behaviour.GATEWAY_TIMEOUT_SENT: Reply(1, _error(504, "GATEWAY_TIMEOUT", "timed out")),
    Behaviour.HTML_SENT: Reply(1, _plain(200, b"<html>OK</html>", Content_Type="text/html")),
    Behaviour.TRUNCATED_SENT: Reply(1, _truncated),
    Behaviour.EMPTY_OBJECT_SENT: Reply(1, _plain(200, b"{}")),
    Behaviour.WRONG_TYPES_SENT: Reply(
        1, _plain(200, b'{"code":"SUCCESS","message":7,"results":{"message_id":[1]}}')
    ),
    Behaviour.BIG_BODY_SENT: Reply(1, _big_body),
    Behaviour.SLOW_BODY_SENT: Reply(1, _slow_body, drip=0.1),
    Behaviour.GZIP_BOMB_SENT: Reply(1, _gzip_bomb),
    Behaviour.BAD_CHUNKS_SENT: Reply(1, _bad_chunks),
    Behaviour.HEADER_FLOOD_SENT: Reply(1, _header_flood),
    Behaviour.REDIRECT_SENT: Reply(1, _plain(302, b"", Location="http://127.0.0.1:9/")),
}
