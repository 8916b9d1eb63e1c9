"""`seqconsole doctor`: what is wrong with a database, and what repairs it. Changes nothing."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any

from engine.doctor import Example, Finding, Report, examine
from engine.store import Database
from seqconsole.cli.command import DONE, LEFT, Commands, UsageError, settings_of
from seqconsole.cli.output import complain, print_json, print_line
from seqconsole.place import Place, reached
from seqconsole.settings import Settings
from seqconsole.text import count, mask_phone

MOST_IDS = 3


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `doctor`."""
    parser = commands.add_parser(
        "doctor",
        parents=[common],
        help="what is wrong with a database, and what repairs it",
        description=(
            "Looks for what years of hand repairs leave: lost keys, duplicate rows, stuck rows, lost "
            "devices, times of another zone. Changes nothing; works before `migrate` too, with no more "
            "than SELECT on your tables."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole doctor                                     every finding with its repair\n"
            "  seqconsole doctor --country 60 --timezone Asia/Kuala_Lumpur   before `migrate`\n"
            "  seqconsole doctor --json | jq '.findings[] | {finding, n, repair}'\n\n"
            "exit code 1: there are findings, or a check could not look."
        ),
    )
    add_option = parser.add_argument
    add_option("--json", action="store_true", help="for scripts")
    add_option("--examples", type=int, default=5, metavar="N", help="cases shown of each (5)")
    add_option("--timeout", type=int, default=60, metavar="S", help="seconds for one check (60)")
    add_option("--country", metavar="CODE", help="before migrate: country of national numbers")
    add_option("--timezone", metavar="ZONE", help="before migrate: zone of timestamps without one")
    add_option("--full-phones", action="store_true", help="phone numbers unmasked")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run `doctor`. Raises UsageError and the errors of the store."""
    if args.timeout < 1 or args.examples < 1:
        raise UsageError("--timeout and --examples must be 1 or more")
    settings = settings_of(args)
    with reached(settings, application="seqconsole doctor") as place:
        return asyncio.run(_doctor(args, settings, place))


async def _doctor(args: argparse.Namespace, settings: Settings, place: Place) -> int:
    async with Database.open(place.access) as database:
        report = await examine(
            database,
            zone=settings.timezone,
            country=settings.country,
            patience=f"{args.timeout}s",
            examples=args.examples,
            report=_progress,
        )
    _progress("")
    if args.json:
        print_json(as_document(report, place.access.described), phones=args.full_phones)
    else:
        _print(report, place.access.described, args.full_phones)
    return LEFT if report.findings or report.skipped else DONE


def _progress(title: str) -> None:
    """What it looks for now, on a terminal; an empty title clears the line."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{f'looking for {title} ...' if title else ''}")
        sys.stderr.flush()


def as_document(report: Report, database: str) -> dict[str, Any]:
    """The document of `doctor --json`: its keys are a promise to scripts."""
    return {
        "now": report.at,
        "database": database,
        "adopted": report.adopted,
        "zone": report.zone,
        "country": report.country,
        "seconds": round(report.seconds, 3),
        "findings": [_finding(each) for each in report.findings],
        "not_looked_at": [{"finding": s.check.name, "why": s.why} for s in report.skipped],
    }


def _finding(found: Finding) -> dict[str, Any]:
    check = found.check
    return {
        "finding": check.name,
        "title": check.title,
        "grave": check.grave,
        "n": found.n,
        "unit": check.unit,
        "what": check.what,
        "why": check.why,
        "repair": check.repair,
        "examples": found.examples,
    }


def _print(report: Report, database: str, phones: bool) -> None:
    print_line(database + ("" if report.adopted else ", before `seqconsole migrate`"))
    for found in report.findings:
        check = found.check
        print_line()
        print_line(f"{'!' if check.grave else '-'} {check.title}: {count(found.n)} {found.unit}")
        print_line(f"    {check.what} {check.why}")
        for example in found.examples:
            print_line(f"      {_example(example, phones)}")
        more = found.n - len(found.examples)
        if more > 0:
            print_line(f"      and {count(more)} more")
        print_line(f"    Repair: {check.repair}.")
        for statement in dict.fromkeys(e.statement for e in found.examples if e.statement):
            print_line(f"      {statement}" + ("" if statement.startswith("seqconsole ") else ";"))
    print_line()
    grave = sum(1 for found in report.findings if found.check.grave)
    print_line(
        f"{len(report.findings)} findings, {grave} of them grave (!), in {report.seconds:.1f} s"
        if report.findings
        else f"nothing found in {report.seconds:.1f} s"
    )
    for skipped in report.skipped:
        complain(f"not looked at: {skipped.check.title}: {skipped.why}")


def _example(example: Example, phones: bool) -> str:
    ids = " ".join(example.ids[:MOST_IDS]) + (" ..." if len(example.ids) > MOST_IDS else "")
    phone = (example.phone if phones else mask_phone(example.phone)) if example.phone else ""
    return "  ".join(part for part in (ids, phone, example.detail or "") if part)
