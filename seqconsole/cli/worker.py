"""`seqconsole worker`: the engine without a screen."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import logging
import os
import signal
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.alarm_command import AlarmCommand
from engine.gateways.protocol import Gateway
from engine.opening import open_adopted, patiently
from engine.runtime import Worker, WorkerOptions
from engine.store import Database
from engine.store.address import without_secrets
from seqconsole import __version__
from seqconsole.cli.command import DONE, Commands, UsageError, settings_of
from seqconsole.gateway import open_gateway
from seqconsole.logs import WORKER, JsonLog, LogFormat, log_to_stderr
from seqconsole.metrics_server import Address, CannotListen, address
from seqconsole.place import Place, reached
from seqconsole.secrecy import Exposed
from seqconsole.settings import Settings, state_home

if TYPE_CHECKING:
    from seqconsole.receiving import Listening

log = logging.getLogger(WORKER)

CONNECTIONS = 8


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `worker`."""
    parser = commands.add_parser(
        "worker",
        parents=[common],
        help="the engine without a screen",
        description=(
            "Schedules and sends while the engine is switched on. Any number of workers share one "
            "database; one that is away is waited for. SIGTERM drains it: what is in flight ends "
            "first (at most 65 s), then exit 0; a second signal leaves at once."
        ),
        epilog="examples:\n  SEQCONSOLE_GOWA__MAIN__URL=https://gowa.example seqconsole worker "
        "--database-url service=work\n"
        "  seqconsole worker --metrics 127.0.0.1:9187 --log-format json",
    )
    parser.add_argument("--gateway-url", metavar="URL", help="the simulated gateway of a demo")
    parser.add_argument(
        "--concurrency", type=int, default=200, metavar="N", help="messages in flight (200)"
    )
    parser.add_argument(
        "--receive",
        metavar="HOST:PORT",
        help="also take the gateways' webhooks, as `seqconsole receive` does",
    )
    parser.add_argument("--verbose", action="store_true", help="say what it does")
    parser.add_argument(
        "--log-format",
        choices=[each.value for each in LogFormat],
        default="text",
        help="how it says it: lines, or an object of JSON a line",
    )
    parser.add_argument(
        "--metrics",
        metavar="HOST:PORT",
        help="serve /metrics (Prometheus) and /health there; beyond this machine it needs a token "
        "(SEQCONSOLE_METRICS_TOKEN, or metrics_token_file in the settings file)",
    )
    parser.add_argument(
        "--metrics-per-device", action="store_true", help="three metrics for each device, too"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run `worker` until it is told to stop. Raises the errors of the store, UsageError."""
    settings = settings_of(args)
    if settings.read_only:
        raise UsageError("a worker writes: --read-only is not for it")
    if args.concurrency < 1:
        raise UsageError("--concurrency must be at least 1")
    served, door = _served(args, settings), _door(args, settings)
    level = logging.INFO if args.verbose else logging.WARNING
    said_as = log_to_stderr(level, LogFormat(args.log_format))
    with reached(settings, application="seqconsole worker") as place:
        options = worker_options(settings, place, args.concurrency)
        if isinstance(said_as, JsonLog):
            said_as.fields["worker"] = str(options.id)
        work = _work(settings, place, options, served, args.metrics_per_device)
        return asyncio.run(_with_door(work, settings, place, door))


def _door(args: argparse.Namespace, settings: Settings) -> Listening | None:
    if args.receive is None:
        return None
    from seqconsole.receiving import prepared  # it draws on the HTTP stack, which takes its time

    return prepared(settings, args.receive, plain_http=False)


async def _with_door(
    work: Coroutine[Any, Any, int], settings: Settings, place: Place, door: Listening | None
) -> int:
    """Take webhooks until the worker has drained: receipts of its last sends come in too."""
    if door is None:
        return await work
    from seqconsole.receiving import receive

    stop = asyncio.Event()
    with door.socket:
        receiving = asyncio.create_task(receive(settings, place, door, stop))
        try:
            return await work
        finally:
            stop.set()
            await receiving


def _served(args: argparse.Namespace, settings: Settings) -> Address | None:
    if args.metrics is None:
        if args.metrics_per_device:
            raise UsageError("--metrics-per-device belongs to --metrics HOST:PORT")
        return None
    try:
        return address(args.metrics, settings.bearer)
    except (ValueError, Exposed) as error:
        raise UsageError(f"--metrics: {error}") from None


async def _work(
    settings: Settings,
    place: Place,
    options: WorkerOptions,
    served: Address | None,
    per_device: bool,
) -> int:
    from seqconsole.beside import beside  # the client of Prometheus takes its time

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sort in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(sort, _asked_to_stop, stop, sort)

    async def opened() -> Gateway:
        async with open_adopted(place.access) as database:
            return await open_gateway(database, settings)

    gateway = await patiently(opened, stop, log.info)
    if gateway is None:
        return DONE
    access = replace(place.access, max_connections=CONNECTIONS)
    async with Database.open(access, prove=False) as database:
        try:
            worker = Worker(database, gateway, options)
            async with beside(
                worker,
                on_alarm=alarm_command(settings, place),
                metrics=served,
                per_device=per_device,
            ):
                log.info("working on %s, worker %s", place.access.described, options.id)
                await worker.run(stop)
        except CannotListen as error:
            raise UsageError(f"--metrics: can't listen there ({error})") from error
        finally:
            await gateway.close()
    log.info("drained")
    return DONE


def alarm_command(settings: Settings, place: Place) -> AlarmCommand | None:
    """The command that hears of alarms, if there is one."""
    words = settings.on_alarm_words
    return AlarmCommand(words, place.access.described) if words else None


def worker_options(settings: Settings, place: Place, concurrency: int) -> WorkerOptions:
    """How a worker of this database runs."""
    folder = journal_folder(settings, place)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return WorkerOptions(__version__, folder, concurrency=concurrency, listen=settings.listen)


def journal_folder(settings: Settings, place: Place) -> Path:
    """Where this account keeps the journals of this database."""
    if settings.journal_directory is not None:
        return settings.journal_directory
    name = hashlib.sha256(without_secrets(place.access.conninfo).encode()).hexdigest()[:16]
    return state_home() / "journal" / name


def _asked_to_stop(stop: asyncio.Event, sort: signal.Signals) -> None:
    if stop.is_set():
        os._exit(128 + sort)
    log.info("draining what is in flight; again to leave at once")
    stop.set()
