"""Faults 13 and 14 as an operator meets them: a slow database, and one that only reads. On a real database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import pytest
from psycopg.conninfo import conninfo_to_dict

from engine.opening import open_adopted
from engine.store import Access
from seqconsole.app import Console
from seqconsole.database_source import DatabaseSource, DatabaseVerbs
from seqconsole.options import ConsoleOptions
from seqconsole.screens.devices import DevicesScreen
from seqconsole.screenshots import settled
from seqconsole.widgets.banner import Banner
from tests.faults.proxy import Proxy
from tests.world import World

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def console(dsn: str) -> AsyncIterator[tuple[Console, Callable[[str], asyncio.Future[None]]]]:
    """A console with its data, and the key press."""
    async with open_adopted(Access(dsn)) as database:
        verbs = DatabaseVerbs(database, "ops", gateway_configured=True)
        app = Console(DatabaseSource(database), verbs, options=ConsoleOptions(poll_seconds=0.1))
        async with app.run_test(size=(120, 30)) as pilot:
            await settled(pilot, app)
            yield app, lambda key: asyncio.ensure_future(pilot.press(key))


async def until(condition: Callable[[], object], seconds: float = 20) -> None:
    with anyio.fail_after(seconds):
        while not condition():
            await asyncio.sleep(0.005)


def devices(app: Console) -> DevicesScreen:
    assert isinstance(app.top, DevicesScreen)
    return app.top


async def test_fault_13_keys_do_not_wait_for_a_slow_database(world: World, proxy: Proxy) -> None:
    for n in range(10):
        world.device(f"d{n}")
    async with console(proxy.dsn) as (app, press):
        proxy.delay = 3.0
        reads = app.reads
        first = devices(app).row
        started = time.monotonic()
        await press("j")
        await until(lambda: devices(app).row is not first)
        assert time.monotonic() - started < 1.5
        assert app.reads <= reads + 1, "meanwhile nothing was answered"
        proxy.delay = 0.0


async def test_fault_14_a_console_on_a_read_only_server_shows_and_says_so(
    dsn: str, world: World
) -> None:
    world.device("d1")
    name = conninfo_to_dict(dsn)["dbname"]
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    def read_only() -> bool:
        return app.snapshot is not None and app.snapshot.overview.server_read_only

    def banners() -> str:
        return " ".join(text for _, text in app.screen.query_one(Banner).lines)

    async with console(dsn) as (app, press):
        world.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        world.run(cut)
        await until(read_only)
        await until(lambda: "read-only" in banners())
        assert "READ-ONLY SERVER" in app.facts().alarms
        await press("p")
        assert "the server is read-only" in app.said[-1]
        assert app.snapshot is not None
        assert [d.name for d in app.snapshot.figures.devices] == ["d1"]
        world.run(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        world.run(cut)
        await until(lambda: not read_only() and app.lost is None)
        await until(lambda: "read-only" not in banners())
        await press("p")
        await until(lambda: world.value("SELECT count(*) FROM seqconsole.holds") == 1)
