"""`seqconsole journal`: what was done by hand."""

from __future__ import annotations

import argparse

from engine.operations.wording import counted
from engine.reader import Reader
from seqconsole.cli.command import (
    DONE,
    FAILED,
    LEFT,
    Commands,
    Context,
    UsageError,
    with_database,
)
from seqconsole.cli.journal_file import export
from seqconsole.cli.output import complain, print_json, print_line, print_table


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `journal`."""
    parser = commands.add_parser(
        "journal",
        parents=[common],
        help="the operations: who, when, what, why",
        description="The operations, newest first. `seqconsole undo ID` takes one back.",
        epilog=(
            "examples:\n"
            "  seqconsole journal --limit 20\n"
            "  seqconsole journal --export journal.jsonl --unmasked   the archive, rows and all"
        ),
    )
    parser.add_argument("operation", nargs="?", type=int, metavar="ID", help="this one alone")
    parser.add_argument("--limit", type=int, default=200, metavar="N", help="at most so many (200)")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.add_argument(
        "--export", metavar="FILE", help="all of it with the rows, before and after; - for stdout"
    )
    parser.add_argument("--unmasked", action="store_true", help="export phones as they are")
    parser.set_defaults(run=with_database(_journal))


async def _journal(context: Context) -> int:
    args = context.args
    if args.export:
        return await _export(context)
    if args.unmasked:
        raise UsageError("--unmasked belongs to --export FILE")
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


async def _export(context: Context) -> int:
    args = context.args
    try:
        operations, rows = await export(
            context.database, args.export, args.operation, phones=args.unmasked
        )
    except OSError as error:
        raise UsageError(f"can't write {args.export}: {error.strerror}") from error
    if not operations and args.operation is not None:
        complain(f"there is no operation {args.operation}")
        return FAILED
    if args.export != "-":
        print_line(f"exported {counted(operations, 'operation')} with {counted(rows, 'row')}")
    return DONE if operations else LEFT


def _state(undoes: int | None, undone_by: int | None) -> str | None:
    if undone_by is not None:
        return f"undone by {undone_by}"
    return f"undoes {undoes}" if undoes is not None else None
