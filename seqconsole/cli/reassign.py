"""`seqconsole reassign`: move what waits for a device to other devices."""

from __future__ import annotations

import argparse
from uuid import UUID

from engine.operations.model import Scope
from engine.operations.reassign import MOST, Wanted, preview_reassign, reassign
from engine.operations.targets import find
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, LEFT, Commands, Context, UsageError, with_database


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `reassign`."""
    parser = commands.add_parser(
        "reassign",
        parents=[common],
        help="move what waits for a device to other devices of its user",
        description=(
            "For a device that is lost: its contacts, and all that is not sent yet, go to other "
            "devices of the same user. They see a new number: the preview says how many. What is "
            "in flight, in doubt or given up stays. What is due is sent 10 s later at the earliest: "
            "`seqconsole undo` within that time takes it back with nothing sent."
        ),
        epilog=(
            "examples:\n"
            '  seqconsole reassign --device "Sales 3" --balance --dry-run\n'
            '  seqconsole reassign --device "Sales 3" --to "Sales 4" --to "Sales 5" --reason banned\n'
            '  seqconsole reassign --device "Sales 3" --balance --sequence Welcome --limit 500'
        ),
    )
    parser.add_argument("--device", required=True, metavar="NAME", help="the device that loses it")
    parser.add_argument(
        "--to", action="append", default=[], metavar="NAME", help="a device that takes over"
    )
    parser.add_argument(
        "--balance", action="store_true", help="every other device of the user that can send"
    )
    parser.add_argument("--sequence", metavar="NAME", help="only what is of this sequence")
    parser.add_argument("--limit", type=int, metavar="N", help="at most so much, due first")
    parser.add_argument("--dry-run", action="store_true", help="only the preview; changes nothing")
    parser.add_argument("--now", action="store_true", help="without the 10 s before a send")
    parser.add_argument("--reason", help="why, for the journal")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.set_defaults(run=with_database(_reassign))


async def _wanted(context: Context) -> Wanted:
    args = context.args
    if bool(args.to) == args.balance:
        raise UsageError("say who takes over: --to NAME, or --balance")
    if args.limit is not None and not 1 <= args.limit <= MOST:
        raise UsageError(f"--limit is a number from 1 to {MOST}")
    sequence = None
    if args.sequence is not None:
        found = await find(context.database, Scope.SEQUENCE, [args.sequence])
        sequence = UUID(found.keys[0])
    return Wanted(args.device, tuple(args.to), sequence, args.limit)


async def _reassign(context: Context) -> int:
    args, database = context.args, context.database
    wanted = await _wanted(context)
    preview = await preview_reassign(database, wanted)
    if args.dry_run:
        print_preview(preview, args.json)
        return DONE if preview.n else LEFT
    done = await reassign(
        database,
        context.settings.who,
        wanted,
        pinned=preview.pinned,
        reason=args.reason,
        now=args.now,
    )
    print_done(done, args.json)
    return LEFT if done.refused or not done.n else DONE
