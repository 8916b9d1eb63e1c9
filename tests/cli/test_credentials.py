"""A credential in each place where one can be: no output, log, journal, export or crash has it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from engine.gateways.fleet import Fleet
from engine.gateways.meta import MetaAccount
from seqconsole.crash import crash_line
from seqconsole.gateway import fleet_of
from seqconsole.settings import SettingsError, load
from tests.cli.conftest import Command
from tests.world import World

CANARY = "canary-"
GOWA, META, LISTED, IN_JID = (f"{CANARY}{name}-58c2/x" for name in ("gowa", "meta", "list", "jid"))


@pytest.fixture(autouse=True)
def _empty_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def private(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def echo(request: Request) -> Response:
    """What a gateway should never do: repeat the credential it was given."""
    said = request.headers.get("Authorization", "") + request.get_data(as_text=True)
    if request.path.endswith("/devices"):
        return Response(json.dumps({"code": "SUCCESS", "message": said, "results": []}))
    if request.path.startswith("/devices/"):
        return Response(json.dumps({"code": "ERROR", "message": f"no {said}"}), 500)
    refusal = {"status": False, "message": f"device disconnected: {said}"}
    refusal["error"] = {"code": 131026, "message": said}
    return Response(json.dumps(refusal | {"code": "INVALID_JID"}), 400)


def everything_below(folder: Path) -> str:
    texts = [p.read_text(errors="replace") for p in folder.rglob("*") if p.is_file()]
    return "".join(texts)


@pytest.mark.slow
def test_no_output_of_any_command_has_a_credential(
    seqconsole: Command,
    environment: dict[str, str],
    world: World,
    httpserver: HTTPServer,
    tmp_path: Path,
) -> None:
    httpserver.expect_request(re.compile(".*")).respond_with_handler(echo)
    devices = {name: world.device(name) for name in ("gowa", "meta", "wablas", "whacenter")}
    for name, jid in (("meta", "106540352242922"), ("wablas", "x"), ("whacenter", IN_JID)):
        world.run(
            "UPDATE user_devices SET platform = %s, jid = %s WHERE id = %s",
            name,
            jid,
            devices[name],
        )
    for n, device in enumerate(devices.values()):
        world.message(device, f"6012345678{n}", f"text {n}")
    world.run("DELETE FROM seqconsole.settings WHERE name = 'mark'")
    url = httpserver.url_for("/").rstrip("/")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    token = private(secrets / "token", f"{META}\n")
    config = private(
        secrets / "config.toml",
        f"""
