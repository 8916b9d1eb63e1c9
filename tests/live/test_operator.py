"""The main job by keystroke, on real parts: a database, an engine, a gateway with a log of its wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import pytest
from textual.pilot import Pilot

from engine.gateways.simulated import SimulatedGateway
from engine.gateways.simulator.behaviour import Odds
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess
from engine.opening import open_adopted
from engine.runtime import WorkerOptions, run
from engine.store import Access
from seqconsole.app import Console
from seqconsole.database_source import DatabaseSource, DatabaseVerbs
from seqconsole.options import ConsoleOptions
from seqconsole.screenshots import settled
from seqconsole.widgets.confirm import Confirm
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    made = World.at(dsn)
    yield made
    made.close()


@asynccontextmanager
async def console(
    dsn: str, size: tuple[int, int] = (120, 30)
) -> AsyncIterator[tuple[Console, Pilot[Any]]]:
    async with open_adopted(Access(dsn)) as database:
        verbs = DatabaseVerbs(database, "ops@test", gateway_configured=True)
        app = Console(DatabaseSource(database), verbs, options=ConsoleOptions(poll_seconds=0.1))
        async with app.run_test(size=size) as pilot:
            await settled(pilot, app)
            yield app, pilot


@asynccontextmanager
async def engine(dsn: str, url: str, journals: Path) -> AsyncIterator[None]:
    stop = asyncio.Event()
    options = WorkerOptions("test", journals, tick=0.05)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run, Access(dsn), SimulatedGateway(url), options, stop)
        yield
        stop.set()


async def until(condition: Callable[[], object], seconds: float = 20) -> None:
    with anyio.fail_after(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def queue(world: World, device: UUID, n: int, first: int) -> None:
    world.run(
        "INSERT INTO broadcast_messages (device_id, recipient_phone, content, status, scheduled_at) "
        "SELECT %s, (60120000000 + %s + i)::text, 'text ' || i, 'pending', seqconsole.now() "
        "FROM generate_series(1, %s) i",
        device,
        first,
        n,
    )


def held_for_ever(world: World) -> int:
    found: int = world.value("SELECT count(*) FROM seqconsole.holds WHERE until = 'infinity'")
    return found


@pytest.mark.slow
async def test_p_stops_a_busy_device_while_others_go_on_and_r_resumes_it(
    dsn: str, world: World, tmp_path: Path
) -> None:
    busy = world.device("A busy", gap=(1, 1))
    other = world.device("B other", limit=2000)
    queue(world, busy, 40, 1000)  # fewer than a resume would spread
    queue(world, other, 900, 5000)
    world.engine()
    odds = Odds(latency=(0.05, 0.1))
    async with (
        SimulatedGatewayProcess(Options(tmp_path / "wire.log", odds=odds)) as gateway,
        engine(dsn, gateway.url, tmp_path / "j"),
        console(dsn) as (app, pilot),
    ):

        def sent(device: UUID) -> int:
            return sum(e.device == str(device) for e in gateway.entries())

        await until(lambda: sent(busy) >= 2 and sent(other) >= 2)
        await pilot.press("slash", *"busy", "enter", "p")
        await until(
            lambda: world.value("SELECT count(*) FROM seqconsole.holds WHERE scope = 'device'")
        )
        in_flight = world.value(
            "SELECT count(*) FROM seqconsole.progress WHERE state = 's' AND device_id = %s", busy
        )
        assert in_flight <= 1
        at_pause, others = sent(busy), sent(other)
        await until(lambda: sent(other) >= others + 5)
        assert sent(busy) <= at_pause + in_flight + 1, "only what was named as in flight"
        at_rest = sent(busy)
        others = sent(other)
        await until(lambda: sent(other) >= others + 5)
        assert sent(busy) == at_rest
        await pilot.press("r")
        await until(lambda: isinstance(app.screen, Confirm) or held_for_ever(world) == 0)
        if isinstance(app.screen, Confirm):  # more than 50 would go out
            await pilot.press("y")
        await until(lambda: held_for_ever(world) == 0)
        await until(lambda: sent(busy) > at_rest, 40)
    who = world.run("SELECT DISTINCT who FROM seqconsole.operations")
    assert who == [{"who": "ops@test"}]


async def test_3_x_y_resolves_the_first_group_and_z_brings_it_back(dsn: str, world: World) -> None:
    world.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
    sequence, device = world.sequence(), world.device()
    world.contact(sequence, "60123456789", device, name="Aqil 2", statuses=("completed", "pending"))
    world.contact(sequence, "012-345 6789", device, name="Aqil 2", statuses=("completed", "active"))
    before = world.value(
        "SELECT md5(string_agg(c::text, '|' ORDER BY id)) FROM sequence_contacts c"
    )
    async with console(dsn) as (_, pilot):
        await pilot.press("3", "x", "y")
        await until(lambda: world.value("SELECT count(*) FROM sequence_contacts") == 3)
        await pilot.press("z")
        await until(lambda: world.value("SELECT count(*) FROM sequence_contacts") == 4)
    after = world.value("SELECT md5(string_agg(c::text, '|' ORDER BY id)) FROM sequence_contacts c")
    assert after == before


async def test_rows_added_by_psql_show_within_two_seconds(dsn: str, world: World) -> None:
    world.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
    device, sequence = world.device("One"), world.sequence()
    world.contact(sequence, "60123456789", device)
    async with console(dsn) as (app, pilot):
        queue(world, device, 500, 1000)
        with anyio.fail_after(2):
            while not (app.snapshot and app.snapshot.figures.devices[0].pending == 500):
                await pilot.pause(0.02)
        assert app.snapshot.figures.devices[0].due == 500
        world.contact(sequence, "+60 12 345 6789", device)
        with anyio.fail_after(2):
            while not app.snapshot.figures.duplicates:
                await pilot.pause(0.02)
    assert world.statuses("broadcast_messages") == {"pending": 500}


async def test_a_lost_database_is_said_and_comes_back(
    dsn: str, world: World, server_dsn: Callable[[str], str]
) -> None:
    world.device("One")
    name = world.value("SELECT current_database()")
    admin = World.at(server_dsn("postgres"))
    async with console(dsn) as (app, pilot):
        admin.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = %s AND application_name = 'seqconsole'",
            name,
        )
        with anyio.fail_after(30):
            while app.lost is None:
                await pilot.pause(0.05)
        assert app.snapshot is not None
        assert [d.name for d in app.snapshot.figures.devices] == ["One"]
        admin.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        with anyio.fail_after(30):
            while app.lost is not None:
                await pilot.pause(0.05)
    admin.close()


async def test_hostile_names_are_drawn_harmless(dsn: str, world: World) -> None:
    world.device("[/] \x1b]52;c;aGk=\x07 [@click=app.quit]x \u202eevil")
    async with console(dsn, (80, 24)) as (app, _):
        svg = app.export_screenshot()
    assert "\x1b" not in svg
    assert "\u202e" not in svg
    assert "x1b" in svg


async def test_a_host_is_held_from_its_line_and_its_devices_say_so(dsn: str, world: World) -> None:
    for device in (world.device("One"), world.device("Two")):
        world.run(
            "INSERT INTO seqconsole.devices (device_id, user_id, host, slot_at) "
            "VALUES (%s, %s, 'gw-1', seqconsole.now())",
            device,
            world.user,
        )
    async with console(dsn) as (app, pilot):
        await pilot.press("b", "b", "p")
        await until(lambda: world.value("SELECT count(*) FROM seqconsole.holds"))
        held = world.run("SELECT scope, key, holder FROM seqconsole.holds")
        assert held == [{"scope": "host", "key": "gw-1", "holder": "operator"}]
        while app.snapshot and "host)" not in (app.snapshot.figures.devices[0].hold or ""):
            await pilot.pause(0.02)
        await pilot.press("r")
        await until(lambda: held_for_ever(world) == 0)
        await pilot.press("z")
        await until(lambda: held_for_ever(world) == 1)
