"""Receiving as a service: the door, and what looks again. It opens before the database is reached."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from uuid import UUID

from engine.opening import open_adopted, patiently
from engine.receiving import gowa, meta
from engine.receiving.batching import Batching, Take
from engine.receiving.events import Event
from engine.receiving.sweeping import keep_looking
from engine.receiving.taking import Taker
from engine.store import Database, DatabaseUnavailable
from seqconsole.cli.command import UsageError
from seqconsole.cli.worker import journal_folder
from seqconsole.logs import WORKER
from seqconsole.place import Place
from seqconsole.settings import Settings, SettingsError
from seqconsole.webhooks.app import Door
from seqconsole.webhooks.hooks import Hook
from seqconsole.webhooks.server import bound, serve
from seqconsole.webhooks.spool import Spool, keep_handing_over

log = logging.getLogger(f"{WORKER}.receive")

CONNECTIONS: Final = 8
READERS: Final = {"gowa": gowa.events, "meta": meta.events}


@dataclass(frozen=True, slots=True)
class Listening:
    """A service that is ready to open: where it listens, and its hooks, which take nothing yet."""

    socket: socket.socket
    secrets: dict[str, bytes]


def prepared(settings: Settings, listen: str, *, plain_http: bool) -> Listening:
    """Read the secrets and take the address. Raises SettingsError, UsageError."""
    secrets = _secrets(settings)
    return Listening(_bound(listen, plain_http), secrets)


async def receive(
    settings: Settings, place: Place, listening: Listening, stop: asyncio.Event
) -> None:
    """Receive until `stop`; what comes while the database is away waits on disk. Raises StoreError."""
    access = replace(place.access, max_connections=CONNECTIONS)
    service = _Service(settings, listening, _spool_of(settings, place))
    host, port = listening.socket.getsockname()[:2]
    where = ", ".join(f"/hook/{name}" for name in service.hooks)
    log.info("receiving for %s on %s:%s, %s", access.described, host, port, where)

    async def opened() -> bool:
        async with open_adopted(access):
            return True

    ending = asyncio.Event()
    serving = asyncio.create_task(serve(service.door.application(), listening.socket, ending))
    try:
        if await patiently(opened, stop, log.info):
            async with open_adopted(access) as database:
                await service.run(database, stop, ending, serving)
    finally:
        ending.set()
        await serving


class _Service:
    def __init__(self, settings: Settings, listening: Listening, spool: Spool) -> None:
        self._settings = settings
        self._takers: dict[str, Take] = {}
        self._database: Database | None = None
        self._spool = spool
        self.hooks = {
            name: Hook(
                name,
                secret,
                READERS[settings.receive[name].kind],
                partial(self._take, name),
                settings.receive[name].token.get_secret_value(),
            )
            for name, secret in listening.secrets.items()
        }
        self.door = Door(list(self.hooks.values()), self._alive, spool=spool)

    async def run(
        self,
        database: Database,
        stop: asyncio.Event,
        ending: asyncio.Event,
        serving: asyncio.Task[None],
    ) -> None:
        """Take into this database until `stop`; what is inside is taken before it is closed."""
        self._database = database
        for name in self.hooks:
            devices = devices_of(self._settings, self._settings.receive[name].kind, name)
            self._takers[name] = Batching(Taker(database, devices).take).take
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_looking(database, stop))
            tasks.create_task(keep_handing_over(self._spool, self.hooks, stop))
            await stop.wait()
            ending.set()
            await serving

    async def _take(self, name: str, events: Sequence[Event]) -> None:
        if name not in self._takers:
            raise DatabaseUnavailable("not reached yet")
        await self._takers[name](events)

    async def _alive(self) -> None:
        if self._database is None:
            raise DatabaseUnavailable("not reached yet")
        async with self._database.transaction() as tx:
            await tx.now()


def devices_of(settings: Settings, kind: str, name: str) -> dict[str, UUID]:
    """What the gateway of this name calls the devices that the settings map."""
    gateways = getattr(settings, kind, {})
    mapped = getattr(gateways.get(name), "devices", None) or {}
    return {there: device for device, there in mapped.items()}


def _secrets(settings: Settings) -> dict[str, bytes]:
    if not settings.receive:
        raise SettingsError(
            "no webhook is set: SEQCONSOLE_RECEIVE__MAIN__KIND=gowa with "
            "SEQCONSOLE_RECEIVE__MAIN__SECRET, or [receive.main] in the settings file"
        )
    found = {}
    for name, given in sorted(settings.receive.items()):
        try:
            found[name] = given.read_secret()
        except ValueError as error:
            raise SettingsError(f"setting receive.{name}: {error}") from None
    return found


def _bound(listen: str, plain_http: bool) -> socket.socket:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdecimal() or int(port) > 65535:
        raise UsageError("where to listen is HOST:PORT, such as 127.0.0.1:8787")
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        raise UsageError(
            "where to listen is an address of this machine: 127.0.0.1, 0.0.0.0"
        ) from None
    if not local and not plain_http:
        raise UsageError(
            f"{host} lets other machines connect without TLS: put a proxy in front and listen on "
            "127.0.0.1, or say --plain-http"
        )
    try:
        return bound(host, int(port))
    except OSError as error:
        raise UsageError(f"cannot listen on {listen}: {error.strerror}") from None


def _spool_of(settings: Settings, place: Place) -> Spool:
    """Where webhooks wait for this database, beside the workers' journals of it."""
    try:
        return Spool(journal_folder(settings, place) / "webhooks")
    except OSError as error:
        raise SettingsError(f"setting journal_directory: {type(error).__name__}") from None
