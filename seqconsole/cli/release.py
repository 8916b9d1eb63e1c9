"""`seqconsole release`: stuck rows, by what is known of their message."""

from __future__ import annotations

import argparse

from engine.operations.release import Release
from seqconsole.cli.command import Commands, Context, with_database
from seqconsole.cli.selection import add_act, add_filters, run_repair, selection_of


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `release`."""
    parser = commands.add_parser(
        "release",
        parents=[common],
        help="stuck rows, by what is known of their message",
        description=(
            "Rows left active or in hand by another application. Their message was sent: completed. "
            "Nobody knows: in doubt, for `seqconsole settle`. It was never queued: pending again, and "
            "sent 10 s ahead at the earliest. Other states (paused, ...) only where --state names them."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole release --all --dry-run\n"
            "  seqconsole release --sequence Welcome --older-than 2h\n"
            "  seqconsole release --state paused --sequence Welcome"
        ),
    )
    add_filters(parser, ("active", "processing", "queued", "paused", "any other"))
    add_act(parser)
    parser.set_defaults(run=with_database(_release))


async def _release(context: Context) -> int:
    selection = await selection_of(context.database, context.args)
    states = tuple(s.lower() for s in selection.states) if selection.states else None
    return await run_repair(context, Release(states), selection)
