"""The simulated gateway's client: the same envelope, caps and judgement as the real gowa.

It talks HTTP to a process of its own (`engine.gateways.simulator`) and only over loopback. Where
it may be used at all (demo and test databases) is the engine's decision (DESIGN 5).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx2

from engine.gateways import exchange, gowa_answers, gowa_devices
from engine.gateways.hosts import Host, is_loopback
from engine.gateways.protocol import (
    Answer,
    DeviceState,
    GatewayUnavailable,
    Outgoing,
    Reconnected,
)


class SimulatedGateway:
    """A `Gateway` over the simulator at `base_url`. Raises `ValueError` unless it is loopback.

    `deadline` is the limit in seconds for a whole request; tests shorten it.
    """

    def __init__(self, base_url: str, *, deadline: float = exchange.DEADLINE) -> None:
        url = httpx2.URL(base_url)
        if url.scheme != "http" or not is_loopback(url.host):
            raise ValueError(
                "the simulated gateway runs on this machine only: http://127.0.0.1:PORT"
            )
        self._client = exchange.Client(base_url)
        self._deadline = deadline
        self._host = Host(name="simulated", url=base_url, takes_all=True)
        self._routes = gowa_devices.Routes([self._host], by_jid=False)

    async def send(self, message: Outgoing, *, before_write: Callable[[], None]) -> Answer:
        """See `Gateway.send`."""
        content: dict[str, Any] = {"phone": message.phone, "message": message.content}
        if message.media_url is not None:
            content["media_url"] = message.media_url
        request = self._client.request(
            "POST",
            "/send/message",
            {"X-Device-Id": str(message.device_id), "X-Attempt-Id": str(message.attempt_id)},
            json=content,
        )
        return await exchange.exchange(
            self._client,
            request,
            gowa_answers.judge,
            before_write=before_write,
            deadline=self._deadline,
        )

    async def device_states(self) -> list[DeviceState]:
        """See `Gateway.device_states`."""
        found = await gowa_devices.states([(self._host, self._client)], self._routes)
        return [DeviceState(one.device_id, one.state) for one in found]

    async def reconnect(self, device_id: UUID) -> Reconnected:
        """See `Reconnecting`."""
        try:
            return await gowa_devices.reconnect(self._client, device_id, str(device_id))
        except GatewayUnavailable as error:
            raise GatewayUnavailable(f"the simulated gateway: {error}") from None

    async def close(self) -> None:
        """See `Gateway.close`."""
        await self._client.aclose()
