"""`seqconsole migrate`: bring a database to the current schema, or say what that would do."""

from __future__ import annotations

import argparse
import asyncio

from engine.adoption import Adopted, migrate
from engine.planning import plan
from engine.preflight import Unfit, doubled_ids, inspect
from engine.store import Database
from seqconsole.cli.command import DONE, LEFT, Commands, UsageError, settings_of
from seqconsole.cli.migrate_plan import print_plan
from seqconsole.cli.output import complain, print_json, print_line
from seqconsole.place import Place, reached
from seqconsole.settings import Settings


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `migrate`."""
    parser = commands.add_parser(
        "migrate",
        parents=[common],
        help="bring a database to the current schema",
        description=(
            "Adds the schema `seqconsole`, triggers and indexes; changes no column and drops "
            "nothing. An interrupted run is simply run again. The engine stays off."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole migrate --plan                            the SQL, its locks, how long, and why\n"
            "  seqconsole migrate --country 60 --timezone Asia/Kuala_Lumpur\n"
            "  seqconsole migrate --fresh                           an empty database: the tables too\n\n"
            "exit code 1: something is left to you, or refused with what to run; named on standard error."
        ),
    )
    add_option = parser.add_argument
    add_option(
        "--plan", action="store_true", help="print the SQL, its locks and times; changes nothing"
    )
    add_option("--fresh", action="store_true", help="create the operator's tables if there is none")
    add_option("--country", metavar="CODE", help="country code of national numbers, e.g. 60")
    add_option("--timezone", metavar="ZONE", help="zone of timestamps without one")
    add_option("--json", action="store_true", help="for scripts")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run `migrate`. Raises the errors of the store."""
    settings = settings_of(args)
    if settings.read_only and not args.plan:
        raise UsageError("--read-only and migrate contradict each other; --plan changes nothing")
    with reached(settings, application="seqconsole migrate") as place:
        try:
            return asyncio.run((_plan if args.plan else _migrate)(args, settings, place))
        except Unfit as error:
            return _refuse(error.reasons)


async def _plan(args: argparse.Namespace, settings: Settings, place: Place) -> int:
    async with Database.open(place.access) as database:
        found = await inspect(database)
        if found.problems and not found.empty:
            found.raise_for_problems()
        reasons = found.rights + (() if found.empty else await doubled_ids(database))
    zone = settings.timezone or ("" if found.naive else "UTC")
    steps = await plan(place.access, country=settings.country, zone=zone)
    params = {"country": settings.country, "timezone": zone}
    print_plan(steps, place.access, params, as_json=args.json)
    return _refuse(reasons) if reasons else DONE


def _refuse(reasons: tuple[str, ...]) -> int:
    """Each reason on a line of its own, with what to run."""
    for reason in reasons:
        complain(reason)
    return LEFT


async def _migrate(args: argparse.Namespace, settings: Settings, place: Place) -> int:
    def report(text: str) -> None:
        if not args.json:
            print_line(text)

    adopted = await migrate(
        place.access,
        country=settings.country,
        zone=settings.timezone,
        fresh=args.fresh,
        report=report,
    )
    if args.json:
        print_json(adopted)
    else:
        _print(adopted, place.access.described)
    return LEFT if adopted.left else DONE


def _print(adopted: Adopted, database: str) -> None:
    applied = len(adopted.applied)
    print_line(f"{database} is current" + (f", {applied} migrations applied" if applied else ""))
    for line in adopted.left:
        complain(line)
