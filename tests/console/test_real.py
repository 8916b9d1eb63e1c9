"""The console on a real database: keys, and what SQL says after them; figures within two seconds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.rollup import roll_up_all
from engine.store import Access, Database
from seqconsole.app import Console
from seqconsole.database_source import DatabaseSource, DatabaseVerbs
from seqconsole.options import ConsoleOptions
from seqconsole.screens.devices import DevicesScreen
from seqconsole.screens.duplicates import DuplicatesScreen
from tests.console.fakes import screen_text, started, toasts, until
from tests.operations.scene import Copy, duplicates, fingerprint
from tests.world import World

pytestmark = pytest.mark.anyio
ME = "ops@host-3"
SIZE = (120, 36)


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    """A world whose unique key never was built, so that duplicates can be."""
    made = World.at(dsn)
    made.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
    yield made
    made.close()


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    async with Database.open(Access(dsn)) as opened:
        yield opened


def console_on(database: Database, **options: Any) -> Console:
    """A console on a database, as the command line makes it."""
    verbs = DatabaseVerbs(database, ME, gateway_configured=True)
    chosen = ConsoleOptions(database_label="test", who=ME, poll_seconds=0.2, **options)
    return Console(DatabaseSource(database), verbs, options=chosen)


async def shows(pilot: Pilot[int], condition: Callable[[Console], bool]) -> None:
    console = pilot.app
    assert isinstance(console, Console)
    await until(pilot, lambda: condition(console))


async def test_p_puts_a_hold_r_lifts_it_ahead_and_z_puts_it_back(
    world: World, database: Database
) -> None:
    device = world.device("Penang 02")
    world.device("Ipoh 01")
    world.message(device, "60123456789")
    console = console_on(database)
    async with console.run_test(size=SIZE) as pilot:
        # The longest queue comes first, once the feed has been read.
        await shows(pilot, lambda c: c.snapshot is not None and c.snapshot.overview.pending == 1)
        await pilot.press("p")
        await until(pilot, lambda: toasts(console))
        assert toasts(console) == ["Paused device Penang 02; nothing is in flight · z undoes"]
        held = "SELECT scope, key FROM seqconsole.holds WHERE until = 'infinity'"
        assert world.run(held) == [{"scope": "device", "key": str(device)}]
        await until(pilot, lambda: "‖ paused" in screen_text(console))
        await pilot.press("r")
        await until(pilot, lambda: len(toasts(console)) == 2)
        assert world.run(held) == []
        await until(pilot, lambda: "z takes it back" in screen_text(console))
        await pilot.press("z")
        await until(pilot, lambda: len(toasts(console)) == 3)
        assert world.run(held) == [{"scope": "device", "key": str(device)}]
    verbs = world.run("SELECT verb, who FROM seqconsole.operations ORDER BY id")
    assert [(row["verb"], row["who"]) for row in verbs] == [
        ("pause", ME),
        ("resume", ME),
        ("undo", ME),
    ]


@pytest.mark.smoke
async def test_3_x_y_resolves_the_first_group_and_z_brings_every_row_back(
    world: World, database: Database
) -> None:
    duplicates(world, Copy("pending"), Copy("active"))
    await roll_up_all(database)
    before = fingerprint(world)
    console = console_on(database)
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("3", "x", "y")
        await until(pilot, lambda: toasts(console))
        assert toasts(console)[0].startswith("Resolved 1 duplicate group, archived 1 row")
        assert world.statuses() == {"active": 1}
        await until(pilot, lambda: "No duplicates." in screen_text(console))
        await pilot.press("z")
        await until(pilot, lambda: len(toasts(console)) == 2)
        assert fingerprint(world) == before
        await until(
            pilot,
            lambda: isinstance(console.screen, DuplicatesScreen) and console.screen.grid.total == 1,
        )
        await pilot.press("6")
        await until(pilot, lambda: "undone by" in screen_text(console))


async def test_capital_p_y_holds_everything_and_says_so_in_the_strip(
    world: World, database: Database
) -> None:
    world.device()
    console = console_on(database)
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("P", "y")
        await until(
            pilot,
            lambda: "Everything is paused: held by operator · R resumes" in screen_text(console),
        )
        assert world.run("SELECT scope FROM seqconsole.holds") == [{"scope": "all"}]


async def test_rows_that_psql_adds_show_within_two_seconds(
    world: World, database: Database
) -> None:
    device = world.device("Penang 02")
    console = console_on(database)
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        world.run(
            "INSERT INTO broadcast_messages (user_id, device_id, recipient_phone, content, status, scheduled_at) "
            "SELECT %s, %s, '6012345' || lpad(n::text, 4, '0'), 'hello', 'pending', seqconsole.now() "
            "FROM generate_series(1, 500) n",
            world.user,
            device,
        )
        duplicates(world, Copy("pending"), Copy("active"), device=device)

        def all_there(console: Console) -> bool:
            facts = console.snapshot.overview if console.snapshot else None
            return facts is not None and facts.pending == 500 and facts.duplicates == 1

        await shows(pilot, all_there)
        assert loop.time() - begun < 2.0
        screen = console.screen
        assert isinstance(screen, DevicesScreen)
        assert screen.grid.shown_rows[0].view.pending == 500


@pytest.mark.slow
async def test_every_screen_reads_and_explains_on_real_tables(
    world: World, database: Database
) -> None:
    world.engine()
    device = world.device("Penang 02")
    sequence = world.sequence()
    world.contact(
        sequence, "012-345 6789", device, statuses=("pending", "pending"), due=world.now()
    )
    duplicates(world, Copy("pending"), Copy("pending"), device=device)
    world.message(device, "60198765432")
    console = console_on(database)
    ways = (
        ("1", "enter"), ("1", "e"), ("2", "e"), ("2", "G", "enter", "enter", "enter"),
        ("2", "G", "enter", "enter", "e"), ("3", "enter"), ("4", "e"), ("5",), ("6",),
    )  # fmt: skip
    async with console.run_test(size=SIZE) as pilot:
        await shows(pilot, lambda c: c.snapshot is not None and c.snapshot.overview.pending > 0)
        for keys in ways:
            for key in keys:
                await started(pilot)
                await pilot.press(key)
            await started(pilot)
            reads = console.reads
            await until(pilot, lambda reads=reads: console.reads > reads + 1)  # type: ignore[misc]
            assert console.snapshot is not None
            assert dict(console.snapshot.failures) == {}, keys
            await pilot.press(*["escape"] * 4)
        assert console.lost is None


async def test_a_read_only_console_changes_nothing_at_all(world: World, dsn: str) -> None:
    world.device()
    world.message(None, "60123456789")
    feed = world.run("SELECT count(*) AS n FROM seqconsole.changes")
    async with Database.open(Access(dsn, read_only=True)) as database:
        console = console_on(database, read_only=True)
        async with console.run_test(size=SIZE) as pilot:
            await started(pilot)
            await pilot.press("p", "P", "y")
            await until(pilot, lambda: len(toasts(console)) >= 2)
    assert world.run("SELECT count(*) AS n FROM seqconsole.changes") == feed
    assert world.run("SELECT id FROM seqconsole.operations") == []


@pytest.mark.slow
async def test_capital_x_ends_what_a_person_gets_z_undoes_it_and_a_note_stands_in_the_journal(
    world: World, database: Database
) -> None:
    device, sequence = world.device("Penang 02"), world.sequence()
    world.contact(sequence, "60123456789", device, name="Aqil", due=world.now())
    suppressed = "SELECT key FROM seqconsole.holds WHERE holder = 'suppression'"
    console = console_on(database)
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("2", "enter", "enter", "X", "y")
        await until(pilot, lambda: toasts(console))
        assert world.run(suppressed) == [{"key": "60123456789"}]
        await pilot.press("ctrl+n", *"SIM", "enter")
        await until(pilot, lambda: len(toasts(console)) == 2)
        assert toasts(console)[1] == "Noted: SIM"
        await pilot.press("6", "enter")
        await until(pilot, lambda: "It changed no row." in screen_text(console))
        await pilot.press("escape", "j", "enter")
        await until(pilot, lambda: "added: scope contact" in screen_text(console))
        assert "60123456789" not in screen_text(console)
        await pilot.press("z", "y")
        await until(pilot, lambda: world.run(suppressed) == [])
