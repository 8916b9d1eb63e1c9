"""`seqconsole link-steps`: rows without a step get the one that their day decides."""

from __future__ import annotations

import argparse

from engine.operations.link_steps import LinkSteps
from seqconsole.cli.command import Commands, Context, with_database
from seqconsole.cli.selection import add_act, add_filters, run_repair, selection_of


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `link-steps`."""
    parser = commands.add_parser(
        "link-steps",
        parents=[common],
        help="rows without a step get the one that their day decides",
        description=(
            "Contact rows whose step id is empty or of no step of their sequence, and so never sent. "
            "Where their day number is that of exactly one step, and no other row of the person "
            "stands for it, they are linked; the others stay, each with the reason."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole link-steps --all --dry-run\n"
            "  seqconsole link-steps --sequence Welcome"
        ),
    )
    add_filters(parser)
    add_act(parser)
    parser.set_defaults(run=with_database(_link))


async def _link(context: Context) -> int:
    selection = await selection_of(context.database, context.args)
    return await run_repair(context, LinkSteps(), selection)
