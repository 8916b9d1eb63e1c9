"""`seqconsole enroll` and `seqconsole leads`: people into sequences."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from engine.enrolling.enrol import enrol, preview_enrol
from engine.enrolling.model import Batch
from engine.enrolling.people_file import BadFile, PeopleFile
from engine.enrolling.staging import rejects, staged_file
from engine.operations.model import Scope
from engine.operations.targets import find
from engine.phones import masked
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, LEFT, Commands, Context, UsageError, with_database
from seqconsole.cli.output import complain
from seqconsole.text import harmless

SHOWN = 10
"""Lines left out that are named; --rejects writes them all."""


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `enroll`."""
    parser = commands.add_parser(
        "enroll",
        parents=[common],
        help="let the people of a file into a sequence",
        description=(
            "A CSV file, UTF-8, whose first line names the columns: `phone`, and if you like `name`, "
            "`device` (whose number they see) and others that texts may say, as {city|your town}. Each "
            "person gets all steps of the sequence. Who is in it already, in whatever spelling, who "
            "went through before, and who does not want messages is left out and named. The first "
            "message goes out 10 s later at the earliest: `seqconsole undo` within that time takes it "
            "back with nothing sent; later it takes back everybody of whom nothing was sent yet."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole enroll --sequence Welcome contacts.csv --dry-run\n"
            "  seqconsole enroll --sequence Welcome contacts.csv --rejects left-out.csv\n"
            "  zcat contacts.csv.gz | seqconsole enroll --sequence Welcome -\n"
            "  seqconsole enroll --sequence Welcome contacts.csv --again --reason 'new season'\n\n"
            "--again also takes who went through before: they get every step once more, and the\n"
            "journal says so. Who is still on the way through is left out.\n"
            "exit code 1: nobody came in, or somebody was left out"
        ),
    )
    parser.add_argument("file", metavar="FILE", help="the people; - reads standard input")
    parser.add_argument("--sequence", required=True, metavar="NAME", help="its name or id")
    parser.add_argument("--again", action="store_true", help="also who went through before")
    parser.add_argument("--rejects", metavar="FILE", help="write every line left out, and why")
    common_acts(parser)
    parser.set_defaults(run=with_database(_enroll))


def common_acts(parser: argparse.ArgumentParser) -> None:
    """What every act of enrolment takes."""
    parser.add_argument("--dry-run", action="store_true", help="only the preview; changes nothing")
    parser.add_argument("--now", action="store_true", help="without the 10 s before a send")
    parser.add_argument("--reason", help="why, for the journal")
    parser.add_argument("--json", action="store_true", help="for scripts")


async def _enroll(context: Context) -> int:
    args = context.args
    found = await find(context.database, Scope.SEQUENCE, [args.sequence])
    async with _staged(context, UUID(found.keys[0])) as batch:
        await _name_rejects(context, batch)
        return await carry_out(context, batch)


async def carry_out(context: Context, batch: Batch, *, keep_words: bool = False) -> int:
    """Preview, then enrol exactly that."""
    args, database = context.args, context.database
    preview = await preview_enrol(database, batch)
    if args.dry_run:
        print_preview(preview, args.json)
        return DONE if preview.n and not preview.refused else LEFT
    done = await enrol(
        database,
        context.settings.who,
        batch,
        pinned=preview.pinned,
        reason=args.reason,
        now=args.now,
        keep_words=keep_words,
    )
    print_done(done, args.json)
    return LEFT if done.refused or not done.n else DONE


@asynccontextmanager
async def _staged(context: Context, sequence: UUID) -> AsyncIterator[Batch]:
    args = context.args
    if args.file == "-":
        people = PeopleFile(sys.stdin.buffer, "standard input")
        async with staged_file(context.database, sequence, people, again=args.again) as batch:
            yield batch
        return
    path = Path(args.file)
    try:
        source = path.open("rb")  # noqa: ASYNC230 - it is read in portions between the database's answers
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    with source:
        people = PeopleFile(source, path.name)
        async with staged_file(context.database, sequence, people, again=args.again) as batch:
            yield batch


async def _name_rejects(context: Context, batch: Batch) -> None:
    """The first on standard error; all of them, with the phones of the file, where --rejects says."""
    args = context.args
    n = 0
    if args.rejects is None:
        async for reject in rejects(context.database, batch):
            n += 1
            if n > SHOWN:
                complain("and more; --rejects FILE writes them all")
                return
            complain(f"line {reject.line}: {masked(reject.phone)}: {harmless(reject.verdict)}")
        return
    try:
        with Path(args.rejects).open("w", encoding="utf-8", newline="") as target:  # noqa: ASYNC230
            writer = csv.writer(target)
            writer.writerow(("line", "phone", "why"))
            async for reject in rejects(context.database, batch):
                writer.writerow((reject.line, _no_formula(reject.phone or ""), reject.verdict))
    except OSError as error:
        raise BadFile(f"{args.rejects}: {error.strerror}") from None


def _no_formula(cell: str) -> str:
    """A cell that a spreadsheet does not run."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
