"""go-whatsapp-web-multidevice, REST API 9.x: several hosts, each with its devices (GATEWAYS.md).

Which host a device sends through is said by the settings alone.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote
from uuid import UUID

import httpx2

from engine.gateways import exchange, gowa_answers, gowa_devices
from engine.gateways.hosts import Host, check_hosts, client_of
from engine.gateways.media import Carried, Content, content_of
from engine.gateways.protocol import (
    Answer,
    DeviceAddress,
    DeviceState,
    GatewayUnavailable,
    Outgoing,
    Reconnected,
    Verdict,
)

ABLE: Final = frozenset({Carried.TEXT, Carried.IMAGE, Carried.VIDEO, Carried.FILE, Carried.AUDIO})


@dataclass(frozen=True, slots=True, kw_only=True)
class GowaHost(Host):
    """A gowa host, with its basic auth where it has one."""

    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no answer may carry on."""
        return (self.password, self.credentials) if self.username else ()

    @property
    def credentials(self) -> str:
        """User and password as basic auth writes them."""
        return base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


class GowaGateway:
    """A `Gateway` over `hosts`. Raises `ValueError` for hosts that cannot be used.

    `by_jid`: a device of the host that takes all is known there by its JID (`know`), else by its
    id. `deadline` is the limit in seconds for a whole request; tests shorten it.
    """

    def __init__(
        self,
        hosts: Sequence[GowaHost],
        *,
        by_jid: bool = False,
        deadline: float = exchange.DEADLINE,
    ) -> None:
        check_hosts(hosts)
        self.hosts = tuple(hosts)
        self.routes = gowa_devices.Routes(hosts, by_jid=by_jid)
        self._deadline = deadline
        self._clients = {host.name: _client(host) for host in hosts}

    def __repr__(self) -> str:
        return f"GowaGateway({', '.join(host.name for host in self.hosts)})"

    def know(self, devices: Sequence[DeviceAddress]) -> None:
        """The devices of this kind, with their JIDs."""
        self.routes.know(devices)

    async def send(self, message: Outgoing, *, before_write: Callable[[], None]) -> Answer:
        """See `Gateway.send`."""
        content = content_of(message, ABLE)
        if isinstance(content, Answer):
            return content
        route = self.routes.of(message.device_id)
        if route is None:
            why = "no gowa host of the settings has this device"
            return Answer(Verdict.STOP_DEVICE, "not_configured", body=why, written=False)
        host, name = route
        client = self._clients[host.name]
        answer = await exchange.exchange(
            client,
            _request(client, message.phone, content, {"X-Device-Id": quote(name, safe="")}),
            gowa_answers.judge,
            before_write=before_write,
            deadline=self._deadline,
            secrets=host.secrets,
        )
        return replace(answer, host=host.name)

    async def device_states(self) -> list[DeviceState]:
        """See `Gateway.device_states`. Raises only where no host gives its list."""
        return await gowa_devices.states(
            [(host, self._clients[host.name]) for host in self.hosts], self.routes
        )

    async def reconnect(self, device_id: UUID) -> Reconnected:
        """See `Reconnecting`."""
        route = self.routes.of(device_id)
        if route is None:
            raise GatewayUnavailable("no gowa host of the settings has this device")
        host, name = route
        client = self._clients[host.name]
        return await gowa_devices.reconnect(client, device_id, name, host.secrets)

    async def close(self) -> None:
        """See `Gateway.close`."""
        for client in self._clients.values():
            await client.aclose()


def _request(
    client: exchange.Client, phone: str, content: Content, headers: Mapping[str, str]
) -> httpx2.Request:
    if content.carried is Carried.TEXT:
        body = {"phone": phone, "message": content.text}
        return client.request("POST", "/send/message", headers, json=body)
    kind = content.carried.value
    fields = {"phone": phone, f"{kind}_url": content.url}
    if content.carried is not Carried.AUDIO:
        fields["caption"] = content.text
    parts = {name: (None, text.encode()) for name, text in fields.items()}
    return client.request("POST", f"/send/{kind}", headers, files=parts)


def _client(host: GowaHost) -> exchange.Client:
    headers = {"Authorization": f"Basic {host.credentials}"} if host.username else {}
    return client_of(host, headers)
