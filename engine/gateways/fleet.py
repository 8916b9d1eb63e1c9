"""Devices of several kinds of gateway in one worker: each goes where its settings or its platform say."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID

import anyio

from engine.gateways.hosts import Host
from engine.gateways.protocol import (
    Addressed,
    Answer,
    DeviceAddress,
    DeviceState,
    Gateway,
    GatewayUnavailable,
    Outgoing,
    Platform,
    Reconnected,
    Reconnecting,
    Verdict,
)

log = logging.getLogger(__name__)

READ_WITHIN: Final = timedelta(seconds=10)
"""How long a new device may be unknown to a worker."""

WORDS: Final[Mapping[str, Platform]] = {
    "wablas": Platform.WABLAS,
    "whacenter": Platform.WHACENTER,
    "meta": Platform.META,
    "cloud": Platform.META,
    "cloudapi": Platform.META,
    "metacloud": Platform.META,
    "metacloudapi": Platform.META,
    "whatsappcloud": Platform.META,
    "whatsappcloudapi": Platform.META,
    "waba": Platform.META,
}
"""`user_devices.platform`, in small letters and digits alone; every other word means gowa."""


def platform_of(word: str) -> Platform:
    """What a platform of the operator's table means."""
    return WORDS.get(re.sub(r"[^a-z0-9]", "", word.lower()), Platform.GOWA)


class Member(Gateway, Addressed, Protocol):
    """A gateway of one kind. `hosts` are those of the settings."""

    @property
    def hosts(self) -> Sequence[Host]:
        """The hosts of the settings."""
        ...


def check_members(members: Mapping[Platform, Member]) -> None:
    """Raises `ValueError` for a name or a device that two kinds of gateway have."""
    names: dict[str, Platform] = {}
    devices: dict[UUID, str] = {}
    for platform, member in members.items():
        for host in member.hosts:
            if host.name in names:
                raise ValueError(f"{names[host.name]} and {platform} both have a host {host.name}")
            names[host.name] = platform
            for device in host.devices:
                if device in devices:
                    raise ValueError(
                        f"device {device} is listed by {devices[device]} and {host.name}"
                    )
                devices[device] = host.name


class Fleet:
    """A `Gateway` of gateways. Raises `ValueError` for members that contradict each other."""

    def __init__(self, members: Mapping[Platform, Member]) -> None:
        check_members(members)
        self.members = dict(members)
        self._listed = {
            device: platform
            for platform, member in members.items()
            for host in member.hosts
            for device in host.devices
        }
        self._platforms: dict[UUID, Platform] = {}

    def __repr__(self) -> str:
        return f"Fleet({', '.join(map(repr, self.members.values()))})"

    def know(self, devices: Sequence[DeviceAddress]) -> None:
        """See `Addressed`. Each member learns of its own devices only."""
        self._platforms = {d.device_id: platform_of(d.platform) for d in devices}
        for platform, member in self.members.items():
            member.know([d for d in devices if self._platform(d.device_id) is platform])

    async def send(self, message: Outgoing, *, before_write: Callable[[], None]) -> Answer:
        """See `Gateway.send`."""
        platform = self._platform(message.device_id)
        if platform is None:
            why = "this worker has not read this device yet"
            return Answer(Verdict.RETRY, "device_unread", body=why, wait=READ_WITHIN, written=False)
        member = self.members.get(platform)
        if member is None:
            why = f"the settings have no {platform} host"
            return Answer(
                Verdict.STOP_DEVICE, "not_configured", body=why, written=False, platform=platform
            )
        return await member.send(message, before_write=before_write)

    async def device_states(self) -> list[DeviceState]:
        """See `Gateway.device_states`. Raises only where no member answers."""
        found: list[DeviceState] = []
        failed: list[str] = []

        async def ask(member: Gateway) -> None:
            try:
                found.extend(await member.device_states())
            except GatewayUnavailable as error:
                failed.append(str(error))

        async with anyio.create_task_group() as tasks:
            for member in self.members.values():
                tasks.start_soon(ask, member)
        if len(failed) == len(self.members):
            raise GatewayUnavailable("; ".join(sorted(failed)))
        for why in failed:
            log.warning("%s", why)
        return [s for s in found if self._platform(s.device_id) is not None]

    async def reconnect(self, device_id: UUID) -> Reconnected:
        """See `Reconnecting`."""
        platform = self._platform(device_id)
        member = None if platform is None else self.members.get(platform)
        if member is None:
            raise GatewayUnavailable("the settings name no gateway for this device")
        if not isinstance(member, Reconnecting):
            raise GatewayUnavailable(
                f"{platform} has no such call: connect it at {platform} itself"
            )
        return await member.reconnect(device_id)

    async def close(self) -> None:
        """See `Gateway.close`."""
        for member in self.members.values():
            await member.close()

    def _platform(self, device: UUID) -> Platform | None:
        """The settings' word, then the table's; None: neither knows the device."""
        return self._listed.get(device) or self._platforms.get(device)
