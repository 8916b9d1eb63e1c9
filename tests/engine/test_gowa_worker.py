"""A real worker through the gowa client: a step goes out over HTTP once, and is settled with its proof."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from engine.gateways.gowa import GowaGateway, GowaHost
from engine.gateways.simulator.behaviour import Behaviour, Odds, SimulatedState
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess
from engine.invariants import violations
from engine.rollup import roll_up_all
from engine.runtime import Worker, WorkerOptions
from engine.store import Database
from tests.engine.wire import assert_once
from tests.world import World

pytestmark = pytest.mark.anyio

CANARY = "canary-58c2"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


def simulator(tmp_path: Path, *devices: UUID) -> SimulatedGatewayProcess:
    known = {str(device): SimulatedState.ONLINE for device in devices}
    log = tmp_path / "wire.log"
    return SimulatedGatewayProcess(Options(log, odds=Odds(latency=(0.0, 0.0)), devices=known))


def client(url: str) -> GowaGateway:
    host = GowaHost(name="main", url=url, username="ops", password=CANARY, takes_all=True)
    return GowaGateway([host])


def everything_below(folder: Path) -> bytes:
    """The journal, the wire log and whatever else was written."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def work(
    database: Database, gateway: GowaGateway, tmp_path: Path, done: Callable[[], bool]
) -> None:
    stop = asyncio.Event()
    options = WorkerOptions("test", tmp_path / "journal", tick=0.02, device_poll=0.2)
    options.journal_directory.mkdir(exist_ok=True)
    running = asyncio.create_task(Worker(database, gateway, options).run(stop))
    try:
        await until(done)
    finally:
        stop.set()
        await running
        await gateway.close()


async def test_a_sequence_step_is_sent_and_settled(
    world: World, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="engine")
    device = world.device()
    sequence = world.sequence(delays=(0, 24))
    world.contact(sequence, "012-345 6789", device, statuses=("pending",) * 2, due=world.now())
    world.engine()
    await roll_up_all(database)  # the device is known before the gateway is asked of it
    async with simulator(tmp_path, device) as process:
        await work(
            database,
            client(process.url),
            tmp_path,
            lambda: world.statuses("broadcast_messages") == {"sent": 1},
        )
        [entry] = process.entries()
    assert (entry.device, entry.phone) == (str(device), "60123456789")
    assert world.statuses() == {"completed": 1, "pending": 1}
    [attempt] = world.run("SELECT outcome, evidence, code, gateway_id FROM seqconsole.attempts")
    assert attempt == {
        "outcome": "sent",
        "evidence": "gateway",
        "code": "SUCCESS",
        "gateway_id": entry.message_id,
    }
    assert world.value("SELECT outcome FROM seqconsole.deliveries") == "s"
    [known] = world.run("SELECT host, gateway_state FROM seqconsole.devices")
    assert known == {"host": "main", "gateway_state": "online"}
    await roll_up_all(database)
    assert await violations(database) == {}
    assert CANARY.encode() not in everything_below(tmp_path)
    assert CANARY not in caplog.text


async def test_a_doubt_stays_one_and_a_wrong_password_holds_the_host(
    world: World, database: Database, tmp_path: Path
) -> None:
    devices = [world.device(f"d{n}") for n in range(2)]
    for n, device in enumerate(devices):
        world.message(device, f"6012345678{n}", f"text {n}")
    world.engine()
    async with simulator(tmp_path, *devices) as process:
        await process.script([Behaviour.ERROR_SENT], phone="60123456780")
        await process.script([Behaviour.BASIC_AUTH], phone="60123456781")
        await work(
            database,
            client(process.url),
            tmp_path,
            lambda: (
                world.statuses("broadcast_messages") == {"unknown": 1, "pending": 1}
                and world.value("SELECT count(*) FROM seqconsole.attempts WHERE outcome IS NULL")
                == 0
            ),
        )
        entries = process.entries()
    assert_once(entries)
    assert [entry.phone for entry in entries] == ["60123456780"]
    [hold] = world.run("SELECT scope, key, holder, reason FROM seqconsole.holds")
    assert hold == {
        "scope": "host",
        "key": "main",
        "holder": "breaker",
        "reason": "gateway_credentials",
    }
    codes = {row["code"] for row in world.run("SELECT code FROM seqconsole.attempts")}
    assert codes == {"INTERNAL_SERVER_ERROR", "gateway_credentials"}
