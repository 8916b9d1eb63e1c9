"""From settings to a database that can be opened: somebody's own, or the embedded one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from engine.adoption import migrate
from engine.opening import is_current
from engine.store import Access, Refused
from engine.store.address import (
    database_exists,
    ensure_database,
    from_environment,
    secrets_in,
)
from seqconsole.embedded import Cluster
from seqconsole.settings import EMBEDDED, Settings

MAIN: Final = "main"
DEMO: Final = "demo"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run works; `embedded` is the name of the database where it is our own server's."""

    access: Access
    embedded: str | None = None


@contextmanager
def reached(settings: Settings, *, application: str = "seqconsole") -> Iterator[Place]:
    """The database of these settings; the embedded server runs for as long as the block does.

    The embedded `main` is made and brought to the current schema on the way. Not inside an event
    loop. Raises StoreError and EmbeddedError.
    """
    address = own_address(settings)
    if address is not None:
        secrets_in(address)
        yield Place(_access(settings, address, application))
        return
    name = embedded_name(settings)
    cluster = Cluster.at()
    with cluster.use():
        access = _access(settings, cluster.dsn(name), application, "embedded")
        asyncio.run(_prepare(cluster.dsn("postgres"), name, access, settings))
        yield Place(access, name)


def own_address(settings: Settings) -> str | None:
    """The conninfo of the operator's own server; None: the embedded one is meant."""
    if settings.database_url is None:
        return from_environment(os.environ)
    address = settings.database_url.get_secret_value().strip()
    return None if address.partition(":")[0] == EMBEDDED else address


def embedded_name(settings: Settings) -> str:
    """The database that is meant on the embedded server."""
    if settings.database_url is None:
        return MAIN
    return settings.database_url.get_secret_value().strip().partition(":")[2] or MAIN


def _access(settings: Settings, conninfo: str, application: str, server: str = "") -> Access:
    return Access(
        conninfo,
        server=server,
        schema=settings.operator_schema,
        application=application,
        read_only=settings.read_only,
    )


async def _prepare(maintenance: str, name: str, access: Access, settings: Settings) -> None:
    if name != MAIN:
        if not await database_exists(maintenance, name):
            hint = ": `seqconsole demo` makes it" if name == DEMO else ""
            raise Refused(f"the embedded PostgreSQL has no database {name}{hint}")
        return
    fresh = await ensure_database(maintenance, name)
    if fresh or not await is_current(access):
        await migrate(
            replace(access, application="seqconsole migrate"),
            country=settings.country,
            zone=settings.timezone,
            fresh=True,
        )
