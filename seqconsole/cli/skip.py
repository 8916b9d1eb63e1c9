"""`seqconsole skip`: what shall not be sent is passed over."""

from __future__ import annotations

import argparse

from engine.operations.skip import REASON, Skip
from seqconsole.cli.command import Commands, Context, with_database
from seqconsole.cli.selection import add_act, add_filters, run_repair, selection_of

STATES = ("pending", "failed", "waiting")


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `skip`."""
    parser = commands.add_parser(
        "skip",
        parents=[common],
        help="pass over what shall not be sent; the next step follows",
        description=(
            "Queued and failed messages, and steps that wait for their time, are skipped with the "
            "reason. The person's next step follows, 10 s ahead at the earliest. What is in flight or "
            "in doubt stays."
        ),
        epilog=(
            "examples:\n"
            '  seqconsole skip --sequence Welcome --older-than 72h --reason "too old"\n'
            "  seqconsole skip --state failed --error INVALID_JID --dry-run\n"
            "  seqconsole skip --phone +60123456789"
        ),
    )
    add_filters(parser, STATES)
    add_act(parser)
    parser.set_defaults(run=with_database(_skip))


async def _skip(context: Context) -> int:
    args = context.args
    selection = await selection_of(context.database, args, STATES)
    repair = Skip(args.reason or REASON, selection.states)
    return await run_repair(context, repair, selection)
