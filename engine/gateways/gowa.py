"""go-whatsapp-web-multidevice, REST API 9.x: several hosts, each with its devices (GATEWAYS.md).

Which host a device sends through is said by the settings alone. Text messages only.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote
from uuid import UUID

import anyio
import httpx2

from engine.gateways import exchange, gowa_answers
from engine.gateways.protocol import (
    Answer,
    DeviceState,
    GatewayState,
    GatewayUnavailable,
    Outgoing,
    Verdict,
)

log = logging.getLogger(__name__)

DEVICES_CAP: Final = 4 * 1024 * 1024
"""Bytes of one host's list of devices."""
DEVICES_DEADLINE: Final = 10.0
"""Seconds for the lists of all hosts together: they are asked at once."""


@dataclass(frozen=True, slots=True)
class GowaHost:
    """One gateway. `name` is the operator's word for it: holds and screens carry it.

    `devices`: our device -> the gateway's id or JID of it. `takes_all`: devices that no host
    names are sent through this one, under the UUID or what `addresses` says of them.
    """

    name: str
    url: str
    username: str = ""
    password: str = field(default="", repr=False)
    devices: Mapping[UUID, str] = field(default_factory=dict, repr=False)
    takes_all: bool = False
    plain_http: bool = False


def check_url(url: str, *, plain_http: bool = False) -> None:
    """Raises `ValueError` for an address that may not be used; the text does not repeat it."""
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, TypeError):
        raise ValueError("the address cannot be read") from None
    if parsed.userinfo:
        raise ValueError("put the user and the password into username and password")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError("the address must be https://HOST[:PORT][/BASE PATH]")
    if parsed.query or parsed.fragment:
        raise ValueError("the address must end with its path")
    if parsed.scheme == "http" and not (plain_http or is_loopback(parsed.host)):
        raise ValueError("plain http only leads to this machine: use https, or set plain_http")


def check_hosts(hosts: Sequence[GowaHost]) -> None:
    """Raises `ValueError` for hosts that cannot be used, or that contradict each other."""
    if sum(host.takes_all for host in hosts) > 1:
        raise ValueError("only one host can be without a list of its devices")
    listed: set[UUID] = set()
    for host in hosts:
        try:
            check_url(host.url, plain_http=host.plain_http)
        except ValueError as error:
            raise ValueError(f"host {host.name}: {error}") from None
        twice = listed & set(host.devices)
        if twice:
            raise ValueError(f"device {min(twice)} is listed by two hosts")
        listed |= set(host.devices)


