"""`seqconsole retry`: failed messages go back into the queue."""

from __future__ import annotations

import argparse

from engine.operations.retry import MOST_TRIES, Retry
from seqconsole.cli.command import Commands, Context, with_database
from seqconsole.cli.selection import add_act, add_filters, run_repair, selection_of


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `retry`."""
    parser = commands.add_parser(
        "retry",
        parents=[common],
        help="failed messages back into the queue",
        description=(
            "Failed messages are queued again, 10 s ahead: `seqconsole undo` within that time takes "
            "it back with nothing sent. What can't succeed (a number without WhatsApp, a person who "
            "is suppressed) is left out, and so is who went on to a later step."
        ),
        epilog=(
            "examples:\n"
            '  seqconsole retry --error "device timeout" --dry-run\n'
            '  seqconsole retry --device "Sales 3" --older-than 1h\n'
            "  seqconsole retry --ids 3f0c0a11-...\n\n"
            "exit code 1: nothing matched, or something was refused, with the reason."
        ),
    )
    add_filters(parser)
    parser.add_argument(
        "--even-permanent", action="store_true", help="also what can't succeed by its error"
    )
    parser.add_argument(
        "--max-tries",
        type=int,
        default=MOST_TRIES,
        metavar="N",
        help=f"leave out what was tried so often ({MOST_TRIES})",
    )
    add_act(parser)
    parser.set_defaults(run=with_database(_retry))


async def _retry(context: Context) -> int:
    args = context.args
    repair = Retry(args.even_permanent, args.max_tries)
    return await run_repair(context, repair, await selection_of(context.database, args))
