"""The devices of gowa hosts: which host has which, how they are, and connecting one anew."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote
from uuid import UUID

import anyio

from engine.gateways import exchange, gowa_answers
from engine.gateways.hiding import without
from engine.gateways.hosts import Host
from engine.gateways.protocol import (
    DeviceAddress,
    DeviceState,
    GatewayState,
    GatewayUnavailable,
    Reconnected,
)

log = logging.getLogger(__name__)

CAP: Final = 4 * 1024 * 1024
"""Bytes of one host's list of devices."""
DEADLINE: Final = 10.0
"""Seconds for the lists of all hosts together: they are asked at once."""
RECONNECT_DEADLINE: Final = 15.0
LOOKS: Final = 6
"""How often a device is asked after a reconnect, a second apart, until it is logged in."""
_JID: Final = "@s.whatsapp.net"


class Routes:
    """Our devices -> host and name there."""

    def __init__(self, hosts: Sequence[Host], *, by_jid: bool) -> None:
        self._listed = {device: host for host in hosts for device in host.devices}
        self._takes_all = next((host for host in hosts if host.takes_all), None)
        self._by_jid = by_jid
        self._jids: dict[UUID, str] = {}

    def know(self, devices: Sequence[DeviceAddress]) -> None:
        """JIDs of accounts; whatever else stands in that column is no business of this gateway."""
        if self._by_jid:
            found = {d.device_id: plain(d.jid) for d in devices}
            self._jids = {device: jid for device, jid in found.items() if _is_jid(jid)}

    def of(self, device: UUID) -> tuple[Host, str] | None:
        """The host of a device and its name there; None where the settings name neither."""
        host = self._listed.get(device)
        if host is not None:
            return host, host.devices[device]
        if self._takes_all is not None:
            return self._takes_all, self._jids.get(device, str(device))
        return None

    def named(self, host: Host) -> dict[str, UUID]:
        """What the host calls its devices -> ours."""
        named = {plain(name): device for device, name in host.devices.items()}
        if host.takes_all:
            named |= {jid: d for d, jid in self._jids.items() if d not in self._listed}
        return named


async def states(
    asked: Sequence[tuple[Host, exchange.Client]], routes: Routes
) -> list[DeviceState]:
    """How the devices of all hosts are. Raises `GatewayUnavailable` where no host gives its list."""
    found: dict[str, list[DeviceState]] = {}
    failed: dict[str, str] = {host.name: "no answer in time" for host, _ in asked}

    async def ask(host: Host, client: exchange.Client) -> None:
        try:
            found[host.name] = await _states_of(host, client, routes)
            del failed[host.name]
        except GatewayUnavailable as error:
            failed[host.name] = str(error)

    with anyio.move_on_after(DEADLINE):
        async with anyio.create_task_group() as tasks:
            for host, client in asked:
                tasks.start_soon(ask, host, client)
    said = "; ".join(f"{name}: {why}" for name, why in sorted(failed.items()))
    if not found:
        raise GatewayUnavailable(f"no list of devices: {said}")
    if failed:
        log.warning("no list of devices: %s", said)
    return [state for some in found.values() for state in some]


async def _states_of(host: Host, client: exchange.Client, routes: Routes) -> list[DeviceState]:
    results = await _ask(client, "GET", "/devices", cap=CAP, deadline=DEADLINE)
    if not isinstance(results, list):
        raise GatewayUnavailable("its answer is no list")
    ours = routes.named(host)
    said: dict[UUID, DeviceState] = {}
    for item in results:
        state = _state(host, routes, ours, item)
        if state is not None:
            said[state.device_id] = state
    return list(said.values())


def _state(
    host: Host, routes: Routes, named: Mapping[str, UUID], item: object
) -> DeviceState | None:
    if not isinstance(item, Mapping):
        return None
    names = [n for key in ("id", "jid") if isinstance(n := item.get(key), str) and n]
    device = next((named[p] for n in names if (p := plain(n)) in named), None)
    if device is None and host.takes_all and names:
        device = _uuid(names[0])
    # A device that sends through another host is that host's to judge.
    route = None if device is None else routes.of(device)
    if device is None or route is None or route[0] is not host:
        return None
    word = item.get("state")
    known = gowa_answers.DEVICE_STATES.get(word) if isinstance(word, str) else None
    return DeviceState(device, known or GatewayState.UNKNOWN, host.name)


async def reconnect(
    client: exchange.Client, device: UUID, name: str, secrets: Iterable[str] = ()
) -> Reconnected:
    """Connect a device to WhatsApp anew, and look until it is logged in or some seconds are over.

    Raises `GatewayUnavailable` where the gateway does not do it.
    """
    path = f"/devices/{quote(name, safe='')}"
    await _ask(client, "POST", f"{path}/reconnect", deadline=RECONNECT_DEADLINE, secrets=secrets)
    state = GatewayState.UNKNOWN
    for look in range(LOOKS):
        if look:
            await anyio.sleep(1)
        results = await _ask(client, "GET", f"{path}/status", deadline=DEADLINE, secrets=secrets)
        state = _status(results)
        if state is GatewayState.ONLINE:
            break
    return Reconnected(device, state)


def _status(results: object) -> GatewayState:
    if not isinstance(results, Mapping):
        return GatewayState.UNKNOWN
    if results.get("is_connected") is not True:
        return GatewayState.OFFLINE
    return GatewayState.ONLINE if results.get("is_logged_in") is True else GatewayState.LOGGED_OUT


async def _ask(
    client: exchange.Client,
    method: str,
    path: str,
    *,
    cap: int = exchange.BODY_CAP,
    deadline: float,
    secrets: Iterable[str] = (),
) -> object:
    """The results of an answer that says SUCCESS."""
    try:
        status, _, body = await exchange.fetch(
            client, client.request(method, path), cap=cap, deadline=deadline
        )
    except exchange.GatewayAway as error:
        raise GatewayUnavailable(str(error)) from None
    envelope = gowa_answers.parse(without(body, secrets))
    if status != 200 or envelope is None:
        said = envelope.get("message") if envelope else None
        words = f": {' '.join(said.split())[:200]}" if isinstance(said, str) else ""
        raise GatewayUnavailable(f"status {status}{words}")
    results: object = envelope.get("results")
    return results


def plain(name: str) -> str:
    """A JID without its linked-device number: `60123:7@s.whatsapp.net` is the account 60123."""
    user, at, server = name.strip().partition("@")
    return f"{user.partition(':')[0]}{at}{server}" if at else user


def _is_jid(name: str) -> bool:
    user = name.removesuffix(_JID)
    return user != name and user.isascii() and user.isdigit() and 5 <= len(user) <= 20


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
