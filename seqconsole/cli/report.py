"""`seqconsole report`: what changed since a moment, or what a month came to."""

from __future__ import annotations

import argparse
import csv
import sys
from typing import Final

from engine.operations.wording import moment
from engine.reports.month import THIS, By, MonthReport, MonthRow, month_report
from engine.reports.since import LAST, USUAL, changes_since, moment_of
from seqconsole.absence import Absence
from seqconsole.cli.command import (
    DONE,
    LEFT,
    Commands,
    Context,
    UsageError,
    catch_up,
    with_database,
)
from seqconsole.cli.output import complain, plain, print_json, print_line, print_table
from seqconsole.text import harmless

PORTIONS: Final = 1000
EVERYTHING: Final = (By.USER, By.SEQUENCE, By.DEVICE)
COLUMNS: Final = {
    By.USER: ("user_id",),
    By.SEQUENCE: ("sequence_name", "sequence_id"),
    By.DEVICE: ("device_name", "device_id"),
    By.DAY: ("day",),
}
FIGURES: Final = ("sent", "failed", "in_doubt", "skipped", "attempts")


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `report`."""
    parser = commands.add_parser(
        "report",
        parents=[common],
        help="what changed since you left; what a month came to",
        description=(
            "--since: what changed since a moment, each line with the command that shows its rows; "
            "`last` (the default) is when you last looked at a console or changed something. "
            "--month: what was sent, failed, is in doubt and was skipped, from the ledger of deliveries: "
            "each step of each person counts once, on the day of its outcome in the database's zone; "
            "attempts are the tries of those days."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole report                                        since you left\n"
            "  seqconsole report --since 18:00\n"
            "  seqconsole report --month                                this month so far\n"
            "  seqconsole report --month 2026-10 --by user,sequence,device --csv > october.csv\n"
            "  seqconsole report --month last --by day"
        ),
    )
    parser.add_argument(
        "--since", metavar="WHEN", help="last, 18:00, 8h, 2026-11-23 or '2026-11-23 18:00'"
    )
    parser.add_argument(
        "--month", nargs="?", const=THIS, metavar="YYYY-MM", help="a month; `this` or `last` one"
    )
    parser.add_argument(
        "--by", metavar="LIST", help="of user, sequence, device, day (the first three)"
    )
    parser.add_argument("--csv", action="store_true", help="for a spreadsheet")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.set_defaults(run=with_database(_report))


async def _report(context: Context) -> int:
    args = context.args
    if args.month is None:
        if args.csv or args.by:
            raise UsageError("--by and --csv belong to --month")
        return await _since(context)
    if args.since is not None:
        raise UsageError("--since and --month exclude each other")
    if args.csv and args.json:
        raise UsageError("--csv and --json exclude each other")
    return await _month(context)


async def _since(context: Context) -> int:
    args, database = context.args, context.database
    await catch_up(context, PORTIONS)
    who = context.settings.who
    async with database.transaction(snapshot=True) as tx:
        now = await tx.now()
    if args.since in (None, LAST):
        last = await Absence(database, who, may_write=False).last()
        since = last or now - USUAL
        first = " (you were never here: the last day)" if last is None else ", when you left"
    else:
        since, first = moment_of(args.since, now), ""
    changes = await changes_since(database, who, since, limit="5min")
    if args.json:
        print_json(changes)
        return DONE if changes.lines else LEFT
    print_line(f"since {moment(changes.since, changes.now)}{first}")
    if not changes.lines:
        complain("nothing changed")
        return LEFT
    for line in changes.lines:
        print_line(f"{line.topic:<11} {harmless(line.text, 300)}")
        print_line(f"{'':<11} {line.command}")
    return DONE


async def _month(context: Context) -> int:
    args = context.args
    report = await month_report(context.database, args.month, _by(args.by))
    if args.csv:
        print_csv(report)
    elif args.json:
        print_json({**plain(report), "total": report.total})
    else:
        _print(report)
    if not report.attempts_kept:
        complain("attempts are left out: some of that month are no longer kept")
    if not report.rows:
        complain(f"nothing was sent, failed or skipped in {report.first:%Y-%m}")
    return DONE if report.rows else LEFT


def _by(text: str | None) -> tuple[By, ...]:
    if text is None:
        return EVERYTHING
    words = [word.strip() for word in text.split(",")]
    unknown = [word for word in words if word not in list(By)]
    if unknown:
        raise UsageError(f"--by is of {', '.join(By)}, not {unknown[0]!r}")
    return tuple(By(word) for word in words)


def print_csv(report: MonthReport) -> None:
    """One line a group, names and ids; text is harmless and never a formula."""
    from seqconsole.exporting import cell  # it draws on Textual, which takes its time

    names = [name for by in report.by for name in COLUMNS[by]]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["month", *names, *FIGURES])
    for row in report.rows:
        of_row = [getattr(row, name) for name in names]
        writer.writerow(
            [
                f"{report.first:%Y-%m}",
                *("" if value is None else cell(str(value)) for value in of_row),
                *("" if (n := getattr(row, name)) is None else n for name in FIGURES),
            ]
        )


def _print(report: MonthReport) -> None:
    if not report.rows:
        return
    names = [COLUMNS[by][0] for by in report.by]
    heads = [name.removesuffix("_name").removesuffix("_id") for name in names]
    print_line(f"{report.first:%Y-%m}, days of {report.zone}")
    total = _cells(report.total, names)
    print_table(
        (*heads, *(name.replace("_", " ") for name in FIGURES)),
        [*(_cells(row, names) for row in report.rows), ["total", *total[1:]] if names else total]
        if len(report.rows) > 1
        else [_cells(row, names) for row in report.rows],
    )


def _cells(row: MonthRow, names: list[str]) -> list[object]:
    return [getattr(row, name) for name in (*names, *FIGURES)]
