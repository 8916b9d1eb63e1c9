"""`seqconsole journal`: what was done by hand."""

from __future__ import annotations

import argparse

from engine.reader import Reader
from seqconsole.cli.command import DONE, FAILED, LEFT, Commands, Context, with_database
from seqconsole.cli.output import complain, print_json, print_table


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `journal`."""
    parser = commands.add_parser(
        "journal",
        parents=[common],
        help="the operations: who, when, what, why",
        description="The operations, newest first. `seqconsole undo ID` takes one back.",
        epilog="example:\n  seqconsole journal --limit 20",
    )
    parser.add_argument("operation", nargs="?", type=int, metavar="ID", help="this one alone")
    parser.add_argument("--limit", type=int, default=200, metavar="N", help="at most so many (200)")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.set_defaults(run=with_database(_journal))


async def _journal(context: Context) -> int:
    args = context.args
    found = await Reader(context.database).journal(max(args.limit, 0), args.operation)
    if not found and args.operation is not None:
        complain(f"there is no operation {args.operation}")
        return FAILED
    if args.json:
        print_json(found)
        return DONE if found else LEFT
    if not found:
        complain("the journal is empty")
        return LEFT
    print_table(
        ("id", "at", "who", "did", "rows", "reason", "state"),
        [
            (o.id, o.at, o.who, o.summary, o.n, o.reason, _state(o.undoes, o.undone_by))
            for o in found
        ],
    )
    return DONE


def _state(undoes: int | None, undone_by: int | None) -> str | None:
    if undone_by is not None:
        return f"undone by {undone_by}"
    return f"undoes {undoes}" if undoes is not None else None
