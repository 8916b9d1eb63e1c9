"""Faults 48 to 50: sizes that no screen has, signals, a lost line, a terminal that is none."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.terminal.terminal import ROOT, Terminal, console_command, environment
from tests.world import World

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _devices(world: World) -> None:
    for number in range(15):
        world.device(f"Device {number:02d} 漢字")


def is_restored(terminal: Terminal, before: list[object]) -> bool:
    """Whether the terminal is as a shell wants it."""
    wanted = {"25", "7"} & terminal.screen.modes == {"25", "7"}
    rest = terminal.screen.modes & {"1000", "1003", "1004", "1006", "1015", "1049", "2004"}
    return wanted and not rest and terminal.attributes()[:4] == before[:4]


@contextmanager
def opened(console: Open) -> Iterator[tuple[Terminal, list[object]]]:
    terminal = console()
    before = terminal.attributes()
    terminal.shows("Device 00")
    yield terminal, before
    assert terminal.screen.violations == []


def test_fault_48_no_size_is_too_small_too_large_or_too_often(console: Open) -> None:
    dice = random.Random(48)
    with opened(console) as (terminal, _):
        terminal.resize(1, 1)
        terminal.resize(20, 5)
        terminal.resize(500, 200)
        terminal.shows("Device 14")
        for _ in range(200):
            terminal.resize(dice.randint(1, 300), dice.randint(1, 90))
            terminal.press("j")
        for size, words in (((50, 10), "80 x 24 or more"), ((80, 24), "Sent/h")):
            terminal.resize(*size)
            terminal.shows(words)
        assert reaches_the_top(terminal)
        terminal.press("q")
        assert terminal.wait() == 0


def reaches_the_top(terminal: Terminal) -> bool:
    """A key in the very moment in which the size comes right may find no list yet: it is pressed again."""
    for _ in range(5):
        terminal.press("g")
        with suppress(AssertionError):
            return bool(
                terminal.until(lambda text: text.splitlines()[3].startswith("›"), seconds=3)
            )
    return False


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_fault_49_a_signal_leaves_the_terminal_as_it_was(
    console: Open, number: signal.Signals, code: int
) -> None:
    with opened(console) as (terminal, before):
        terminal.process.send_signal(number)
        assert terminal.wait() == code
        assert is_restored(terminal, before)


def test_fault_49_stopped_and_continued_it_draws_again(console: Open) -> None:
    with opened(console) as (terminal, before):
        terminal.process.send_signal(signal.SIGTSTP)
        pid, status = os.waitpid(terminal.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert pid == terminal.process.pid
        terminal.until(lambda _: is_restored(terminal, before))
        terminal.screen.resize(80, 24)  # the shell has drawn over it
        terminal.process.send_signal(signal.SIGCONT)
        terminal.shows("Device 00", "1 Devices")
        terminal.press("q")
        assert terminal.wait() == 0


def test_fault_49_a_lost_line_ends_it(console: Open) -> None:
    terminal = console()
    terminal.shows("Device 00")
    terminal.hang_up()
    assert terminal.wait() == 129


def test_fault_49_a_closing_terminal_continues_what_never_stopped(console: Open) -> None:
    """The kernel sends SIGCONT after SIGHUP: a second reader of keys would keep the process for ever."""
    terminal = console()
    terminal.shows("Device 00")
    for number in (signal.SIGCONT, signal.SIGCONT, signal.SIGHUP, signal.SIGCONT):
        terminal.process.send_signal(number)
    terminal.hang_up()
    assert terminal.wait() == 129


def test_bytes_that_are_no_text_end_nothing(console: Open) -> None:
    with opened(console) as (terminal, _):
        os.write(terminal._master, b"\xff\xfe\x80")
        terminal.press("4")
        terminal.shows("Nothing is queued.")
        os.write(terminal._master, b"\x1b[200~" + bytes(range(128, 256)) * 20 + b"\x1b[201~")
        terminal.press("1")
        terminal.shows("Device 00")
        terminal.press("q")
        assert terminal.wait() == 0


def run(home: Path, dsn: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        console_command(*arguments), env=environment(home, dsn, **env), cwd=ROOT,
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
    )  # fmt: skip


def test_fault_50_a_locale_without_utf_8_is_spoken_to_in_its_own(
    dsn: str, tmp_path: Path, console: Open
) -> None:
    said = run(tmp_path, dsn, "status", PYTHONIOENCODING="ascii")
    assert said.returncode == 0, said.stderr
    assert b"Device 00 \\u6f22\\u5b57" in said.stdout
    terminal = console(PYTHONIOENCODING="latin-1")
    terminal.shows("Device 00 ????")
    terminal.press("q")
    assert terminal.wait() == 0
    assert all(byte < 128 for byte in terminal.raw)


def test_fault_50_no_colour_sends_no_colour(console: Open) -> None:
    terminal = console(NO_COLOR="1")
    terminal.shows("Device 00", "idle")
    terminal.press("q")
    assert terminal.wait() == 0
    for style in terminal.screen.styles:
        assert not {int(part or 0) for part in style.split(";")[:1]} & {31, 32, 33, 34, 35, 36}


def test_fault_50_a_reader_that_leaves_is_no_fault(dsn: str, tmp_path: Path) -> None:
    process = subprocess.Popen(
        console_command("status", "--json"), env=environment(tmp_path, dsn), cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 0
