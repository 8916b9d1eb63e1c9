"""`seqconsole settle` and `mark-sent`: the operator's word on what is in doubt."""

from __future__ import annotations

import argparse

from engine.operations.mark_sent import MarkNotSent, MarkSent
from seqconsole.cli.command import Commands, Context, with_database
from seqconsole.cli.selection import add_act, add_filters, run_repair, selection_of

STATES = ("unknown", "failed", "pending", "waiting")


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `settle` and `mark-sent`."""
    parser = commands.add_parser(
        "settle",
        parents=[common],
        help="say of messages in doubt: sent, or not sent",
        description=(
            "A message in doubt is never sent again by itself. --sent completes its step, and the "
            "next one is planned from now. --not-sent makes it failed, by your word: `seqconsole "
            "retry` then sends it again."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole settle --sent --older-than 1h --dry-run\n"
            '  seqconsole settle --not-sent --device "Sales 3" --reason "the phone was off"'
        ),
    )
    word = parser.add_mutually_exclusive_group(required=True)
    word.add_argument("--sent", action="store_true", help="they were sent")
    word.add_argument("--not-sent", action="store_true", help="they were not sent")
    add_filters(parser)
    add_act(parser)
    parser.set_defaults(run=with_database(_settle))
    parser = commands.add_parser(
        "mark-sent",
        parents=[common],
        help="say that messages were sent: in doubt, or by hand",
        description=(
            "Completes the step, with you as the evidence; the next one is planned from now. By "
            "itself only for what is in doubt; --state or --ids for what was sent by hand."
        ),
        epilog=(
            "examples:\n"
            '  seqconsole mark-sent --device "Sales 3"\n'
            "  seqconsole mark-sent --state failed --phone +60123456789"
        ),
    )
    add_filters(parser, STATES)
    add_act(parser)
    parser.set_defaults(run=with_database(_mark_sent))


async def _settle(context: Context) -> int:
    args, who = context.args, context.settings.who
    repair = MarkSent(who) if args.sent else MarkNotSent(who)
    return await run_repair(context, repair, await selection_of(context.database, args))


async def _mark_sent(context: Context) -> int:
    selection = await selection_of(context.database, context.args, STATES)
    repair = MarkSent(context.settings.who, selection.states)
    return await run_repair(context, repair, selection)
