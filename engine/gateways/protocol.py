"""What a gateway is: the few promises between the engine and whatever a device sends through."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final, Protocol, TypeGuard, runtime_checkable
from uuid import UUID

BODY_LIMIT: Final = 2048
"""Bytes of a gateway's answer that are kept as evidence."""


_MESSAGE_ID: Final = re.compile(r"[!-~]{1,128}")


class TooLate(Exception):
    """Raised by `before_write`: the lease no longer covers the request; nothing may be written."""


class Platform(StrEnum):
    """Which kind of gateway: the source of its codes, and what `user_devices.platform` means."""

    GOWA = "gowa"
    META = "meta"
    WABLAS = "wablas"
    WHACENTER = "whacenter"


class Verdict(StrEnum):
    """The class of a gateway's answer: what the engine does next (DESIGN 5, retry is data).

    `SENT` needs explicit proof. `UNKNOWN` is never sent again by itself. `HOLD_DEVICE` is lifted by
    the next proven login, `STOP_DEVICE` only by a person.
    """

    SENT = "sent"
    RETRY = "retry"
    SLOW_DEVICE = "slow_device"
    HOLD_DEVICE = "hold_device"
    HOLD_CONTACT = "hold_contact"
    SUPPRESS = "suppress"
    FAIL = "fail"
    STOP_DEVICE = "stop_device"
    UNKNOWN = "unknown"


class GatewayState(StrEnum):
    """What a gateway says about a device. "Online" is not yet "sending"."""

    ONLINE = "online"
    OFFLINE = "offline"
    CONNECTING = "connecting"
    LOGGED_OUT = "logged_out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One attempt's message as a gateway needs it. `phone` is a phone key: digits only."""

    attempt_id: UUID
    message_id: UUID
    device_id: UUID
    phone: str
    message_type: str
    content: str
    media_url: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt.

    `code` is the gateway's own or one of ours (lower case). `gateway_id` is the gateway's message
    id. `body` is evidence: at most `BODY_LIMIT` bytes of UTF-8, without NUL and without secrets.
    `wait` is how long the gateway asked us to stay away. `written` is False only where provably
    no byte reached the wire (outcome `never_sent`, or `failed` where it is refused for good).
    `cold_only`: a hold that leaves contacts who were written to before alone. `host` is the
    operator's name for the gateway that was asked; `whole_host`: a refusal of our credentials, which
    concerns all its devices. `platform` is the source of `code`.
    """

    verdict: Verdict
    code: str
    gateway_id: str | None = None
    body: str = ""
    wait: timedelta | None = None
    written: bool = True
    cold_only: bool = False
    host: str | None = None
    whole_host: bool = False
    platform: Platform = Platform.GOWA


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device's state as its gateway reports it now. `host` is the gateway's name, where it has one.

    `tells` False: a gateway of its kind never says whether a device is online.
    """

    device_id: UUID
    state: GatewayState
    host: str | None = None
    tells: bool = True


@dataclass(frozen=True, slots=True)
class DeviceAddress:
    """What the operator's table says of a device. `jid` may hold a hosted gateway's token."""

    device_id: UUID
    platform: str
    jid: str = field(repr=False)


class Gateway(Protocol):
    """One gateway's client. It never retries, follows no redirect and has a total deadline."""

    async def send(self, message: Outgoing, *, before_write: Callable[[], None]) -> Answer:
        """Send once. `before_write` runs as the last step before the first byte may leave.

        If it raises `TooLate`, nothing was written and the answer says so. Anything else that it
        raises is passed on, and nothing was written then either. Otherwise never raises but for
        cancellation; after that, whether something was written is known only to `before_write`.
        """
        ...

    async def device_states(self) -> list[DeviceState]:
        """The devices that the gateway knows. Raises `GatewayUnavailable`."""
        ...

    async def close(self) -> None:
        """Give back the connections. Requests still open end as unknown."""
        ...


@runtime_checkable
class Addressed(Protocol):
    """A gateway that finds its devices by the operator's table."""

    def know(self, devices: Sequence[DeviceAddress]) -> None:
        """The whole table, as it stands now."""


@dataclass(frozen=True, slots=True)
class Reconnected:
    """What came of a reconnect: the device's state after it, and the gateway's words."""

    device_id: UUID
    state: GatewayState
    said: str = ""


@runtime_checkable
class Reconnecting(Protocol):
    """A gateway that can connect a device to WhatsApp anew. Nothing is sent."""

    async def reconnect(self, device_id: UUID) -> Reconnected:
        """Connect it, and ask how it is. Raises `GatewayUnavailable` with the reason in a line."""


class GatewayUnavailable(Exception):
    """The gateway did not give a usable answer to a question that sends nothing."""


def evidence(raw: bytes) -> str:
    """The part of a body that is kept: bounded, valid UTF-8, no NUL (PostgreSQL refuses it)."""
    text = raw[:BODY_LIMIT].decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text.encode()[:BODY_LIMIT].decode("utf-8", "ignore")


def is_message_id(value: object) -> TypeGuard[str]:
    """Whether a gateway's word can be its id of a message: a short plain text."""
    return isinstance(value, str) and _MESSAGE_ID.fullmatch(value) is not None
