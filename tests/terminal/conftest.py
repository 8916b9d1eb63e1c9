"""Databases and homes for consoles in a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.postgres import TestServer
from tests.terminal.terminal import Terminal, console_command, environment
from tests.world import World

Open = Callable[..., Terminal]


@pytest.fixture(scope="module")
def dsn(server: TestServer) -> Iterator[str]:
    """One database for the tests of a module."""
    name = server.create(server.make_template())
    yield server.dsn(name)
    server.drop(name)


@pytest.fixture(scope="module")
def world(dsn: str) -> Iterator[World]:
    with closing(World.at(dsn)) as made:
        yield made


@pytest.fixture
def console(dsn: str, tmp_path: Path) -> Iterator[Open]:
    """(arguments, size=, ...) -> a console in a terminal; ended after the test."""
    opened: list[Terminal] = []

    def start(*arguments: str, size: tuple[int, int] = (80, 24), **env: str) -> Terminal:
        given = environment(tmp_path, dsn, **env)
        opened.append(Terminal(console_command(*arguments), size=size, env=given))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.__exit__(None, None, None)


def rolled_up(dsn: str) -> None:
    """What was written is counted, and duplicate groups are found."""

    async def run() -> None:
        async with Database.open(Access(dsn)) as database:
            await roll_up_all(database)

    asyncio.run(run())
