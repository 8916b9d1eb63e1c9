"""`seqconsole note`: a line for the next shift."""

from __future__ import annotations

import argparse

from engine.operations.note import note
from seqconsole.cli.command import DONE, Commands, Context, UsageError, with_database
from seqconsole.cli.output import print_json, print_line


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `note`."""
    parser = commands.add_parser(
        "note",
        parents=[common],
        help="a line in the journal for the next shift",
        description=(
            "Writes a note into the journal. It shows in the console's Journal, in `seqconsole journal` and "
            "in what changed since the next operator was last here."
        ),
        epilog=(
            "examples:\n"
            '  seqconsole note "Sales 3 is with the SIM shop until noon; leave it paused"\n'
            '  seqconsole note "Promo: 40 failed, retried at 17:00" --json'
        ),
    )
    parser.add_argument("text", metavar="TEXT", help="one line")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.set_defaults(run=with_database(_note))


async def _note(context: Context) -> int:
    if context.settings.read_only:
        raise UsageError("a note is written into the journal: --read-only is not for it")
    done = await note(context.database, context.settings.who, context.args.text)
    if context.args.json:
        print_json({"operation_id": done.operation_id, "summary": done.summary})
    else:
        print_line(f"{done.summary} (operation {done.operation_id})")
    return DONE
