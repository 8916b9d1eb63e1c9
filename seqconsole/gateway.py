"""Which gateway a worker of this database sends through."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from engine.gateways.gowa import GowaGateway, GowaHost, check_hosts
from engine.gateways.protocol import Gateway
from engine.gateways.simulated import SimulatedGateway
from engine.store import Database, Refused
from seqconsole.settings import Settings, SettingsError

DEMO_MARK = "demo"
SIMULATED_MARKS = frozenset({DEMO_MARK, "test"})
NONE_CONFIGURED = (
    "no gateway is configured: set SEQCONSOLE_GOWA__MAIN__URL, or [gowa.main] in the settings file"
)


@dataclass(frozen=True, slots=True)
class DeviceJid:
    """A device and the WhatsApp account that the operator's table names for it."""

    device_id: UUID
    jid: str


async def gateway_is_configured(database: Database, settings: Settings) -> bool:
    """Whether anything could send: a gowa host, a simulated gateway, or the demo, which starts its own.

    Raises SettingsError for hosts that cannot be used.
    """
    mark = await _mark(database)
    if mark == DEMO_MARK:
        return True
    if settings.gateway_url is not None and mark in SIMULATED_MARKS:
        return True
    return bool(gowa_hosts(settings))


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
    hosts = gowa_hosts(settings)
    if hosts:
        return GowaGateway(hosts, addresses=await _addresses(database, settings))
    if settings.gateway_url is not None:
        raise Refused(
            f"{database.access.described} is no demo: gateway_url is for the simulated gateway, which "
            "sends nothing; a real one is set by SEQCONSOLE_GOWA__MAIN__URL or [gowa.main]"
        )
    raise Refused(NONE_CONFIGURED)


def gowa_hosts(settings: Settings) -> list[GowaHost]:
    """The hosts of the settings, by name. Raises SettingsError for hosts that cannot be used."""
    hosts = [
        GowaHost(
            name=name,
            url=given.url,
            username=given.username,
            password=given.password.get_secret_value(),
            devices=given.devices or {},
            takes_all=given.devices is None,
            plain_http=given.plain_http,
        )
        for name, given in sorted(settings.gowa.items())
    ]
    try:
        check_hosts(hosts)
    except ValueError as error:
        raise SettingsError(f"setting gowa: {error}") from None
    return hosts


async def _mark(database: Database) -> str | None:
    async with database.transaction() as tx:
        mark: str | None = await tx.value("views/mark")
    return mark


async def _addresses(database: Database, settings: Settings) -> dict[UUID, str]:
    """The JIDs of the devices, where the settings ask for them. Raises StoreError."""
    if settings.gowa_device_ids != "jid":
        return {}
    rows = await database.read(DeviceJid, "engine/device_jids")
    return {row.device_id: row.jid for row in rows}
