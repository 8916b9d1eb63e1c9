"""A password, a token and a phone, each planted where it belongs: no output, file or process shows one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from seqconsole.cli.output import complain
from tests.terminal.conftest import rolled_up
from tests.terminal.terminal import ROOT, Terminal, console_command, environment
from tests.world import World

PASSWORD, TOKEN, PHONE = "canary-pass-4471", "canary-token-8093", "60198877665544"
SECRETS = (PASSWORD, TOKEN, PHONE, PHONE[2:])
COMMANDS = (
    ("status",), ("status", "--json"), ("config",), ("config", "--json"), ("doctor",), ("doctor", "--json"),
    ("audit",), ("audit", "--json"), ("duplicates",), ("duplicates", "--json"), ("duplicates", "--dry-run"),
    ("holds",), ("holds", "--json"), ("migrate", "--plan"), ("pause", "--device", "Kuala", "--reason", "x"),
    ("retry", "--state", "failed", "--dry-run"), ("skip", "--sequence", "Welcome", "--json"),
    ("explain", "{message}"), ("explain", "{message}", "--json"), ("undo", "--dry-run"), ("undo",),
    ("journal",), ("journal", "--json"), ("journal", "--export", "-"), ("limits", "--device", "Kuala"),
    ("no-such-command",), ("pause", "--device", "nobody"), ("explain", "not-an-id"), ("engine", "on", "--dry-run"),
    ("--database-url", "postgresql://x@127.0.0.1:1/none", "status"), ("--schema", "nowhere", "status"),
    ("--profile", "none", "status"),
)  # fmt: skip
EACH = """
import json, sys
from seqconsole.__main__ import main

for command in json.loads(sys.argv[1]):
    print("==", command, flush=True)
    main(command)
"""
CRASH = """
import sys
from seqconsole.screens.devices import DevicesScreen
from seqconsole.__main__ import main

def broken(self, snapshot):
    password, token, phone = {secrets!r}
    raise ValueError(password + token + phone)

DevicesScreen.rows = broken
sys.exit(main())
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def env(dsn: str, home: Path) -> dict[str, str]:
    """The secrets where an operator keeps them."""
    address = psycopg.conninfo.make_conninfo(dsn, password=PASSWORD)
    gowa = {"URL": "https://127.0.0.1:1", "USERNAME": "seqconsole", "PASSWORD": TOKEN}
    given = {f"SEQCONSOLE_GOWA__MAIN__{name}": value for name, value in gowa.items()}
    return environment(home, address, PGPASSWORD=PASSWORD, **given)


@pytest.fixture(scope="module", autouse=True)
def message(world: World, dsn: str) -> str:
    """A person in each place that a screen or a command shows."""
    world.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
    device, sequence = world.device("Kuala"), world.sequence()
    world.run("UPDATE user_devices SET phone = %s, jid = %s", PHONE, f"{PHONE}@s.whatsapp.net")
    for _ in range(2):
        world.contact(sequence, PHONE, device, name="Aqil")
    failed = world.message(device, PHONE)
    world.run("UPDATE broadcast_messages SET status = 'failed' WHERE id = %s", failed)
    world.message(device, f"+{PHONE}")
    world.engine()
    rolled_up(dsn)
    return str(failed)


def shown(text: str | bytes) -> list[str]:
    """The secrets that a text shows."""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return [secret for secret in SECRETS if secret in text]


def files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


@pytest.mark.slow
def test_no_command_says_one(env: dict[str, str], message: str) -> None:
    commands = [[part.format(message=message) for part in command] for command in COMMANDS]
    done = subprocess.run(
        [sys.executable, "-c", EACH, json.dumps(commands)],
        env=env, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=-1, stderr=-2, timeout=90, check=True,
    )  # fmt: skip
    said = done.stdout.decode().split("== ")[1:]
    assert len(said) == len(commands)
    for text in said:
        assert not shown(text), text
        assert "Traceback" not in text, text
        assert len(text.splitlines()) > 1, text


@pytest.mark.slow
def test_no_screen_export_file_process_or_journal_shows_one(
    env: dict[str, str], home: Path, world: World
) -> None:
    with Terminal(console_command("console", "--engine"), size=(200, 50), env=env) as terminal:
        terminal.shows("Kuala")
        for keys in (("enter",), ("e",), ("2", "enter", "enter"), ("enter",), ("3", "enter"), ("x",), ("4",),
                     ("e",), ("5",), ("enter",), ("6",), ("1", "p")):  # fmt: skip
            terminal.press("escape", *keys)
            terminal.until(lambda text: "Loading" not in text)
            terminal.press("y", "ctrl+s")
            terminal.press("escape")
        terminal.shows("paused 1")
        processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, check=True).stdout
        assert b"seqconsole" in processes
        assert not shown(processes)
        queries = world.run("SELECT query, application_name FROM pg_stat_activity")
        assert not shown(str(queries).replace(PHONE, ""))
        terminal.press("q")
        terminal.until(lambda text: "Leave" in text or terminal.ended)
        terminal.press("y")
        assert terminal.wait(80) == 0
        assert not shown(bytes(terminal.raw))
    kept = list(files(home))
    assert any(path.suffix == ".csv" for path, _ in kept)
    assert any(path.suffix == ".svg" for path, _ in kept)
    for path, content in kept:
        if "journal" in path.parts:  # a worker's evidence names the person
            assert not set(shown(content)) & {PASSWORD, TOKEN}, path
        else:
            assert not shown(content), path
        assert not path.stat().st_mode & 0o077, path
    tables = ("operations", "workers", "settings", "holds")
    for table in tables:
        rows = world.run(f"SELECT t::text FROM seqconsole.{table} t")
        assert rows or table == "workers", table
        assert not shown(str(rows)), table


@pytest.mark.slow
def test_a_crash_of_the_console_shows_none_and_restores_the_terminal(env: dict[str, str]) -> None:
    code = CRASH.format(secrets=(PASSWORD, TOKEN, PHONE))
    with Terminal([sys.executable, "-c", code], size=(200, 50), env=env) as terminal:
        assert terminal.wait() == 1
        assert "internal error: ValueError at" in terminal.raw.decode()
        assert not shown(bytes(terminal.raw))
        assert "1049" not in terminal.screen.modes
        assert terminal.screen.violations == []


def test_a_terminal_that_is_gone_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def write(self, text: str) -> None:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(sys, "stderr", Gone())
    complain("draining: 3 in flight, at most 60 s more")
