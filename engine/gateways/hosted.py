"""Wablas and WhaCenter: hosted gateways, where a device is its token (GATEWAYS.md).

The token is what the settings list for the device, else `user_devices.jid`. It is a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, Protocol
from uuid import UUID

import httpx2

from engine.gateways import exchange, hosted_answers
from engine.gateways.hosts import Host, check_hosts, client_of, is_token
from engine.gateways.media import Carried, Content, content_of
from engine.gateways.protocol import (
    Answer,
    DeviceAddress,
    DeviceState,
    GatewayState,
    Outgoing,
    Platform,
    Verdict,
)


class Kind(Protocol):
    """What differs between hosted gateways."""

    PLATFORM: Platform
    ABLE: frozenset[Carried]

    def request(
        self, client: exchange.Client, token: str, phone: str, content: Content
    ) -> httpx2.Request:
        """The request that sends `content`."""
        ...


class Wablas:
    """Wablas: a form, the token in a header. Text and images."""

    PLATFORM: Platform = Platform.WABLAS
    ABLE: frozenset[Carried] = frozenset({Carried.TEXT, Carried.IMAGE})

    def request(
        self, client: exchange.Client, token: str, phone: str, content: Content
    ) -> httpx2.Request:
        """See `Kind`."""
        headers = {"Authorization": token}
        if content.carried is Carried.TEXT:
            form = {"phone": phone, "message": content.text}
            return client.request("POST", "/api/send-message", headers, data=form)
        form = {"phone": phone, "image": content.url, "caption": content.text}
        return client.request("POST", "/api/send-image", headers, data=form)


class WhaCenter:
    """WhaCenter: a multipart form with the token in it. Text, and media as a file."""

    PLATFORM: Platform = Platform.WHACENTER
    ABLE: frozenset[Carried] = frozenset(
        {Carried.TEXT, Carried.IMAGE, Carried.VIDEO, Carried.FILE, Carried.AUDIO}
    )

    def request(
        self, client: exchange.Client, token: str, phone: str, content: Content
    ) -> httpx2.Request:
        """See `Kind`."""
        fields = {"device_id": token, "number": phone, "message": content.text}
        if content.url:
            fields["file"] = content.url
        parts = {name: (None, text.encode()) for name, text in fields.items()}
        return client.request("POST", "/api/send", files=parts)


WABLAS: Final[Kind] = Wablas()
WHACENTER: Final[Kind] = WhaCenter()


class HostedGateway:
    """A `Gateway` over the hosts of one kind. Raises `ValueError` for hosts that cannot be used."""

    def __init__(
        self, kind: Kind, hosts: Sequence[Host], *, deadline: float = exchange.DEADLINE
    ) -> None:
        check_hosts(hosts)
        for host in hosts:
            for device, token in host.devices.items():
                if not is_token(token):
                    raise ValueError(f"host {host.name}: the token of device {device} can't be one")
        self.hosts = tuple(hosts)
        self._kind = kind
        self._listed = {device: host for host in hosts for device in host.devices}
        self._takes_all = next((host for host in hosts if host.takes_all), None)
        self._tokens: dict[UUID, str] = {}
        self._deadline = deadline
        self._clients = {host.name: client_of(host) for host in hosts}

    def __repr__(self) -> str:
        names = ", ".join(host.name for host in self.hosts)
        return f"HostedGateway({self._kind.PLATFORM}: {names})"

    def know(self, devices: Sequence[DeviceAddress]) -> None:
        """The devices of this kind, with their tokens."""
        found = {d.device_id: d.jid.strip() for d in devices}
        self._tokens = {device: token for device, token in found.items() if is_token(token)}

    async def send(self, message: Outgoing, *, before_write: Callable[[], None]) -> Answer:
        """See `Gateway.send`."""
        content = content_of(message, self._kind.ABLE)
        if isinstance(content, Answer):
            return replace(content, platform=self._kind.PLATFORM)
        route = self._route(message.device_id)
        if route is None:
            why = (
                f"no {self._kind.PLATFORM} host of the settings has this device, or it has no token"
            )
            return Answer(
                Verdict.STOP_DEVICE,
                "not_configured",
                body=why,
                written=False,
                platform=self._kind.PLATFORM,
            )
        host, token = route
        client = self._clients[host.name]
        answer = await exchange.exchange(
            client,
            self._kind.request(client, token, message.phone, content),
            hosted_answers.judge,
            before_write=before_write,
            deadline=self._deadline,
            secrets=(token,),
        )
        return replace(answer, host=host.name, platform=self._kind.PLATFORM)

    async def device_states(self) -> list[DeviceState]:
        """These gateways do not say whether a device is online: unknown, and known to be so."""
        devices = {*self._listed, *(self._tokens if self._takes_all else ())}
        routed = ((d, route) for d in devices if (route := self._route(d)) is not None)
        return [
            DeviceState(d, GatewayState.UNKNOWN, route[0].name, tells=False) for d, route in routed
        ]

    async def close(self) -> None:
        """See `Gateway.close`."""
        for client in self._clients.values():
            await client.aclose()

    def _route(self, device: UUID) -> tuple[Host, str] | None:
        host = self._listed.get(device)
        if host is not None:
            return host, host.devices[device]
        token = self._tokens.get(device)
        if self._takes_all is not None and token is not None:
            return self._takes_all, token
        return None
