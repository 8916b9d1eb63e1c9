"""`seqconsole report`: what happened in a month, or since a moment."""

from __future__ import annotations

import argparse
import csv
import sys
from typing import Final

from engine.reports.month import THIS, By, MonthReport, MonthRow, month_report
from seqconsole.cli.command import DONE, LEFT, Commands, Context, UsageError, with_database
from seqconsole.cli.output import complain, plain, print_json, print_line, print_table
from seqconsole.exporting import cell

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
        help="what happened in a month",
        description=(
            "What was sent, failed, is in doubt and was skipped, from the ledger of deliveries: each step "
            "of each person counts once, on the day of its outcome in the database's zone. Attempts are "
            "the tries of those days."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole report --month                                this month so far\n"
            "  seqconsole report --month 2026-10 --by user,sequence,device --csv > october.csv\n"
            "  seqconsole report --month last --by day"
        ),
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
    if args.csv and args.json:
        raise UsageError("--csv and --json exclude each other")
    if args.month is None:
        raise UsageError("name a month: --month 2026-10, or --month alone for this one")
    return await _month(context)


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
