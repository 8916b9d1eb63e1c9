"""What a command is, and how it gets its database."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from engine.opening import open_adopted
from engine.rollup import roll_up_all
from engine.store import Busy, Database, Refused
from engine.store.address import secrets_in
from seqconsole.place import DEMO, Place, reached
from seqconsole.settings import EMBEDDED, Settings, load

DONE: Final = 0
LEFT: Final = 1
"""A filter matched nothing, or something is left that the output names."""
FAILED: Final = 2
"""Wrong usage, a named thing is missing or ambiguous, or it could not run: nothing changed."""

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Run = Callable[[argparse.Namespace], int]


class UsageError(Exception):
    """The command line asks for something that cannot be."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a command works with."""

    args: argparse.Namespace
    settings: Settings
    place: Place
    database: Database


def given_in(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that the command line names."""
    given = {
        name: value
        for name in ("database_url", "schema", "read_only", "country", "timezone", "gateway_url")
        if (value := getattr(args, name, None)) is not None
    }
    if getattr(args, "demo", False):
        given["database_url"] = f"{EMBEDDED}:{DEMO}"
    return given


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings of a command line. Raises UsageError, SettingsError, StoreError."""
    given = given_in(args)
    url = given.get("database_url")
    if url is not None and not url.startswith(EMBEDDED) and (secrets := secrets_in(url)):
        raise UsageError(
            f"--database-url carries a {sorted(secrets)[0]}, which every user of this machine can "
            "read in `ps`: put it into PGPASSFILE, a service file or SEQCONSOLE_DATABASE_URL"
        )
    return load(given, getattr(args, "profile", None))


async def catch_up(context: Context, portions: int) -> None:
    """Take in what other writers did, as an engine does each second, so that it shows without one.

    Who may only look does without.
    """
    if context.settings.read_only:
        return
    with contextlib.suppress(Refused, Busy):
        await roll_up_all(context.database, portions)


def with_database(work: Callable[[Context], Awaitable[int]]) -> Run:
    """A command that works on an adopted database."""

    def run(args: argparse.Namespace) -> int:
        settings = settings_of(args)
        with reached(settings) as place:
            return asyncio.run(_work(work, args, settings, place))

    return run


async def _work(
    work: Callable[[Context], Awaitable[int]],
    args: argparse.Namespace,
    settings: Settings,
    place: Place,
) -> int:
    async with open_adopted(place.access) as database:
        return await work(Context(args, settings, place, database))
