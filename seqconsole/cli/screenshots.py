"""`seqconsole screenshots`: the pictures of the documentation, from the demo data."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from engine.store import Access
from engine.store.address import drop_database, ensure_database
from seqconsole.cli.command import DONE, Commands
from seqconsole.cli.output import print_line
from seqconsole.demo.scene import prepare_scene
from seqconsole.embedded import Cluster

DATABASE = "screenshots"


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `screenshots`."""
    parser = commands.add_parser(
        "screenshots",
        parents=[common],
        help="draw the documentation's pictures from the demo data",
        description=(
            "Makes a demo database with a clock that stands still on the embedded server, draws "
            "each screen of the console as SVG, and drops the database again."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole screenshots screenshots     those of this project\n"
            "  seqconsole screenshots /tmp/pictures"
        ),
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the pictures go")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Draw the pictures. Raises the errors of the store."""
    args.folder.mkdir(parents=True, exist_ok=True)
    cluster = Cluster.at()
    with cluster.use():
        asyncio.run(_draw(cluster.dsn("postgres"), cluster.dsn(DATABASE), args.folder))
    return DONE


async def _draw(maintenance: str, conninfo: str, folder: Path) -> None:
    from seqconsole.screenshots import draw_all  # Textual takes its time

    await drop_database(maintenance, DATABASE)
    await ensure_database(maintenance, DATABASE)
    try:
        access = Access(conninfo, application="seqconsole screenshots", server="embedded")
        await prepare_scene(access)
        await draw_all(access, folder, print_line)
    finally:
        await drop_database(maintenance, DATABASE)
