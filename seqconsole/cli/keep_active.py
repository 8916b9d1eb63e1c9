"""`seqconsole keep-active`: of several active steps of one person the earliest stays."""

from __future__ import annotations

import argparse

from engine.operations.keep_active import KeepActive
from seqconsole.cli.command import Commands, Context, with_database
from seqconsole.cli.selection import add_act, add_filters, run_repair, selection_of


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `keep-active`."""
    parser = commands.add_parser(
        "keep-active",
        parents=[common],
        help="of several active steps of one person the earliest stays",
        description=(
            "Steps that are active behind the one whose turn it is go back: completed where their "
            "message was sent, else pending, and a queued message of theirs leaves the queue. A chain "
            "with a message in doubt stays as it is until that is settled."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole keep-active --all --dry-run\n"
            "  seqconsole keep-active --phone +60123456789"
        ),
    )
    add_filters(parser)
    add_act(parser)
    parser.set_defaults(run=with_database(_keep))


async def _keep(context: Context) -> int:
    selection = await selection_of(context.database, context.args)
    return await run_repair(context, KeepActive(), selection)
