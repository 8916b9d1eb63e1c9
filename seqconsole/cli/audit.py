"""`seqconsole audit`: what went wrong in a database of this shape, whoever worked it. Read-only."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.audit import NAMED, Audit, Options, Result, State, all_checks, audited
from seqconsole.cli.command import DONE, LEFT, Commands, UsageError, settings_of
from seqconsole.cli.output import plain, print_json, print_line, print_table
from seqconsole.place import Place, reached
from seqconsole.text import mask_phone

MOST_EXAMPLES = 1000
LONGEST = 24 * 3600


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `audit`."""
    parser = commands.add_parser(
        "audit",
        parents=[common],
        help="who got a step twice, which device broke its limit, what is stuck",
        description=(
            "Looks at a database of sequences, adopted or not, and changes nothing: it needs SELECT on "
            "your tables, installs nothing and reads all at one instant. Each finding comes with a "
            "count, the worst cases and their row ids."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole audit --database-url service=work\n"
            "  seqconsole audit --country 60 --timezone Asia/Kuala_Lumpur\n"
            "  seqconsole audit --check over_limit --limit 60 --examples 50\n"
            "  seqconsole audit --json | jq '.checks[] | select(.found > 0) | .name, .found'\n\n"
            "checks: " + ", ".join(check.name for check in all_checks()) + "\n\n"
            "exit code 1: something was found, or a check did not finish."
        ),
    )
    add_option = parser.add_argument
    add_option(
        "--limit", type=_number(0), metavar="N", help="sends an hour and device (its own, or 80)"
    )
    add_option(
        "--examples", type=_number(1), default=5, metavar="N", help="worst cases of each (5)"
    )
    add_option(
        "--timeout",
        type=_number(1),
        default=300,
        metavar="S",
        help="seconds a check may take (300)",
    )
    add_option("--check", action="append", metavar="NAME", help="only this check (may be repeated)")
    add_option("--country", metavar="CODE", help="country code of national numbers, e.g. 60")
    add_option("--timezone", metavar="ZONE", help="zone of timestamps without one")
    add_option("--json", action="store_true", help="for scripts")
    add_option("--full-phones", action="store_true", help="phone numbers unmasked")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run `audit`. Raises the errors of the store."""
    settings = settings_of(args)
    unknown = set(args.check or ()) - {check.name for check in all_checks()}
    if unknown:
        raise UsageError(
            f"there is no check {', '.join(sorted(unknown))}; `audit --help` lists them"
        )
    options = Options(
        limit=args.limit,
        examples=min(args.examples, MOST_EXAMPLES),
        timeout=min(args.timeout, LONGEST),
        zone=settings.timezone,
        country=settings.country,
        names=frozenset(args.check or ()),
    )
    with reached(settings, application="seqconsole audit") as place:
        return asyncio.run(_audit(args, options, place))


def _number(least: int) -> Any:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"a whole number from {least} is wanted")
        return min(int(text), 2**31 - 1)

    return parse


async def _audit(args: argparse.Namespace, options: Options, place: Place) -> int:
    results = []
    async with audited(place.access, options) as audit:
        if not args.json:
            _print_head(audit, place)
        async for result in audit.results():
            results.append(result)
            if not args.json:
                _print(result, _Drawn(audit.zone, args.full_phones, await audit.names([result])))
        names = await audit.names(results)
    if args.json:
        print_json(_document(audit, results, names, place), phones=args.full_phones)
    else:
        _print_end(results)
    return DONE if all(result.is_clean for result in results) else LEFT


def _document(
    audit: Audit, results: list[Result], names: dict[str, str], place: Place
) -> dict[str, Any]:
    """The document of `audit --json`: its keys are a promise to scripts."""
    return {
        "database": place.access.described,
        "now": audit.now,
        "timezone": audit.zone,
        "country": audit.country or None,
        "adopted": audit.adopted,
        "assumed": audit.assumed,
        "names": names,
        "findings": sum(result.found for result in results),
        "unfinished": [r.check.name for r in results if r.state is State.UNFINISHED],
        "checks": [
            {
                "name": r.check.name,
                "title": r.check.title,
                "means": r.check.means,
                "state": r.state,
                "found": r.found,
                "noted": r.noted,
                "examples": r.examples,
                "seconds": round(r.seconds, 3),
                "why": r.why or None,
            }
            for r in results
        ],
    }


def _print_head(audit: Audit, place: Place) -> None:
    print_line(f"audit of {place.access.described}, {_shown(audit.now, audit.zone)} {audit.zone}")
    for line in audit.assumed:
        print_line(f"assumed: {line}")
    print_line()


@dataclass(frozen=True, slots=True)
class _Drawn:
    """How a value of an example is shown: its zone, its phones, what its ids are called."""

    zone: str
    phones: bool
    names: Mapping[str, str]

    def cell(self, column: str, value: Any) -> Any:
        """A value of this column."""
        if column == "phone" and not self.phones:
            return mask_phone(value)
        if column in NAMED:
            return self.names.get(str(value), value)
        if isinstance(value, list):
            return ", ".join(str(item) for item in value)
        return _shown(value, self.zone)


def _print(result: Result, drawn: _Drawn) -> None:
    check = result.check
    count = result.found or result.noted
    figure = f"{count:>9}" if count else f"{'-':>9}"
    print_line(f"{result.state.value:<10} {figure}  {check.title}  ({result.seconds:.1f} s)")
    if result.why:
        print_line(f"{'':<22}{result.why}")
    if not count:
        return
    print_line(f"{'':<22}{check.means}")
    if result.found and result.noted:
        print_line(f"{'':<22}and {result.noted} noted")
    heads = [name for name in result.examples[0] if name != "ids"]
    print_table(
        [name.removesuffix("_id").replace("_", " ") for name in heads],
        [[drawn.cell(name, row[name]) for name in heads] for row in result.examples],
    )
    for number, row in enumerate(result.examples, start=1):
        print_line(f"rows of {number}: {' '.join(str(i) for i in row['ids'] or ())}")
    print_line()


def _print_end(results: list[Result]) -> None:
    found = [r for r in results if r.state is State.FOUND]
    unfinished = [r for r in results if r.state is State.UNFINISHED]
    skipped = [r for r in results if r.state is State.SKIPPED]
    print_line()
    print_line(
        f"{len(found)} of {len(results)} checks found something, {sum(r.found for r in found)} cases"
        + (f"; {len(unfinished)} did not finish" if unfinished else "")
        + (f"; {len(skipped)} could not be asked here" if skipped else "")
    )


def _shown(value: Any, zone: str) -> Any:
    if isinstance(value, datetime) and value.tzinfo is not None:
        known = plain(value)
        return (
            known
            if known == "infinity"
            else f"{value.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
        )
    if isinstance(value, timedelta):
        return str(value - timedelta(microseconds=value.microseconds))
    if isinstance(value, Mapping):
        return plain(value)
    return value
