"""`seqconsole receive`: takes the webhooks of the gateways."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import logging
import signal
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from engine.opening import open_adopted, patiently
from engine.receiving import gowa, meta
from engine.receiving.batching import Batching
from engine.receiving.sweeping import keep_looking
from engine.receiving.taking import Taker
from seqconsole.cli.command import DONE, Commands, UsageError, settings_of
from seqconsole.cli.output import complain
from seqconsole.cli.worker import journal_folder
from seqconsole.logs import LogFormat, log_to_stderr
from seqconsole.place import Place, reached
from seqconsole.settings import Settings, SettingsError

if TYPE_CHECKING:
    from seqconsole.webhooks.spool import Spool

LISTEN = "127.0.0.1:8787"
CONNECTIONS = 8
READERS = {"gowa": gowa.events, "meta": meta.events}


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `receive`."""
    parser = commands.add_parser(
        "receive",
        parents=[common],
        help="takes the gateways' webhooks: receipts, replies, the word stop",
        description=(
            "Listens for the webhooks of gowa and of the Meta Cloud API at /hook/NAME. What is "
            "delivered and read is noted, a doubt that a receipt proves is settled, and who replies "
            "STOP gets nothing more, in any sequence. Each body must be signed with the secret of "
            "its webhook (settings file or environment). Put a reverse proxy with TLS in front of "
            "it. SIGTERM ends it once what is inside is taken."
        ),
        epilog=(
            "examples:\n"
            "  SEQCONSOLE_RECEIVE__MAIN__KIND=gowa SEQCONSOLE_RECEIVE__MAIN__SECRET_FILE=hook.secret \\\n"
            "    seqconsole receive --database-url service=work\n"
            "  then give gowa the address http://127.0.0.1:8787/hook/main and the same secret\n"
            "  seqconsole receive --listen 0.0.0.0:8787 --plain-http    behind a proxy on another machine"
        ),
    )
    parser.add_argument(
        "--listen", default=LISTEN, metavar="HOST:PORT", help=f"where it listens ({LISTEN})"
    )
    parser.add_argument(
        "--plain-http",
        action="store_true",
        help="also listen where others can connect: phone numbers are then readable on the way",
    )
    parser.add_argument("--verbose", action="store_true", help="say what it does")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run `receive` until it is told to stop. Raises the errors of the store, UsageError, SettingsError."""
    settings = settings_of(args)
    if settings.read_only:
        raise UsageError("receiving writes: --read-only is not for it")
    secrets = _secrets(settings)
    listening = _listening(args)
    log_to_stderr(logging.INFO if args.verbose else logging.WARNING, LogFormat.TEXT)
    with listening, reached(settings, application="seqconsole receive") as place:
        return asyncio.run(_receive(settings, place, secrets, listening))


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


def _listening(args: argparse.Namespace) -> socket.socket:
    from seqconsole.webhooks.server import bound

    host, _, port = str(args.listen).rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdecimal() or int(port) > 65535:
        raise UsageError("--listen is HOST:PORT, such as 127.0.0.1:8787")
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        raise UsageError("--listen names an address of this machine: 127.0.0.1, 0.0.0.0") from None
    if not local and not args.plain_http:
        raise UsageError(
            f"{host} lets other machines connect without TLS: put a proxy in front and listen on "
            "127.0.0.1, or say --plain-http"
        )
    try:
        return bound(host, int(port))
    except OSError as error:
        raise UsageError(f"cannot listen on {args.listen}: {error.strerror}") from None


async def _receive(
    settings: Settings, place: Place, secrets: Mapping[str, bytes], listening: socket.socket
) -> int:
    from seqconsole.webhooks.app import Door
    from seqconsole.webhooks.hooks import Hook
    from seqconsole.webhooks.server import serve
    from seqconsole.webhooks.spool import keep_handing_over

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sort in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(sort, stop.set)
    access = replace(place.access, max_connections=CONNECTIONS)

    async def opened() -> bool:
        async with open_adopted(access):
            return True

    if not await patiently(opened, stop, complain):
        return DONE
    async with open_adopted(access) as database:

        async def alive() -> None:
            async with database.transaction() as tx:
                await tx.now()

        hooks = [
            Hook(
                name=name,
                secret=secrets[name],
                read=READERS[given.kind],
                take=Batching(Taker(database, devices_of(settings, given.kind, name)).take).take,
                token=given.token.get_secret_value(),
            )
            for name, given in settings.receive.items()
        ]
        where = ", ".join(f"/hook/{hook.name}" for hook in hooks)
        host, port = listening.getsockname()[:2]
        complain(f"receiving for {access.described} on {host}:{port}, {where}")
        spool = spool_of(settings, place)
        tasks = [
            asyncio.create_task(keep_looking(database, stop)),
            asyncio.create_task(keep_handing_over(spool, {h.name: h for h in hooks}, stop)),
        ]
        await serve(Door(hooks, alive, spool=spool).application(), listening, stop)
        stop.set()
        await asyncio.gather(*tasks)
    complain("drained")
    return DONE


def spool_of(settings: Settings, place: Place) -> Spool:
    """Where webhooks wait for this database, beside the workers' journals of it."""
    from seqconsole.webhooks.spool import Spool

    try:
        return Spool(journal_folder(settings, place) / "webhooks")
    except OSError as error:
        raise SettingsError(f"setting journal_directory: {type(error).__name__}") from None


def devices_of(settings: Settings, kind: str, name: str) -> dict[str, UUID]:
    """What the gateway of this name calls the devices that the settings map."""
    gateways = getattr(settings, kind, {})
    mapped = getattr(gateways.get(name), "devices", None) or {}
    return {there: device for device, there in mapped.items()}
