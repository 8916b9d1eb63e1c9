"""`seqconsole worker`: the engine without a screen."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import logging
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from engine.gateways.protocol import Gateway
from engine.opening import open_adopted, patiently
from engine.runtime import WorkerOptions
from engine.runtime import run as run_worker
from engine.store.address import without_secrets
from engine.store.errors import one_line
from seqconsole import __version__
from seqconsole.cli.command import DONE, Commands, UsageError, settings_of
from seqconsole.cli.output import complain
from seqconsole.gateway import open_gateway
from seqconsole.place import Place, reached
from seqconsole.settings import Settings, state_home
from seqconsole.text import harmless

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
        epilog="example:\n  SEQCONSOLE_GOWA__MAIN__URL=https://gowa.example seqconsole worker "
        "--database-url service=work",
    )
    parser.add_argument("--gateway-url", metavar="URL", help="the simulated gateway of a demo")
    parser.add_argument(
        "--concurrency", type=int, default=200, metavar="N", help="messages in flight (200)"
    )
    parser.add_argument("--verbose", action="store_true", help="say what it does")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run `worker` until it is told to stop. Raises the errors of the store, UsageError."""
    settings = settings_of(args)
    if settings.read_only:
        raise UsageError("a worker writes: --read-only is not for it")
    if args.concurrency < 1:
        raise UsageError("--concurrency must be at least 1")
    log_lines(logging.INFO if args.verbose else logging.WARNING)
    with reached(settings, application="seqconsole worker") as place:
        return asyncio.run(_work(args, settings, place))


async def _work(args: argparse.Namespace, settings: Settings, place: Place) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sort in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(sort, _asked_to_stop, stop, sort)

    async def opened() -> Gateway:
        async with open_adopted(place.access) as database:
            return await open_gateway(database, settings)

    gateway = await patiently(opened, stop, complain)
    if gateway is None:
        return DONE
    options = worker_options(settings, place, args.concurrency)
    complain(f"working on {place.access.described}, worker {options.id}")
    access = replace(place.access, max_connections=CONNECTIONS)
    await run_worker(access, gateway, options, stop)
    complain("drained")
    return DONE


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
    complain("draining what is in flight; again to leave at once")
    stop.set()


class _Line(logging.Formatter):
    """One harmless line a record: no traceback, nothing like a password."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += f": {type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        return f"seqconsole: {harmless(one_line(Exception(text)), 1000)}"


def log_lines(level: int) -> None:
    """Send the logs to standard error, a line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
