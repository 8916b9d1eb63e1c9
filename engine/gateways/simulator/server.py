"""The simulated gateway's HTTP side: one request a connection, on 127.0.0.1 only."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import anyio
import h11
from anyio.abc import SocketStream

from engine.gateways.simulator.behaviour import Behaviour, SimulatedState
from engine.gateways.simulator.model import Model, Received
from engine.gateways.simulator.replies import REPLIES, Reply, Wait, envelope, http

REQUEST_CAP: Final = 1024 * 1024
IDLE_LIMIT: Final = 30.0
"""Seconds that a caller may take to write its request."""
SILENCE: Final = 300.0
"""Seconds that a caller who is never answered is kept."""

_PHONE: Final = re.compile(r"[1-9][0-9]{6,14}")
_DEVICE_PATH: Final = re.compile(r"/simulator/devices/([^/?]{1,128})")
_RECONNECT: Final = re.compile(r"/devices/([^/?]{1,128})/reconnect")
_STATUS: Final = re.compile(r"/devices/([^/?]{1,128})/status")
_Answer = Reply | bytes


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was received whole. Header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


async def handle(model: Model, stream: SocketStream) -> None:
    """Serve one connection and close it."""
    async with stream:
        try:
            request = await _receive(stream)
            if request is not None:
                await _answer(model, stream, request)
        except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
            return


async def _receive(stream: SocketStream) -> Request | None:
    """The connection's request, or None where the caller left or wrote no HTTP."""
    http11 = h11.Connection(h11.SERVER)
    head: h11.Request | None = None
    body = bytearray()
    with anyio.move_on_after(IDLE_LIMIT):
        while len(body) <= REQUEST_CAP:
            try:
                event = http11.next_event()
                if event is h11.NEED_DATA:
                    http11.receive_data(await stream.receive())
            except (h11.RemoteProtocolError, anyio.EndOfStream):
                return None
            if isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                headers = {name.decode(): text.decode("latin-1") for name, text in head.headers}
                target = head.target.decode("latin-1")
                return Request(head.method.decode(), target, headers, bytes(body))
    return None


async def _answer(model: Model, stream: SocketStream, request: Request) -> None:
    message_id = ""
    reply: _Answer
    if (request.method, request.path) == ("POST", "/send/message"):
        received = _message(request)
        if isinstance(received, Received):
            reply, message_id = await model.deliver(received)
        else:
            reply = received
    else:
        reply = _route(model, request)
    if isinstance(reply, bytes):
        await stream.send(reply)
        return
    for piece in reply.raw(message_id):
        await stream.send(piece)
        await anyio.sleep(reply.drip)
    if reply.wait is Wait.FOREVER:
        await _until_gone(stream)


async def _until_gone(stream: SocketStream) -> None:
    with anyio.move_on_after(SILENCE):
        try:
            while True:
                await stream.receive()
        except anyio.EndOfStream:
            return


def _message(request: Request) -> Received | _Answer:
    device = request.headers.get("x-device-id", "")
    if not device:
        return envelope(400, "DEVICE_ID_REQUIRED", "device_id is required")
    content = _json(request.body)
    phone, text = content.get("phone"), content.get("message")
    if not isinstance(phone, str) or not isinstance(text, str) or not text:
        return REPLIES[Behaviour.VALIDATION_ERROR]
    if not _PHONE.fullmatch(phone):
        return REPLIES[Behaviour.INVALID_JID]
    attempt = request.headers.get("x-attempt-id", f"{device}:{phone}:{text}")
    return Received(device, phone, attempt, text)


def _route(model: Model, request: Request) -> _Answer:
    match request.method, request.path:
        case "GET", "/health":
            return http(200, b"OK", {"Content-Type": "text/plain"})
        case "GET", "/devices":
            return envelope(200, "SUCCESS", "List devices", list(model.listing()))
        case "POST", "/simulator/behaviour":
            return _order(model.script, _json(request.body))
        case "POST", "/simulator/release":
            model.release()
            return _done()
    for method, path, answer in (
        ("POST", _DEVICE_PATH, _ordered),
        ("POST", _RECONNECT, _reconnect),
        ("GET", _STATUS, _status),
    ):
        device = path.fullmatch(request.path)
        if request.method == method and device is not None:
            return answer(model, device[1], request)
    return envelope(404, "NOT_FOUND", "no such page")


def _ordered(model: Model, device: str, request: Request) -> bytes:
    return _order(lambda order: _set_state(model, device, order), _json(request.body))


def _reconnect(model: Model, device: str, _: Request) -> bytes:
    state = model.devices.get(device)
    if state is None or state is SimulatedState.MISSING:
        return envelope(500, "INTERNAL_SERVER_ERROR", "device not found")
    if state in (SimulatedState.OFFLINE, SimulatedState.CONNECTING):
        model.devices[device] = SimulatedState.ONLINE
    return envelope(200, "SUCCESS", "Reconnect success")


def _status(model: Model, device: str, _: Request) -> bytes:
    state = model.devices.get(device)
    if state is None or state is SimulatedState.MISSING:
        return envelope(500, "INTERNAL_SERVER_ERROR", "device not found")
    results = {
        "device_id": device,
        "is_connected": state not in (SimulatedState.OFFLINE, SimulatedState.CONNECTING),
        "is_logged_in": state in (SimulatedState.ONLINE, SimulatedState.FAILING),
    }
    return envelope(200, "SUCCESS", "Device status", results)


def _set_state(model: Model, device: str, order: dict[str, Any]) -> None:
    model.devices[device] = SimulatedState(order["state"])


def _order(take: Callable[[dict[str, Any]], None], order: dict[str, Any]) -> bytes:
    try:
        take(order)
    except (ValueError, TypeError, KeyError) as error:
        return envelope(400, "VALIDATION_ERROR", str(error))
    return _done()


def _done() -> bytes:
    return envelope(200, "SUCCESS", "done")


def _json(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
