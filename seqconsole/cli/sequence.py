"""`seqconsole sequence`: a sequence out into a file and in from one; on and off."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from engine.operations.model import Done, Preview, Scope
from engine.operations.targets import find
from engine.sequences.file import SequenceText, read, written
from engine.sequences.importing import change, export, make, preview_change, preview_new
from engine.sequences.switching import preview_switch, switch
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, LEFT, Commands, Context, UsageError, with_database
from seqconsole.cli.enroll import common_acts
from seqconsole.cli.exit_codes import say_exit_codes

_SWITCHES = {
    "on": "Switches a sequence on, 10 s ahead; refuses what nobody could be sent, and says what that is.",
    "off": "Switches a sequence off at once: none of its steps is queued any more.",
}
LARGEST = 5_000_000
"""Bytes of a sequence's file."""


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `sequence`."""
    parser = commands.add_parser(
        "sequence",
        parents=[common],
        help="export, import, switch on or off a sequence",
        description=(
            "A sequence as a TOML file that people can read and compare: its name, its trigger and its "
            "steps with their waits and texts. `import` makes a new one, switched off, or changes one in "
            "place (--into): steps keep their ids, none is taken away. `on` refuses what nobody could "
            "be sent: unknown placeholders, empty texts, an undecided order, a shared trigger."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole sequence export Welcome > welcome.toml\n"
            "  seqconsole sequence import welcome.toml --dry-run\n"
            "  seqconsole sequence import welcome.toml --into Welcome --reason 'new prices'\n"
            "  seqconsole sequence on Welcome"
        ),
    )
    verbs = parser.add_subparsers(title="what", metavar="WHAT", dest="what", required=True)
    out = verbs.add_parser(
        "export",
        parents=[common],
        help="print it as TOML",
        description="Prints a sequence as a TOML file that `sequence import` reads. Changes nothing.",
        epilog=(
            "examples:\n"
            "  seqconsole sequence export Welcome > welcome.toml\n"
            "  seqconsole sequence export Welcome | diff welcome.toml -"
        ),
    )
    out.add_argument("sequence", metavar="NAME", help="its name or id")
    out.set_defaults(run=with_database(_export))
    into = verbs.add_parser(
        "import",
        parents=[common],
        help="make or change one by a TOML file",
        description=(
            "Makes a sequence of a TOML file, switched off, or changes one in place (--into): steps "
            "keep their ids, none is taken away. `seqconsole undo` takes it back."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole sequence import welcome.toml --dry-run\n"
            "  seqconsole sequence import welcome.toml --into Welcome --reason 'new prices'"
        ),
    )
    into.add_argument("file", metavar="FILE", help="the file; - reads standard input")
    into.add_argument("--into", metavar="NAME", help="change this sequence instead of a new one")
    into.add_argument("--user", type=UUID, metavar="ID", help="whose the new one is")
    common_acts(into)
    into.set_defaults(run=with_database(_import))
    for word in ("on", "off"):
        one = verbs.add_parser(
            word,
            parents=[common],
            help=f"switch one {word}",
            description=_SWITCHES[word],
            epilog=(
                f"examples:\n  seqconsole sequence {word} Welcome --dry-run\n"
                f"  seqconsole sequence {word} Welcome --reason 'new prices'"
            ),
        )
        one.add_argument("sequence", metavar="NAME", help="its name or id")
        common_acts(one)
        one.set_defaults(run=with_database(_switch), on=word == "on")
    say_exit_codes(verbs.choices)


async def _sequence(context: Context, name: str) -> UUID:
    found = await find(context.database, Scope.SEQUENCE, [name])
    return UUID(found.keys[0])


async def _export(context: Context) -> int:
    sequence = await _sequence(context, context.args.sequence)
    sys.stdout.write(written(await export(context.database, sequence)))
    return DONE


async def _import(context: Context) -> int:
    args, database = context.args, context.database
    wanted = _read(args.file)
    common = {"reason": args.reason}
    if args.into is not None:
        sequence = await _sequence(context, args.into)
        preview = await preview_change(database, sequence, wanted)
        return await _act(
            context,
            preview,
            lambda: change(
                database, context.settings.who, sequence, wanted,
                pinned=preview.pinned, now=args.now, **common,
            ),
        )  # fmt: skip
    preview = await preview_new(database, wanted, args.user)
    return await _act(
        context,
        preview,
        lambda: make(
            database, context.settings.who, wanted, args.user, pinned=preview.pinned, **common
        ),
    )


async def _switch(context: Context) -> int:
    args, database = context.args, context.database
    sequence = await _sequence(context, args.sequence)
    preview = await preview_switch(database, sequence, args.on)
    return await _act(
        context,
        preview,
        lambda: switch(
            database, context.settings.who, sequence, args.on,
            pinned=preview.pinned, reason=args.reason, now=args.now,
        ),
    )  # fmt: skip


async def _act(context: Context, preview: Preview, act: Callable[[], Awaitable[Done]]) -> int:
    args = context.args
    if args.dry_run:
        print_preview(preview, args.json)
        return DONE if preview.n else LEFT
    done = await act()
    print_done(done, args.json)
    return DONE if done.n else LEFT


def _read(file: str) -> SequenceText:
    try:
        source = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115
        with source:
            raw = source.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    if len(raw) > LARGEST:
        raise UsageError(f"{file} is larger than {LARGEST} bytes: it is no sequence")
    try:
        return read(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8") from None
