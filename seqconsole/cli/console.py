"""`seqconsole`: the console itself."""

from __future__ import annotations

import argparse
import asyncio
import codecs
import os
import sys
import time
from dataclasses import replace
from functools import partial

from engine.opening import open_adopted
from engine.runtime import DRAIN_AT_MOST, Worker
from seqconsole.absence import Absence
from seqconsole.cli.command import DONE, Commands, UsageError, settings_of
from seqconsole.cli.output import complain
from seqconsole.cli.worker import CONNECTIONS, alarm_command, worker_options
from seqconsole.engine_thread import EngineThread
from seqconsole.garbage import collect_between_frames
from seqconsole.gateway import gateway_is_configured, open_gateway
from seqconsole.options import ConsoleOptions
from seqconsole.place import Place, reached
from seqconsole.settings import Settings, state_home

CONCURRENCY = 200


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `console`, which is also what no command at all means."""
    parser = commands.add_parser(
        "console",
        parents=[common],
        help="the console (the default)",
        description="The console. `?` inside shows the keys, `q` quits.",
        epilog="examples:\n  seqconsole --database-url service=work\n  seqconsole console --engine",
    )
    parser.add_argument(
        "--engine", action="store_true", help="run a worker beside the screen (embedded: always)"
    )
    parser.add_argument("--gateway-url", metavar="URL", help="what that worker sends through")
    parser.add_argument("--ascii", action="store_true", help="no characters beyond ASCII")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the console. Raises UsageError without a terminal, and the errors of the store."""
    check_terminal()
    settings = settings_of(args)
    with reached(settings) as place:
        wants_engine = getattr(args, "engine", False)
        engine = asyncio.run(_engine(settings, place, required=wants_engine))
        return show(settings, place, engine, ascii_only=getattr(args, "ascii", False))


def check_terminal() -> None:
    """Raises UsageError where no screen can be drawn."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the console needs a terminal; `seqconsole status` works without one")
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise UsageError("this terminal cannot draw (TERM); `seqconsole status` works here")


async def _engine(settings: Settings, place: Place, *, required: bool) -> EngineThread | None:
    """The engine of this console: asked for, or of the embedded database where something can send."""
    async with open_adopted(place.access) as database:
        if settings.read_only or not (required or place.embedded):
            return None
        has_one = settings.gateway_url is not None or settings.names_gateway
        if not required and not (has_one and await gateway_is_configured(database, settings)):
            return None
        await (await open_gateway(database, settings)).close()  # refuses now, not in the thread
    return engine_thread(settings, place)


def engine_thread(settings: Settings, place: Place) -> EngineThread:
    """A worker beside the screen, not started."""
    from seqconsole.beside import beside  # the client of Prometheus takes its time

    options = worker_options(settings, place, CONCURRENCY)
    workers: list[Worker] = []

    async def work(stop: asyncio.Event) -> None:
        access = replace(place.access, max_connections=CONNECTIONS)
        async with open_adopted(access) as database:
            gateway = await open_gateway(database, settings)
            try:
                workers.append(Worker(database, gateway, options))
                async with beside(workers[0], on_alarm=alarm_command(settings, place)):
                    await workers[0].run(stop)
            finally:
                await gateway.close()

    return EngineThread(work, lambda: workers[0].sender.in_flight if workers else 0)


def show(
    settings: Settings, place: Place, engine: EngineThread | None, *, ascii_only: bool = False
) -> int:
    """Draw until the operator leaves, then drain the engine. Returns the exit code."""
    speaks = codecs.lookup(sys.stderr.encoding or "ascii").name  # the screen is drawn there
    options = ConsoleOptions(
        database_label=place.embedded or place.access.described,
        production=place.embedded is None,
        read_only=settings.read_only,
        ascii=ascii_only or speaks != "utf-8",
        speaks=speaks,
        who=settings.who,
        engine=engine,
        memory=state_home() / "screens.json",
    )
    if engine is not None:
        sys.setswitchinterval(0.001)  # a key waits for the engine's thread no longer than this
        engine.start()
    try:
        return asyncio.run(_draw(settings, place, options))
    finally:
        if engine is not None:
            drain(engine)


async def _draw(settings: Settings, place: Place, options: ConsoleOptions) -> int:
    from seqconsole.app import Console  # Textual takes its time: only who draws pays for it
    from seqconsole.crash import one_line_each
    from seqconsole.database_source import DatabaseSource, DatabaseVerbs

    one_line_each()
    collecting = asyncio.create_task(collect_between_frames())
    async with open_adopted(place.access) as database:
        configured = await gateway_is_configured(database, settings)
        verbs = DatabaseVerbs(
            database,
            settings.who,
            gateway_configured=configured,
            gateway=partial(open_gateway, database, settings),
        )
        options = replace(options, away=Absence(database, settings.who, not settings.read_only))
        app = Console(DatabaseSource(database), verbs, options=options)
        try:
            await app.run_async()
        finally:
            collecting.cancel()
        return app.return_code or DONE


def drain(engine: EngineThread) -> None:
    """Wait until what is in flight has ended, counting down on standard error."""
    end = time.monotonic() + DRAIN_AT_MOST
    if engine.stop(0.5):
        return
    while not engine.stop(1.0):
        left = end - time.monotonic()
        if left <= 0:
            complain("left with messages in flight: they are in doubt until their lease ends")
            return
        complain(f"draining: {engine.in_flight} in flight, at most {left:.0f} s more")
