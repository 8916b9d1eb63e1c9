"""`seqconsole migrate`: bring a database to the current schema, or say what that would do."""

from __future__ import annotations

import argparse
import asyncio
import sys

from engine.adoption import Adopted, migrate, plan
from engine.preflight import inspect
from engine.store import Database
from engine.store.migrations import Migration
from seqconsole.cli.command import DONE, LEFT, Commands, UsageError, settings_of
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
            "  seqconsole migrate --plan                            the SQL, and the locks it takes\n"
            "  seqconsole migrate --country 60 --timezone Asia/Kuala_Lumpur\n"
            "  seqconsole migrate --fresh                           an empty database: the tables too\n\n"
            "exit code 1: applied, but something is left to you, named on standard error."
        ),
    )
    add_option = parser.add_argument
    add_option("--plan", action="store_true", help="print the SQL; changes nothing")
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
        if args.plan:
            return asyncio.run(_plan(args, settings, place))
        return asyncio.run(_migrate(args, settings, place))


async def _plan(args: argparse.Namespace, settings: Settings, place: Place) -> int:
    async with Database.open(place.access) as database:
        found = await inspect(database)
    if not found.empty:
        found.raise_for_problems()
    pending = await plan(place.access, country=settings.country, zone=settings.timezone)
    if args.json:
        print_json([_as_json(migration) for migration in pending])
        return DONE
    if not pending:
        print_line("-- nothing to apply")
    if found.empty:
        print_line("-- no operator's table here: --fresh creates them first")
    for migration in pending:
        print_line(f"-- {migration.name.removeprefix('migrations/')}.sql")
        sys.stdout.write(f"{migration.sql.strip()}\n\n")
    return DONE


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


def _as_json(migration: Migration) -> dict[str, object]:
    return {
        "number": migration.number,
        "name": migration.name.removeprefix("migrations/"),
        "locks": migration.locks,
        "transaction": migration.transactional,
        "sql": migration.sql,
    }