class GowaGateway:
    """A `Gateway` over `hosts`. Raises `ValueError` for hosts that cannot be used.

    `addresses`: our device -> its JID, for devices of the host that takes all. `deadline` is the
    limit in seconds for a whole request; tests shorten it.
    """

    def __init__(
        self,
        hosts: Sequence[GowaHost],
        *,
        addresses: Mapping[UUID, str] | None = None,
        deadline: float = exchange.DEADLINE,
    ) -> None:
        check_hosts(hosts)
        self._all = tuple(hosts)
        self._hosts = {device: host for host in hosts for device in host.devices}
        self._takes_all = next((host for host in hosts if host.takes_all), None)
        self._addresses = {device: _plain(jid) for device, jid in (addresses or {}).items()}
        self._deadline = deadline
        self._clients = {host.name: _client(host) for host in hosts}

    def __repr__(self) -> str:
        return f"GowaGateway({', '.join(host.name for host in self._all)})"

    def _route(self, device: UUID) -> tuple[GowaHost, str] | None:
        """The host of a device and its id there; None where the settings name neither."""
        host = self._hosts.get(device)
        if host is not None:
            return host, host.devices[device]
        if self._takes_all is not None:
            return self._takes_all, self._addresses.get(device, str(device))
        return None

    async def send(self, message: Outgoing, *, before_write: Callable[[], None]) -> Answer:
        """See `Gateway.send`."""
        if message.message_type.strip().lower() != "text" or (message.media_url or "").strip():
            why = "this gateway's client sends text messages without media only"
            return Answer(Verdict.FAIL, "unsupported_type", body=why, written=False)
        route = self._route(message.device_id)
        if route is None:
            why = "no gateway host of the settings has this device"
            return Answer(Verdict.STOP_DEVICE, "not_configured", body=why, written=False)
        host, name = route
        http = self._clients[host.name]
        request = http.build_request(
            "POST",
            "/send/message",
            json={"phone": message.phone, "message": message.content},
            headers={"X-Device-Id": quote(name, safe="")},
        )
        answer = await exchange.exchange(
            http,
            request,
            gowa_answers.judge,
            before_write=before_write,
            deadline=self._deadline,
        )
        return replace(answer, host=host.name)

    async def device_states(self) -> list[DeviceState]:
        """See `Gateway.device_states`. Raises only where no host gives its list."""
        found: dict[str, list[DeviceState]] = {}
        failed: dict[str, str] = {host.name: "no answer in time" for host in self._all}

        async def ask(host: GowaHost) -> None:
            try:
                found[host.name] = await self._states_of(host)
                del failed[host.name]
            except GatewayUnavailable as error:
                failed[host.name] = str(error)

        with anyio.move_on_after(DEVICES_DEADLINE):
            async with anyio.create_task_group() as tasks:
                for host in self._all:
                    tasks.start_soon(ask, host)
        said = "; ".join(f"{name}: {why}" for name, why in sorted(failed.items()))
        if not found:
            raise GatewayUnavailable(f"no list of devices: {said}")
        if failed:
            log.warning("no list of devices: %s", said)
        return [state for states in found.values() for state in states]

    async def _states_of(self, host: GowaHost) -> list[DeviceState]:
        http = self._clients[host.name]
        request = http.build_request("GET", "/devices")
        try:
            status, _, body = await exchange.fetch(
                http, request, cap=DEVICES_CAP, deadline=DEVICES_DEADLINE
            )
        except (httpx2.HTTPError, OSError, exchange.BodyTooBig) as error:
            raise GatewayUnavailable(type(error).__name__) from None
        envelope = gowa_answers.parse(body)
        results = envelope.get("results") if envelope else None
        if status != 200 or not isinstance(results, list):
            raise GatewayUnavailable(f"status {status}")
        ours = self._named(host)
        states: dict[UUID, DeviceState] = {}
        for item in results:
            state = self._state(host, ours, item)
            if state is not None:
                states[state.device_id] = state
        return list(states.values())

    def _named(self, host: GowaHost) -> dict[str, UUID]:
        """What the host calls its devices -> ours."""
        named = {_plain(name): device for device, name in host.devices.items()}
        if host.takes_all:
            named |= {jid: d for d, jid in self._addresses.items() if d not in self._hosts}
        return named

    def _state(self, host: GowaHost, named: Mapping[str, UUID], item: object) -> DeviceState | None:
        if not isinstance(item, Mapping):
            return None
        names = [n for key in ("id", "jid") if isinstance(n := item.get(key), str) and n]
        device = next((named[p] for n in names if (p := _plain(n)) in named), None)
        if device is None and host.takes_all and names:
            device = _uuid(names[0])
        # A device that sends through another host is that host's to judge.
        route = None if device is None else self._route(device)
        if device is None or route is None or route[0] is not host:
            return None
        word = item.get("state")
        known = gowa_answers.DEVICE_STATES.get(word) if isinstance(word, str) else None
        return DeviceState(device, known or GatewayState.UNKNOWN, host.name)

    async def close(self) -> None:
        """See `Gateway.close`."""
        for http in self._clients.values():
            await http.aclose()


def is_loopback(host: str) -> bool:
    """Whether a host of an address is this machine, without asking any name server."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _client(host: GowaHost) -> httpx2.AsyncClient:
    if not host.username:
        return exchange.client(host.url)
    return exchange.client(host.url, auth=httpx2.BasicAuth(host.username, host.password))


def _plain(name: str) -> str:
    """A JID without its linked-device number: `60123:7@s.whatsapp.net` is the account 60123."""
    user, at, server = name.strip().partition("@")
    return f"{user.partition(':')[0]}{at}{server}" if at else user


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
