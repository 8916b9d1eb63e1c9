"""The commonest jobs by keystroke in tmux, from launch, on things named beforehand; the keys are counted."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.terminal.conftest import rolled_up
from tests.terminal.terminal import ROOT, console_command, environment
from tests.world import World

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]
SPECIAL = {"enter": "Enter", "escape": "Escape", "ctrl+d": "C-d", "space": "Space"}


class Tmux:
    """A console in a tmux of its own. `keys` counts what was pressed since launch."""

    def __init__(self, env: dict[str, str], socket: Path) -> None:
        self._env = env
        self._socket = socket
        self.keys = 0
        words = " ".join(shlex.quote(f"{name}={value}") for name, value in env.items())
        command = " ".join(shlex.quote(part) for part in console_command())
        self.run(
            "new-session",
            "-d",
            "-x",
            "80",
            "-y",
            "24",
            f"cd {ROOT}; env -i {words} {command}; sleep 60",
        )

    def run(self, *arguments: str) -> str:
        command = ["tmux", "-S", str(self._socket), "-f", "/dev/null", *arguments]
        kept = {**self._env, "TMUX_TMPDIR": str(self._socket.parent)}
        return subprocess.run(command, env=kept, check=True, capture_output=True, text=True).stdout

    @property
    def text(self) -> str:
        return self.run("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        for key in keys:
            if key in SPECIAL:
                self.run("send-keys", SPECIAL[key])
            else:
                self.run("send-keys", "-l", key)
            self.keys += len(key) if key not in SPECIAL else 1

    def shows(self, *words: str) -> str:
        deadline = time.monotonic() + 20
        while not all(word in (text := self.text) for word in words):
            assert time.monotonic() < deadline, text
            time.sleep(0.02)
        return text

    def close(self) -> None:
        self.run("kill-server")


@pytest.fixture
def world(new_database: Callable[..., str]) -> Iterator[World]:
    """Three devices, failed messages of two of them, a duplicate group, a held contact row."""
    dsn = new_database()
    with closing(World.at(dsn)) as made:
        made.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
        kl, miri = made.device("KL 1"), made.device("Miri 07")
        made.device("Zed")
        for n in range(5):
            made.message(kl, f"6012000{n:04}")
        for n in range(3):
            made.message(miri, f"6013000{n:04}")
        made.run("UPDATE broadcast_messages SET status = 'failed', error_message = 'timeout'")
        for n in range(2):
            made.message(kl, f"6014000{n:04}")
        sequence = made.sequence()
        for _ in range(2):
            made.contact(sequence, "60198877665", miri, name="Aqil")
        made.contact(sequence, "60198877001", miri, name="Siti")
        rolled_up(dsn)
        yield made


@pytest.fixture
def tmux(world: World, tmp_path: Path) -> Iterator[Tmux]:
    dsn = str(world.connection.info.dsn)
    opened = Tmux(environment(tmp_path, dsn), Path(f"/tmp/seq-{os.getpid()}-{uuid4().hex[:6]}"))
    opened.shows("Sent/h", "KL 1")
    yield opened
    opened.close()


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def device(world: World, name: str) -> UUID:
    found: UUID = world.value("SELECT id FROM user_devices WHERE device_name = %s", name)
    return found


def held(world: World, scope: str = "device") -> list[str]:
    found = world.run("SELECT key FROM seqconsole.holds WHERE scope = %s AND holder = 'operator' "
                      "AND until = 'infinity'", scope)  # fmt: skip
    return [row["key"] for row in found]


def test_pause_the_first_device_1_key_and_undo_2(tmux: Tmux, world: World) -> None:
    tmux.press("p")
    until(lambda: held(world) == [str(device(world, "KL 1"))])
    assert tmux.keys == 1
    tmux.press("z", "y")
    until(lambda: not held(world))
    assert tmux.keys <= 3


def test_pause_a_named_device_7_keys_and_resume_it_1(tmux: Tmux, world: World) -> None:
    tmux.press("/", "miri", "enter", "p")
    until(lambda: held(world) == [str(device(world, "Miri 07"))])
    assert tmux.keys <= 7
    tmux.press("r")
    until(lambda: not held(world))
    assert tmux.keys <= 8


def test_pause_everything_2_keys_and_resume_it_2(tmux: Tmux, world: World) -> None:
    tmux.press("P", "y")
    until(lambda: held(world, "all") == [""])
    assert tmux.keys == 2
    tmux.press("R", "y")
    until(lambda: not held(world, "all"))
    assert tmux.keys == 4


def test_resolve_the_first_group_3_keys_and_undo_1(tmux: Tmux, world: World) -> None:
    rows = "SELECT count(*) FROM sequence_contacts WHERE contact_name = 'Aqil'"
    tmux.press("3", "x", "y")
    until(lambda: world.value(rows) == 1)
    assert tmux.keys == 3
    tmux.press("z")
    until(lambda: world.value(rows) == 2)
    assert tmux.keys <= 5


def test_why_is_this_contact_not_sent_1_key_after_finding_it(tmux: Tmux) -> None:
    tmux.press("2", "enter", "enter")
    tmux.shows("Contact", "Siti")
    tmux.press("/", "siti", "enter")
    tmux.shows("Siti", "1 of 3")
    found = tmux.keys
    tmux.press("e")
    tmux.shows("Why is this contact", "engine", "closed")
    assert tmux.keys - found <= 5


def test_retry_all_failed_of_one_device_6_keys_once_it_is_found(tmux: Tmux, world: World) -> None:
    tmux.press("/", "miri", "enter")
    tmux.shows("1 of 3")
    found = tmux.keys
    tmux.press("enter", "ctrl+d", "y")
    failed = "SELECT count(*) FROM broadcast_messages WHERE status = 'failed' AND device_id = %s"
    until(lambda: world.value(failed, device(world, "Miri 07")) == 0)
    assert tmux.keys - found <= 6
    assert world.value(failed, device(world, "KL 1")) == 5, "of that device alone"


def test_pause_a_sequence_2_keys_and_skip_a_contact_row_5(tmux: Tmux, world: World) -> None:
    tmux.press("2", "p")
    sequence = world.value("SELECT id FROM sequences")
    until(lambda: held(world, "sequence") == [str(sequence)])
    assert tmux.keys == 2
    tmux.press("enter", "enter")
    tmux.shows("Siti")
    tmux.press("/", "siti", "enter")
    tmux.shows("1 of 3")
    found = tmux.keys
    tmux.press("s", "y")
    until(lambda: world.statuses().get("skipped") == 1)
    assert (
        world.value("SELECT contact_name FROM sequence_contacts WHERE status = 'skipped'") == "Siti"
    )
    assert tmux.keys - found <= 5


def test_what_is_wrong_1_key_and_leaving_1(tmux: Tmux) -> None:
    tmux.press("5")
    tmux.shows("duplicates", "failed messages")
    assert tmux.keys == 1
    tmux.press("q")
    until(lambda: "Sent/h" not in tmux.text and "5 Health" not in tmux.text)
    assert tmux.keys == 2
