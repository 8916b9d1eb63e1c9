"""`seqconsole metrics`: the figures for Prometheus, once."""

from __future__ import annotations

import argparse
import sys

from engine.reports.figures import figures
from seqconsole.cli.command import DONE, Commands, Context, catch_up, with_database

PORTIONS = 20


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `metrics`."""
    parser = commands.add_parser(
        "metrics",
        parents=[common],
        help="the figures for Prometheus, once",
        description=(
            "What `worker --metrics HOST:PORT` serves of the database, for a textfile collector. "
            "No name, text or phone is in it."
        ),
        epilog=(
            "examples:\n  seqconsole metrics --per-device\n"
            "  seqconsole metrics > /var/lib/node_exporter/seqconsole.prom.new && "
            "mv /var/lib/node_exporter/seqconsole.prom.new /var/lib/node_exporter/seqconsole.prom"
        ),
    )
    parser.add_argument(
        "--per-device", action="store_true", help="three metrics for each device, too"
    )
    parser.set_defaults(run=with_database(_metrics))


async def _metrics(context: Context) -> int:
    from seqconsole.metrics import Readout  # the client of Prometheus takes its time

    await catch_up(context, PORTIONS)
    seen = await figures(context.database)
    sys.stdout.write(Readout(seen, per_device=context.args.per_device).text().decode())
    return DONE
