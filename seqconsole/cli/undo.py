"""`seqconsole undo`: take an operation back."""

from __future__ import annotations

import argparse

from engine.operations.undo import preview_undo, undo
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, LEFT, Commands, Context, with_database


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `undo`."""
    parser = commands.add_parser(
        "undo",
        parents=[common],
        help="take back my latest operation, or the one named",
        description=(
            "Without an id: my latest operation that is not undone. All or nothing: it is refused "
            "where something has changed since, with the reason."
        ),
        epilog="examples:\n  seqconsole undo --dry-run\n  seqconsole undo 17",
    )
    parser.add_argument("operation", nargs="?", type=int, metavar="ID", help="see the journal")
    parser.add_argument("--dry-run", action="store_true", help="only the preview; changes nothing")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.set_defaults(run=with_database(_undo))


async def _undo(context: Context) -> int:
    args, who = context.args, context.settings.who
    if args.dry_run:
        preview = await preview_undo(context.database, who, args.operation)
        print_preview(preview, args.json)
        return LEFT if preview.refused else DONE
    done = await undo(context.database, who, args.operation)
    print_done(done, args.json)
    return LEFT if done.refused else DONE
