"""Faults 26 and 28: a wall clock that is wrong by a day, a machine that slept. The gateway's log is the oracle."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import engine
from engine.gateways.simulator.behaviour import Odds
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess
from engine.invariants import violations
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.engine.wire import assert_once, until
from tests.world import World

pytestmark = pytest.mark.anyio

Run = Callable[..., subprocess.Popen[bytes]]
QUICK = Odds(latency=(0.0, 0.02))
DAY = 86_400


@dataclass
class Clocks:
    """What the process under test believes."""

    file: Path

    def move(self, *, wall: float = 0, boot: float = 0) -> None:
        """In one step, as a reader must never find half of it."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{wall} {boot}")
        new.rename(self.file)


@pytest.fixture
def clocks(tmp_path: Path) -> Clocks:
    made = Clocks(tmp_path / "clocks")
    made.move()
    return made


@pytest.fixture
def run(dsn: str, tmp_path: Path, clocks: Clocks) -> Iterator[Run]:
    """Start `seqconsole ARGS` with these clocks."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*args: str, url: str, **options: object) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "HOME": str(tmp_path),
            "TERM": "xterm-256color",
            "SEQCONSOLE_DATABASE_URL": dsn,
            "SEQCONSOLE_GATEWAY_URL": url,
        }
        command = [sys.executable, "-m", "tests.faults.moved_clocks", str(clocks.file), *args]
        started.append(subprocess.Popen(command, env=environment, **options))  # type: ignore[call-overload]
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@dataclass
class Screen:
    """The other end of a console's terminal; what it drew is gathered by `shows`."""

    controller: int
    drawn: bytearray = field(default_factory=bytearray)

    def shows(self, text: str) -> bool:
        """Whether this has been drawn since the last `forget`."""
        with suppress(OSError):  # its program has ended
            while select.select([self.controller], [], [], 0)[0]:
                self.drawn += os.read(self.controller, 65536)
        return text in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.drawn.decode(errors="replace"))

    def forget(self) -> None:
        self.shows("")
        self.drawn.clear()


@pytest.fixture
def terminal() -> Iterator[tuple[Screen, int]]:
    """A screen of 120x30, and the descriptor that a program draws on."""
    controller, program = pty.openpty()
    fcntl.ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 120, 0, 0))
    yield Screen(controller), program
    os.close(controller)


def fill(world: World, messages: int, *, limit: int) -> None:
    made = [world.device(f"d{n}", limit=limit) for n in range(2)]
    for n in range(messages):
        world.message(made[n % 2], f"6012{n:07}", f"text {n}")
    world.engine()


async def judged(dsn: str) -> dict[str, list[dict[str, object]]]:
    async with Database.open(Access(dsn)) as database:
        await roll_up_all(database)
        return await violations(database)


def sent(world: World) -> int:
    return world.statuses("broadcast_messages").get("sent", 0)


@pytest.mark.large
async def test_fault_26_a_wall_clock_wrong_by_a_day_changes_nothing(
    dsn: str, world: World, tmp_path: Path, run: Run, clocks: Clocks
) -> None:
    fill(world, 20, limit=4)
    async with SimulatedGatewayProcess(Options(tmp_path / "wire.log", odds=QUICK)) as gateway:
        clocks.move(wall=DAY)
        worker = run("worker", url=gateway.url)
        until(lambda: sent(world) == 8)
        clocks.move(wall=-DAY)
        for n in range(2):
            world.message(world.device(f"new {n}"), f"6013{n:07}", f"new {n}")
        until(lambda: sent(world) == 10)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
        entries = gateway.entries()
    assert_once(entries)
    assert len(entries) == 10
    assert world.value("SELECT count(*) FROM seqconsole.holds") == 0
    far = (
        "SELECT count(*) FROM seqconsole.attempts WHERE abs(extract(epoch FROM now() - claimed_at)) > 600 "
        "OR abs(extract(epoch FROM now() - settled_at)) > 600 OR abs(extract(epoch FROM now() - charge)) > 600"
    )
    assert world.value(far) == 0
    assert await judged(dsn) == {}


def test_fault_26_the_engine_reads_no_wall_clock() -> None:
    """One place compares it with the age of a file, and only to remove what never became a journal."""
    wall = re.compile(r"datetime\.now|utcnow|date\.today|\btime\.time\(|time_ns|CLOCK_REALTIME")
    folder = Path(engine.__file__).parent
    found = {
        (path.name, line.strip())
        for path in folder.rglob("*.py")
        if "simulator" not in path.parts
        for line in path.read_text().splitlines()
        if wall.search(line)
    }
    assert found == {
        ("journal_replay.py", "if time.time() - path.stat().st_mtime > UNFINISHED_AGE:")
    }


@pytest.mark.large
async def test_fault_28_a_laptop_that_slept_for_two_hours_sends_no_burst(
    dsn: str,
    world: World,
    tmp_path: Path,
    run: Run,
    clocks: Clocks,
    terminal: tuple[Screen, int],
) -> None:
    """A console with its engine: stopped, its connections ended meanwhile, two hours on all true clocks."""
    world.setting("clock_offset", "0 seconds")
    fill(world, 24, limit=4)
    screen, program = terminal
    async with SimulatedGatewayProcess(Options(tmp_path / "wire.log", odds=QUICK)) as gateway:
        console = run(
            "console", "--engine", url=gateway.url, stdin=program, stdout=program, stderr=program
        )
        os.close(program)
        until(lambda: sent(world) == 8 and screen.shows("d1"))
        console.send_signal(signal.SIGSTOP)
        world.run(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        world.advance(hours=2)
        clocks.move(boot=7200)
        world.run("UPDATE user_devices SET device_name = 'awake' WHERE device_name = 'd1'")
        screen.forget()
        console.send_signal(signal.SIGCONT)
        until(lambda: screen.shows("awake"))
        until(lambda: sent(world) == 16)
        seen = world.now()
        until(lambda: world.value("SELECT max(ticked_at) > %s FROM seqconsole.workers", seen))
        assert world.value("SELECT count(*) FROM seqconsole.holds") == 0, (
            "no jump: the machine slept"
        )
        console.send_signal(signal.SIGTERM)
        until(lambda: not screen.shows("\0") and console.poll() is not None)
        entries = gateway.entries()
    assert_once(entries)
    assert set(Counter(e.device for e in entries).values()) == {8}, "a window's worth, and no more"
    assert await judged(dsn) == {}