[gowa.g]
url = "{url}"
username = "ops"
[meta.m]
url = "{url}"
token_file = "{token}"
[wablas.w]
url = "{url}"
tokens = {{ "{devices["wablas"]}" = "{LISTED}" }}
[whacenter.c]
url = "{url}"
""",
    )
    environment |= {
        "SEQCONSOLE_CONFIG": str(config),
        "SEQCONSOLE_GOWA__G__PASSWORD": GOWA,
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    assert seqconsole("engine", "on", "--now").code == 0
    said = work(environment, world)
    codes = {row["code"] for row in world.run("SELECT code FROM seqconsole.attempts")}
    assert codes == {"INVALID_JID", "131026", "DEVICE_DISCONNECTED", "TOKEN_REFUSED"}
    assert seqconsole("reconnect", "--device", "gowa").code == 1
    assert "(hidden)" in seqconsole.all_said[-1].out
    message = str(world.value("SELECT id FROM broadcast_messages LIMIT 1"))
    export = str(tmp_path / "state" / "journal.jsonl")
    for line in (
        "status --json", "status", "doctor --json", "audit --json", "config", "config --json",
        "journal --json", f"journal --export {export}", f"explain {message} --json",
        f"explain {devices['whacenter']} --json", "holds --json", "duplicates --json",
        "limits --json", "migrate --plan",
    ):  # fmt: skip
        seqconsole(*line.split())
    shown = "".join(each.out + each.err for each in seqconsole.all_said) + said
    assert "meta.m.token_file" in shown
    assert "wablas.w.tokens" in shown
    assert CANARY not in shown
    assert CANARY not in everything_below(tmp_path / "state")
    tables = world.run("SELECT tablename FROM pg_tables WHERE schemaname = 'seqconsole'")
    for table in (row["tablename"] for row in tables):
        assert CANARY not in str(world.run(f'SELECT * FROM seqconsole."{table}"')), table
    assert CANARY not in str(world.run("SELECT error_message FROM broadcast_messages"))


def work(environment: dict[str, str], world: World) -> str:
    """Run a talkative worker until every message was tried; what it said."""
    with subprocess.Popen(
        [sys.executable, "-m", "seqconsole", "worker", "--verbose"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as worker:
        end = time.monotonic() + 30
        while world.value("SELECT count(*) FROM seqconsole.attempts WHERE outcome <> ''") < 4:
            assert time.monotonic() < end
            assert worker.poll() is None
            time.sleep(0.05)
        arguments = Path(f"/proc/{worker.pid}/cmdline").read_bytes().decode()
        worker.terminate()
        said, _ = worker.communicate(timeout=30)
    return said + arguments


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    token = private(tmp_path / "token", META)
    token.chmod(mode)
    settings = load({"meta": {"m": {"token_file": token}}})
    with pytest.raises(SettingsError, match="chmod 600") as refused:
        fleet_of(settings)
    assert CANARY not in str(refused.value)
    token.chmod(0o400)
    assert isinstance(fleet_of(settings), Fleet)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda p: None, "cannot be read"),
        (lambda p: private(p, ""), "one line"),
        (lambda p: private(p, f"{META}\n{META}"), "one line"),
        (lambda p: private(p, META * 500), "one line"),
        (lambda p: private(p, f"{META} {META}"), "cannot be one"),
        (lambda p: p.mkdir(), "no ordinary file"),
    ],
)
def test_a_file_that_holds_no_credential(
    tmp_path: Path, write: Callable[[Path], object], words: str
) -> None:
    write(tmp_path / "token")
    settings = load({"meta": {"m": {"token_file": tmp_path / "token"}}})
    with pytest.raises(SettingsError, match=words) as refused:
        fleet_of(settings)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"meta": {"m": {}}}, "token or token_file"),
        ({"meta": {"m": {"token": META, "token_file": "/x"}}}, "token or token_file"),
        ({"meta": {"m": {"token": META, "version": "23"}}}, "version"),
        ({"meta": {"m": {"token": META, "devices": {str(uuid4()): "me"}}}}, "phone number id"),
        ({"gowa": {"m": {"url": "https://x", "password_file": "/x"}}}, "needs a username"),
        ({"wablas": {"m": {"url": "https://x", "tokens": {str(uuid4()): f"{META} "}}}}, "token"),
        ({"wablas": {"m": {"url": "https://x", "token": META}}}, "wablas.m.token"),
        ({"meta": {"m": {"token": META}}, "gowa": {"m": {"url": "https://x"}}}, "both have"),
        ({"gowa": {"m": {"url": "https://x", "ca_file": "/nowhere"}}}, "is no file"),
    ],
)
def test_settings_that_contradict_each_other(given: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as refused:
        fleet_of(load(given))
    assert CANARY not in str(refused.value)


def test_no_repr_and_no_crash_line_has_one() -> None:
    given = {"token": META, "devices": {str(uuid4()): "106540352242922"}}
    settings = load({"meta": {"m": given}, "wablas": {"w": {"url": "https://x.example"}}})
    fleet = fleet_of(settings)
    account = MetaAccount(name="m", url="https://x.example", token=META)
    assert CANARY not in repr((settings, fleet, account)) + str(settings)
    assert CANARY not in crash_line(RuntimeError(META))
