"""`seqconsole demo`: a dirty demo database, a simulated gateway, an engine and the console."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from engine.adoption import migrate
from engine.gateways.simulator.behaviour import Odds, SimulatedState
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess
from engine.opening import open_adopted
from engine.operations.engine_switch import engine_on
from engine.store import Access, Busy, Database
from engine.store.address import drop_database, ensure_database
from seqconsole.cli.command import Commands, UsageError, settings_of
from seqconsole.cli.console import check_terminal, engine_thread, show
from seqconsole.cli.output import complain
from seqconsole.demo import DemoSize, LoadedDemo, load
from seqconsole.embedded import Cluster
from seqconsole.place import DEMO, Place
from seqconsole.settings import Settings, state_home

COUNTRY = "60"
"""The demo's people live in Malaysia."""


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `demo`."""
    size = DemoSize()
    parser = commands.add_parser(
        "demo",
        parents=[common],
        help="try it: a dirty demo database, nothing is really sent",
        description=(
            "Makes the embedded database `demo` anew (unless somebody has it open: then this "
            "console joins), starts a simulated gateway and an engine with true limits, and opens "
            "the console. The same seed gives the same data."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole demo --devices 3000 --contacts 100000\n"
            "  seqconsole status --demo        in another terminal"
        ),
    )
    option = parser.add_argument
    option("--devices", type=int, default=size.devices, metavar="N", help=f"({size.devices})")
    option("--contacts", type=int, default=size.contacts, metavar="N", help=f"({size.contacts})")
    option("--sequences", type=int, default=size.sequences, metavar="N", help=f"({size.sequences})")
    option("--seed", type=int, default=size.seed, metavar="N", help=f"({size.seed})")
    option("--ascii", action="store_true", help="no characters beyond ASCII")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the demo. Raises UsageError, and the errors of the store."""
    check_terminal()
    try:
        size = DemoSize(args.devices, args.contacts, args.sequences, args.seed)
    except ValueError as error:
        raise UsageError(str(error)) from None
    args.demo = True
    settings = settings_of(args)
    cluster = Cluster.at()
    with cluster.use():
        access = Access(cluster.dsn(DEMO), read_only=settings.read_only, server="embedded")
        place = Place(access, DEMO)
        loaded = asyncio.run(prepare(cluster.dsn("postgres"), access, size))
        if loaded is None:
            complain("somebody has the demo open: joining it")
            return show(settings, place, None, ascii_only=args.ascii)
        return _run_with_gateway(args, settings, place, loaded)


def _run_with_gateway(
    args: argparse.Namespace, settings: Settings, place: Place, loaded: LoadedDemo
) -> int:
    gateway = SimulatedGatewayProcess(gateway_options(wire_log(), args.seed, loaded))
    asyncio.run(gateway.start())
    try:
        sending = settings.model_copy(update={"gateway_url": gateway.url})
        engine = None if settings.read_only else engine_thread(sending, place)
        return show(sending, place, engine, ascii_only=args.ascii)
    finally:
        asyncio.run(gateway.stop())


async def prepare(maintenance: str, access: Access, size: DemoSize) -> LoadedDemo | None:
    """Make the database `demo` anew, engine on; None where somebody has it open."""
    try:
        await drop_database(maintenance, DEMO)
    except Busy:
        return None
    complain("making the demo data ...")
    writing = Access(access.conninfo, application="seqconsole demo")
    await ensure_database(maintenance, DEMO)
    async with Database.open(writing) as database:
        loaded = await load(database, size, datetime.now(UTC))
    await migrate(writing, country=COUNTRY, zone="UTC")
    async with open_adopted(writing) as database:
        async with database.transaction() as tx:
            await tx.run("demo/mark")
        await engine_on(
            database,
            "demo",
            reason="the demo starts",
            now=True,
            gateway_configured=True,
            park=False,
        )
    return loaded


def gateway_options(log: Path, seed: int, loaded: LoadedDemo) -> Options:
    """The demo's gateway: mostly good, sometimes slow, wrong or silent; some devices offline."""
    devices: Mapping[str, SimulatedState] = {
        **{str(device): SimulatedState.OFFLINE for device in loaded.offline_devices},
        str(loaded.failing_device): SimulatedState.FAILING,
    }
    return Options(
        log=log, seed=seed, odds=Odds((0.5, 5.0), 0.02, 0.02, 0.004, 0.004), devices=devices
    )


def wire_log() -> Path:
    """The append-only log of what reached the demo's wire."""
    folder = state_home() / "demo"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / "wire.log"
