"""A database, the engine's moves on it, and the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from engine.store import Access, Database
from tests.cli.conftest import dsn, environment, process, seqconsole, world
from tests.console.conftest import scene
from tests.world import World

__all__ = ["after", "database", "dsn", "environment", "process", "scene", "seqconsole", "world"]

Moves = Callable[[World, Database], Awaitable[Any]]


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    async with Database.open(Access(dsn, max_connections=8)) as opened:
        yield opened


@pytest.fixture
def after(dsn: str, world: World) -> Callable[[Moves], Any]:
    """The engine's moves in an event loop of their own, for tests of the command line."""

    async def moved(moves: Moves) -> Any:
        async with Database.open(Access(dsn, max_connections=8)) as opened:
            return await moves(world, opened)

    return lambda moves: asyncio.run(moved(moves))
