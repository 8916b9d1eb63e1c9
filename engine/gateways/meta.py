"""Meta's WhatsApp Cloud API: several accounts, each with a token and its phone numbers (GATEWAYS.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from engine.gateways import exchange, meta_answers
from engine.gateways.hosts import Host, check_hosts, client_of, is_token
from engine.gateways.media import Carried, Content, content_of, file_name, refused
from engine.gateways.protocol import (
    Answer,
    DeviceAddress,
    DeviceState,
    GatewayState,
    Outgoing,
    Platform,
    Verdict,
)
from engine.gateways.templates import NoTemplate, as_json, parse_template

ABLE: Final = frozenset(Carried)
_NUMBER_ID: Final = re.compile(r"[0-9]{5,20}")
_VERSION: Final = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaAccount(Host):
    """A business account: `devices` are phone number ids; without a list, `user_devices.jid` is one."""

    token: str = field(default="", repr=False)
    version: str = "v23.0"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no answer may carry on."""
        return (self.token,)


class MetaGateway:
    """A `Gateway` over `accounts`. Raises `ValueError` for accounts that cannot be used."""

    def __init__(
        self, accounts: Sequence[MetaAccount], *, deadline: float = exchange.DEADLINE
    ) -> None:
        check_hosts(accounts)
        for account in accounts:
            _check(account)
        self.hosts = tuple(accounts)
        self._listed = {device: account for account in accounts for device in account.devices}
        self._takes_all = next((account for account in accounts if account.takes_all), None)
        self._numbers: dict[UUID, str] = {}
        self._deadline = deadline
        self._clients = {
            a.name: client_of(a, {"Authorization": f"Bearer {a.token}"}) for a in accounts
        }

    def __repr__(self) -> str:
        return f"MetaGateway({', '.join(account.name for account in self.hosts)})"

    def know(self, devices: Sequence[DeviceAddress]) -> None:
        """The devices of this kind; `jid` is a phone number id where no account lists the device."""
        found = {d.device_id: d.jid.strip() for d in devices}
        self._numbers = {d: number for d, number in found.items() if _NUMBER_ID.fullmatch(number)}

    async def send(self, message: Outgoing, *, before_write: Callable[[], None]) -> Answer:
        """See `Gateway.send`."""
        content = content_of(message, ABLE)
        if isinstance(content, Answer):
            return replace(content, platform=Platform.META)
        route = self._route(message.device_id)
        if route is None:
            why = "no meta account of the settings has this device, or its phone number id is none"
            return Answer(
                Verdict.STOP_DEVICE,
                "not_configured",
                body=why,
                written=False,
                platform=Platform.META,
            )
        account, number = route
        try:
            said = _said(content)
        except NoTemplate as error:
            return replace(refused("bad_content", str(error)), platform=Platform.META)
        client = self._clients[account.name]
        body = {
            "messaging_product": "whatsapp",
            "to": message.phone,
            # Receipts bring it back: a doubt whose id never arrived is settled by it.
            "biz_opaque_callback_data": f"{message.message_id}/{message.attempt_id}",
            **said,
        }
        request = client.request("POST", f"/{account.version}/{number}/messages", json=body)
        answer = await exchange.exchange(
            client,
            request,
            meta_answers.judge,
            before_write=before_write,
            deadline=self._deadline,
            secrets=account.secrets,
        )
        return replace(answer, host=account.name, platform=Platform.META)

    async def device_states(self) -> list[DeviceState]:
        """The API does not say whether a number is online: unknown, and known to be so."""
        devices = {*self._listed, *(self._numbers if self._takes_all else ())}
        routed = ((d, route) for d in devices if (route := self._route(d)) is not None)
        return [
            DeviceState(d, GatewayState.UNKNOWN, route[0].name, tells=False) for d, route in routed
        ]

    async def close(self) -> None:
        """See `Gateway.close`."""
        for client in self._clients.values():
            await client.aclose()

    def _route(self, device: UUID) -> tuple[MetaAccount, str] | None:
        account = self._listed.get(device)
        if account is not None:
            return account, account.devices[device]
        number = self._numbers.get(device)
        if self._takes_all is not None and number is not None:
            return self._takes_all, number
        return None


def _check(account: MetaAccount) -> None:
    if not is_token(account.token):
        raise ValueError(f"account {account.name}: its token is missing or cannot be one")
    if not _VERSION.fullmatch(account.version):
        raise ValueError(f"account {account.name}: version must look like v23.0")
    for device, number in account.devices.items():
        if not _NUMBER_ID.fullmatch(number):
            raise ValueError(f"account {account.name}: device {device} needs a phone number id")


def _said(content: Content) -> dict[str, Any]:
    """The part of the body that names the type. Raises NoTemplate."""
    kind = "document" if content.carried is Carried.FILE else content.carried.value
    media: dict[str, Any] = {"link": content.url}
    match content.carried:
        case Carried.TEXT:
            return {"type": kind, "text": {"body": content.text}}
        case Carried.TEMPLATE:
            return {"type": kind, "template": as_json(parse_template(content.text), content.url)}
        case Carried.FILE:
            media["filename"] = file_name(content.url)
        case _:
            pass
    if content.text.strip():
        media["caption"] = content.text
    return {"type": kind, kind: media}
