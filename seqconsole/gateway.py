"""Which gateway a worker of this database sends through."""

from __future__ import annotations

from engine.gateways.protocol import Gateway
from engine.gateways.simulated import SimulatedGateway
from engine.store import Database, Refused
from seqconsole.settings import Settings, SettingsError

SIMULATED_MARKS = frozenset({"demo", "test"})


async def gateway_is_configured(database: Database, settings: Settings) -> bool:
    """Whether anything could send: a gateway's address, or the demo, which starts its own."""
    async with database.transaction() as tx:
        mark = await tx.value("views/mark")
    return mark == "demo" or (settings.gateway_url is not None and mark in SIMULATED_MARKS)


async def open_gateway(database: Database, settings: Settings) -> Gateway:
    """The gateway to send through. Raises Refused without one, SettingsError for a wrong address."""
    if settings.gateway_url is None:
        raise Refused("no gateway is configured: set SEQCONSOLE_GATEWAY_URL or --gateway-url")
    async with database.transaction() as tx:
        mark = await tx.value("views/mark")
    if mark not in SIMULATED_MARKS:
        raise Refused(
            f"{database.access.described} is no demo: the simulated gateway, the only one of this "
            "version, sends nothing"
        )
    try:
        return SimulatedGateway(settings.gateway_url)
    except ValueError as error:
        raise SettingsError(f"setting gateway_url: {error}") from None
