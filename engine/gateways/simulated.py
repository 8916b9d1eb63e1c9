"""The simulated gateway's client: the same envelope, caps and judgement as the real gowa.

It talks HTTP to a process of its own (`engine.gateways.simulator`) and only over loopback. Where
it may be used at all (demo and test databases) is the engine's decision (DESIGN 5).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import httpx2

from engine.gateways import exchange, gowa_answers
from engine.gateways.protocol import (
    Answer,
    DeviceState,
    GatewayState,
    GatewayUnavailable,
    Outgoing,
)

_DEVICES_CAP: Final = 4 * 1024 * 1024
_DEVICES_DEADLINE: Final = 10.0


class SimulatedGateway:
    """A `Gateway` over the simulator at `base_url`. Raises `ValueError` unless it is loopback.

    `deadline` is the limit in seconds for a whole request; tests shorten it.
    """

    def __init__(self, base_url: str, *, deadline: float = exchange.DEADLINE) -> None:
        url = httpx2.URL(base_url)
        if url.scheme != "http" or not _is_loopback(url.host):
            raise ValueError(
                "the simulated gateway runs on this machine only: http://127.0.0.1:PORT"
            )
        self._http = exchange.client(base_url)
        self._deadline = deadline

    async def send(self, message: Outgoing, *, before_write: Callable[[], None]) -> Answer:
        """See `Gateway.send`."""
        content: dict[str, Any] = {"phone": message.phone, "message": message.content}
        if message.media_url is not None:
            content["media_url"] = message.media_url
        request = self._http.build_request(
            "POST",
            "/send/message",
            json=content,
            headers={
                "X-Device-Id": str(message.device_id),
                "X-Attempt-Id": str(message.attempt_id),
            },
        )
        return await exchange.exchange(
            self._http,
            request,
            gowa_answers.judge,
            before_write=before_write,
            deadline=self._deadline,
        )

    async def device_states(self) -> list[DeviceState]:
        """See `Gateway.device_states`."""
        request = self._http.build_request("GET", "/devices")
        try:
            status, _, body = await exchange.fetch(
                self._http, request, cap=_DEVICES_CAP, deadline=_DEVICES_DEADLINE
            )
        except (httpx2.HTTPError, OSError, exchange.BodyTooBig) as error:
            raise GatewayUnavailable(f"no list of devices: {type(error).__name__}") from error
        envelope = gowa_answers.parse(body)
        results = envelope.get("results") if envelope else None
        if status != 200 or not isinstance(results, list):
            raise GatewayUnavailable(f"no list of devices: status {status}")
        return [state for item in results if (state := _device_state(item)) is not None]

    async def close(self) -> None:
        """See `Gateway.close`."""
        await self._http.aclose()


def _device_state(item: object) -> DeviceState | None:
    if not isinstance(item, Mapping):
        return None
    word = item.get("state")
    try:
        device_id = UUID(str(item.get("id")))
    except ValueError:
        return None
    known = gowa_answers.DEVICE_STATES.get(word) if isinstance(word, str) else None
    return DeviceState(device_id, known or GatewayState.UNKNOWN)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
