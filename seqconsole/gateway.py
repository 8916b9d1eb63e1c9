"""Which gateway a worker of this database sends through."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from engine.addresses import load_addresses
from engine.gateways.fleet import Fleet, Member
from engine.gateways.gowa import GowaGateway, GowaHost
from engine.gateways.hosted import WABLAS, WHACENTER, HostedGateway, Kind
from engine.gateways.hosts import Host
from engine.gateways.meta import MetaAccount, MetaGateway
from engine.gateways.protocol import Gateway, Platform
from engine.gateways.simulated import SimulatedGateway
from engine.store import Database, Refused
from seqconsole.gateway_settings import GowaSettings, HostedSettings, HostSettings, MetaSettings
from seqconsole.secrecy import Exposed, secret_in
from seqconsole.settings import Settings, SettingsError

DEMO_MARK = "demo"
SIMULATED_MARKS = frozenset({DEMO_MARK, "test"})
NONE_CONFIGURED = (
    "no gateway is configured: set SEQCONSOLE_GOWA__MAIN__URL, or [gowa.main], [meta.main], "
    "[wablas.main] or [whacenter.main] in the settings file"
)


async def gateway_is_configured(database: Database, settings: Settings) -> bool:
    """Whether anything could send: a real gateway, a simulated one, or the demo, which starts its own.

    Raises SettingsError for hosts that cannot be used.
    """
    mark = await _mark(database)
    if mark == DEMO_MARK:
        return True
    if settings.gateway_url is not None and mark in SIMULATED_MARKS:
        return True
    if not settings.names_gateway:
        return False
    fleet_of(settings)
    return True


async def open_gateway(database: Database, settings: Settings) -> Gateway:
    """The gateway to send through. Raises Refused without one, SettingsError for a wrong address."""
    mark = await _mark(database)
    if mark in SIMULATED_MARKS and settings.gateway_url is not None:
        try:
            return SimulatedGateway(settings.gateway_url)
        except ValueError as error:
            raise SettingsError(f"setting gateway_url: {error}") from None
    if mark == DEMO_MARK:
        raise Refused("a demo sends through its simulated gateway only: set gateway_url")
    if settings.names_gateway:
        fleet = fleet_of(settings)
        fleet.know(await load_addresses(database))
        return fleet
    if settings.gateway_url is not None:
        raise Refused(
            f"{database.access.described} is no demo: gateway_url is for the simulated gateway, which "
            "sends nothing; a real one is set by SEQCONSOLE_GOWA__MAIN__URL or [gowa.main]"
        )
    raise Refused(NONE_CONFIGURED)


def fleet_of(settings: Settings) -> Fleet:
    """The real gateways of the settings. Raises SettingsError for hosts that cannot be used."""
    members: dict[Platform, Member] = {}
    for platform, given in (
        (Platform.GOWA, settings.gowa),
        (Platform.META, settings.meta),
        (Platform.WABLAS, settings.wablas),
        (Platform.WHACENTER, settings.whacenter),
    ):
        if given:
            try:
                members[platform] = _member(platform, given, settings)
            except (ValueError, OSError) as error:
                raise SettingsError(f"setting {platform}: {_why(error)}") from None
    try:
        return Fleet(members)
    except ValueError as error:
        raise SettingsError(f"setting of the gateways: {error}") from None


def _why(error: ValueError | OSError) -> str:
    return str(error) if isinstance(error, ValueError) else type(error).__name__


def _member(platform: Platform, given: Mapping[str, HostSettings], settings: Settings) -> Member:
    hosts = sorted(given.items())
    match platform:
        case Platform.GOWA:
            gowa = [_gowa(name, one) for name, one in hosts if isinstance(one, GowaSettings)]
            return GowaGateway(gowa, by_jid=settings.gowa_device_ids == "jid")
        case Platform.META:
            return MetaGateway(
                [_meta(name, one) for name, one in hosts if isinstance(one, MetaSettings)]
            )
        case Platform.WABLAS:
            return _hosted(WABLAS, given)
        case Platform.WHACENTER:
            return _hosted(WHACENTER, given)


def _common(name: str, given: HostSettings) -> dict[str, Any]:
    if given.ca_file is not None and not given.ca_file.is_file():
        raise ValueError(f"host {name}: ca_file {given.ca_file} is no file")
    return {
        "name": name,
        "url": given.url,
        "plain_http": given.plain_http,
        "ca_file": given.ca_file,
    }


def _gowa(name: str, given: GowaSettings) -> GowaHost:
    return GowaHost(
        **_common(name, given),
        username=given.username,
        password=_secret(name, given.password, given.password_file),
        devices=given.devices or {},
        takes_all=given.devices is None,
    )


def _meta(name: str, given: MetaSettings) -> MetaAccount:
    return MetaAccount(
        **_common(name, given),
        token=_secret(name, given.token, given.token_file),
        version=given.version,
        devices=given.devices or {},
        takes_all=given.devices is None,
    )


def _hosted(kind: Kind, given: Mapping[str, HostSettings]) -> HostedGateway:
    hosts = [
        Host(
            **_common(name, one),
            devices={d: token.get_secret_value() for d, token in (one.tokens or {}).items()},
            takes_all=one.tokens is None,
        )
        for name, one in sorted(given.items())
        if isinstance(one, HostedSettings)
    ]
    return HostedGateway(kind, hosts)


def _secret(name: str, given: SecretStr, path: Path | None) -> str:
    if path is None:
        return given.get_secret_value()
    try:
        return secret_in(path)
    except Exposed as error:
        raise ValueError(f"host {name}: {error}") from None


async def _mark(database: Database) -> str | None:
    async with database.transaction() as tx:
        mark: str | None = await tx.value("views/mark")
    return mark
