"""Fault 51: few file descriptors, no more memory. What a worker then can't do it leaves; nothing is sent twice."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.gateways.simulator.behaviour import Odds
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess
from engine.invariants import violations
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.engine.wire import assert_once, stop_worker, until
from tests.world import World

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks into /proc"),
]

Start = Callable[..., subprocess.Popen[bytes]]

OUTCOMES = "SELECT DISTINCT outcome FROM seqconsole.attempts"


async def judged(dsn: str) -> dict[str, list[dict[str, object]]]:
    async with Database.open(Access(dsn)) as database:
        await roll_up_all(database)
        return await violations(database)


def open_files(process: subprocess.Popen[bytes]) -> int:
    return len(list(Path(f"/proc/{process.pid}/fd").iterdir()))


def no_more_memory(process: subprocess.Popen[bytes]) -> None:
    pages = Path(f"/proc/{process.pid}/statm").read_text().split()[0]
    used = int(pages) * resource.getpagesize()
    resource.prlimit(process.pid, resource.RLIMIT_AS, (used, used))


def send_to_each(world: World, devices: int, nth: int) -> None:
    world.run(
        "INSERT INTO broadcast_messages (device_id, recipient_phone, content, status, scheduled_at) "
        "SELECT id, (60120000000 + row_number() OVER (ORDER BY id) + %s)::text, 'text ' || %s, 'pending', "
        "seqconsole.now() FROM user_devices",
        nth * 1000,
        str(nth),
    )
    until(lambda: world.statuses("broadcast_messages") == {"sent": devices * nth}, 40)


@pytest.mark.slow
async def test_fault_51_64_open_files_are_enough_and_none_is_lost(
    dsn: str, world: World, tmp_path: Path, start: Start
) -> None:
    """More devices than descriptors: the worker sends fewer at once instead of failing."""
    devices = 70
    for n in range(devices):
        world.device(f"d{n}")
    world.engine()
    options = Options(tmp_path / "wire.log", odds=Odds(latency=(0.1, 0.2)))
    async with SimulatedGatewayProcess(options) as gateway:
        few = ("sh", "-c", 'ulimit -n 64 && exec "$0" "$@"')
        worker = start(dsn, gateway.url, tmp_path / "j", concurrency=200, within=few)
        send_to_each(world, devices, 1)
        after_one = open_files(worker)
        for nth in (2,):
            send_to_each(world, devices, nth)
        assert open_files(worker) <= after_one + 4, "connections of the pool, and nothing else"
        assert worker.poll() is None
        assert stop_worker(worker) == 0
        entries = gateway.entries()
    assert_once(entries)
    assert len(entries) == 2 * devices
    assert [row["outcome"] for row in world.run(OUTCOMES)] == ["sent"], "no try failed"
    assert await judged(dsn) == {}


@pytest.mark.large
async def test_fault_51_a_worker_without_memory(
    dsn: str, world: World, tmp_path: Path, start: Start
) -> None:
    """It ends or lives on; what it had begun is settled or in doubt, and another worker does the rest."""
    world.setting("clock_offset", "0 seconds")
    devices, each = 40, 4
    for n in range(devices):
        device = world.device(f"d{n}")
        for m in range(each):
            world.message(device, f"6012{n:03}{m:04}", f"text {n} {m}" * 200)
    world.engine()
    options = Options(tmp_path / "wire.log", odds=Odds(latency=(0.05, 0.3)))
    async with SimulatedGatewayProcess(options) as gateway:
        doomed = start(dsn, gateway.url, tmp_path / "j", concurrency=200)
        until(lambda: len(gateway.entries()) >= 20)
        no_more_memory(doomed)
        settled = len(gateway.entries()) + 40
        until(lambda: doomed.poll() is not None or len(gateway.entries()) >= settled, 30)
        doomed.kill()
        doomed.wait()
        world.advance(seconds=200)
        world.run("UPDATE seqconsole.workers SET boot_id = 'an earlier start'")
        survivor = start(dsn, gateway.url, tmp_path / "j")
        ended = {"sent", "unknown"}
        until(lambda: set(world.statuses("broadcast_messages")) <= ended, 90)
        assert stop_worker(survivor) == 0
        entries = gateway.entries()
    assert_once(entries)
    unknown = world.statuses("broadcast_messages").get("unknown", 0)
    assert devices * each - unknown <= len(entries) <= devices * each
    assert await judged(dsn) == {}
