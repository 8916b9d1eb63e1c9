"""`seqconsole enroll` and `seqconsole leads`: people into sequences."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from engine.enrolling.enrol import enrol, preview_enrol
from engine.enrolling.model import Batch, Reject
from engine.enrolling.people_file import BadFile, PeopleFile
from engine.enrolling.staging import staged_file
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
    with _opened(args.file) as people, _named_rejects(args.rejects) as left_out:
        async with staged_file(
            context.database,
            UUID(found.keys[0]),
            people,
            again=args.again,
            looking=args.dry_run,
            left_out=left_out,
        ) as batch:
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


@contextmanager
def _opened(name: str) -> Iterator[PeopleFile]:
    if name == "-":
        yield PeopleFile(sys.stdin.buffer, "standard input")
        return
    path = Path(name)
    try:
        source = path.open("rb")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    with source:
        yield PeopleFile(source, path.name)


@contextmanager
def _named_rejects(name: str | None) -> Iterator[Callable[[Reject], None]]:
    """Each line left out: the first on standard error, or all, with the phones of the file, in a file."""
    if name is None:
        yield _Complaining().hear
        return
    with _writing(name):
        target = Path(name).open("w", encoding="utf-8", newline="")  # noqa: SIM115 - closed below
    with target:
        writer = csv.writer(target)
        writer.writerow(("line", "phone", "why"))

        def hear(reject: Reject) -> None:
            with _writing(name):
                writer.writerow((reject.line, _no_formula(reject.phone or ""), reject.verdict))

        yield hear
        with _writing(name):
            target.flush()


@contextmanager
def _writing(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadFile(f"{name}: {error.strerror}") from None


class _Complaining:
    """Names the first lines that are left out."""

    def __init__(self) -> None:
        self._n = 0

    def hear(self, reject: Reject) -> None:
        """One line more."""
        self._n += 1
        if self._n <= SHOWN:
            complain(f"line {reject.line}: {masked(reject.phone)}: {harmless(reject.verdict)}")
        elif self._n == SHOWN + 1:
            complain("and more; --rejects FILE writes them all")


def _no_formula(cell: str) -> str:
    """A cell that a spreadsheet does not run."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
