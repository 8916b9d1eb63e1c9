"""The four kinds of gateway over one address, each with its credential and its proof of a send."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4, uuid5

from engine.gateways.fleet import Member
from engine.gateways.gowa import GowaGateway, GowaHost
from engine.gateways.hosted import WABLAS, WHACENTER, HostedGateway
from engine.gateways.hosts import Host
from engine.gateways.meta import MetaAccount, MetaGateway
from engine.gateways.protocol import DeviceAddress, Outgoing, Platform

NAMES = UUID(int=23)
DEVICE = uuid5(NAMES, "device")
TOKEN = "canary-7f3a.secret/part"
NUMBER_ID = "106540352242922"


@dataclass(frozen=True)
class Kind:
    """How to make a gateway of a kind, and what its host says where it has sent."""

    platform: Platform
    make: Callable[..., Member]
    proof: dict[str, Any]
    gateway_id: str | None
    path: str
    refusal: tuple[int, dict[str, Any], str] = field(default=(400, {}, ""))

    def __repr__(self) -> str:
        return self.platform

    def opened(self, url: str, **options: Any) -> Member:
        gateway = self.make(url, **options)
        gateway.know([DeviceAddress(DEVICE, self.platform, self.jid)])
        return gateway

    @property
    def jid(self) -> str:
        return NUMBER_ID if self.platform is Platform.META else TOKEN


def _gowa(url: str, ca_file: Any = None, **options: Any) -> Member:
    host = GowaHost(
        name="gowa", url=url, username="ops", password=TOKEN, takes_all=True, ca_file=ca_file
    )
    return GowaGateway([host], **options)


def _meta(url: str, ca_file: Any = None, **options: Any) -> Member:
    account = MetaAccount(name="meta", url=url, token=TOKEN, takes_all=True, ca_file=ca_file)
    return MetaGateway([account], **options)


def _wablas(url: str, ca_file: Any = None, **options: Any) -> Member:
    return HostedGateway(
        WABLAS, [Host(name="wablas", url=url, takes_all=True, ca_file=ca_file)], **options
    )


def _whacenter(url: str, ca_file: Any = None, **options: Any) -> Member:
    return HostedGateway(
        WHACENTER, [Host(name="whacenter", url=url, takes_all=True, ca_file=ca_file)], **options
    )


GOWA = Kind(
    Platform.GOWA,
    _gowa,
    {"code": "SUCCESS", "message": "ok", "results": {"message_id": "3EB0A1", "status": "ok"}},
    "3EB0A1",
    "/send/message",
    (400, {"code": "INVALID_JID", "message": "not on whatsapp"}, "INVALID_JID"),
)
META = Kind(
    Platform.META,
    _meta,
    {"messaging_product": "whatsapp", "messages": [{"id": "wamid.HBgL"}]},
    "wamid.HBgL",
    f"/v23.0/{NUMBER_ID}/messages",
    (400, {"error": {"code": 131026, "message": "undeliverable"}}, "131026"),
)
WABLAS_KIND = Kind(
    Platform.WABLAS,
    _wablas,
    {"status": True, "data": {"messages": [{"id": "5be4ca7f", "status": "pending"}]}},
    "5be4ca7f",
    "/api/send-message",
    (200, {"status": False, "message": "phone not valid"}, "REFUSED"),
)
WHACENTER_KIND = Kind(
    Platform.WHACENTER,
    _whacenter,
    {"status": True, "data": {"id": 8812}},
    "8812",
    "/api/send",
    (200, {"status": False, "message": "number not valid"}, "REFUSED"),
)
ALL = (GOWA, META, WABLAS_KIND, WHACENTER_KIND)


def message(**changed: Any) -> Outgoing:
    given: dict[str, Any] = {
        "attempt_id": uuid4(),
        "message_id": uuid4(),
        "device_id": DEVICE,
        "phone": "60123456789",
        "message_type": "text",
        "content": "Salam 👋 & selamat=pagi",
    } | changed
    return Outgoing(**given)


def proof(kind: Kind) -> bytes:
    return json.dumps(kind.proof).encode()


def allow() -> None:
    """The engine's last check, passed."""
