"""`seqconsole decide-order`: an order for the steps of a sequence that has none."""

from __future__ import annotations

import argparse
from uuid import UUID

from engine.operations.decide_order import decide_order, preview_order
from engine.operations.model import Scope
from engine.operations.targets import find
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, Commands, Context, UsageError, with_database
from seqconsole.cli.selection import add_act


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `decide-order`."""
    parser = commands.add_parser(
        "decide-order",
        parents=[common],
        help="an order for the steps of a sequence that has none",
        description=(
            "A sequence whose steps share a day number, or have none, is not sent. This gives them "
            "day numbers that order them, and changes as few as can be. Without --order: the proposed "
            "order, by day number and then by when their contacts are due."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole decide-order --sequence Welcome --dry-run\n"
            "  seqconsole decide-order --sequence Welcome --order 3f0c...,81aa...,5d10..."
        ),
    )
    parser.add_argument("--sequence", required=True, metavar="NAME", help="by name or id")
    parser.add_argument("--order", metavar="STEP,STEP,...", help="every step's id, in order")
    add_act(parser)
    parser.set_defaults(run=with_database(_decide))


async def _decide(context: Context) -> int:
    args, database = context.args, context.database
    sequence = UUID((await find(database, Scope.SEQUENCE, [args.sequence])).keys[0])
    order = _order(args.order) if args.order else None
    preview = await preview_order(database, sequence, order)
    if args.dry_run:
        print_preview(preview, args.json)
        return DONE
    done = await decide_order(
        database,
        context.settings.who,
        sequence,
        preview.steps,
        pinned=preview.pinned,
        reason=args.reason,
        now=args.now,
    )
    print_done(done, args.json)
    return DONE


def _order(text: str) -> list[UUID]:
    try:
        return [UUID(part.strip()) for part in text.split(",")]
    except ValueError:
        raise UsageError("--order takes the ids of the steps, with commas between them") from None
