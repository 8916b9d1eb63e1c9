"""What the settings say of a gateway's host, whatever its kind, and which address may be used."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx2

from engine.gateways import exchange

LONGEST_TOKEN = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One address. `name` is the operator's word for it: holds and screens carry it.

    `devices`: our device -> how it is called there (gowa: its id or JID; Meta: its phone number id;
    hosted gateways: its token). `takes_all`: also every device of this platform that no host names.
    `ca_file`: the certificates to trust instead of the system's.
    """

    name: str
    url: str
    devices: Mapping[UUID, str] = field(default_factory=dict, repr=False)
    takes_all: bool = False
    plain_http: bool = False
    ca_file: Path | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no answer may carry on; a kind of host that has some says so."""
        return ()


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


def check_hosts(hosts: Sequence[Host]) -> None:
    """Raises `ValueError` for hosts of one kind that cannot be used, or that contradict each other."""
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


def is_loopback(host: str) -> bool:
    """Whether a host of an address is this machine, without asking any name server."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def is_token(text: str) -> bool:
    """Whether a credential can stand in a header: printable ASCII without blanks."""
    return (
        0 < len(text) <= LONGEST_TOKEN and text.isascii() and text.isprintable() and " " not in text
    )


def client_of(host: Host, headers: Mapping[str, str] | None = None) -> exchange.Client:
    """The client of a host."""
    return exchange.Client(host.url, headers=headers, ca_file=host.ca_file)
