"""`seqconsole suppressed`, `replies` and `receive`: what they show and set, and the wrong ways to ask."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from seqconsole.webhook_settings import WebhookSettings
from tests.cli.conftest import Command
from tests.world import World

PHONE = "60123456789"
SECRET = "canary-of-the-webhook"


def test_a_person_is_suppressed_listed_lifted_and_back(seqconsole: Command, world: World) -> None:
    world.message(world.device("Sales 3"), PHONE)
    assert seqconsole("status").code == 0
    dry = seqconsole("suppressed", "--add", "+60 12-345 6789", PHONE, "--dry-run")
    assert dry.code == 0
    assert "Suppress contact +60***789, in every sequence?" in dry.out
    assert "1 queued message and 0 waiting steps is not sent while it stands." in dry.out
    assert world.value("SELECT count(*) FROM seqconsole.holds") == 0
    done = seqconsole("suppressed", "--add", "+60 12-345 6789", "--reason", "asked by phone")
    assert done.code == 0
    assert "suppressed contact +60***789" in done.out
    assert seqconsole("suppressed", "--add", PHONE).code == 1
    shown = seqconsole("suppressed")
    assert shown.out.startswith("1 person suppressed\n")
    assert "+60***789" in shown.out
    assert "asked by phone" in shown.out
    assert PHONE not in shown.out
    found = seqconsole("suppressed", "--json", "--full-phones").json
    assert [(f["key"], f["reason"]) for f in found] == [(PHONE, "asked by phone")]
    assert PHONE not in seqconsole("suppressed", "--json").out
    assert world.value("SELECT gate FROM seqconsole.progress") == "hold"
    lifted = seqconsole("suppressed", "--lift", "00" + PHONE)
    assert lifted.code == 0
    assert "sending from" in lifted.out
    assert world.value("SELECT gate FROM seqconsole.progress") == "countdown"
    assert seqconsole("suppressed").out.startswith("0 people suppressed\n")
    assert seqconsole("undo").code == 0
    assert seqconsole("suppressed").out.startswith("1 person suppressed\n")
    verbs = [row["verb"] for row in seqconsole("journal", "--json").json]
    assert verbs[:3] == ["undo", "lift", "suppress"]


WRONG: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
        (("suppressed", "--add", "12"), ("can't be a phone number", "'12'")),
        (("suppressed", "--add", "1203@g.us"), ("can't be a phone number",)),
        (("suppressed", "--add", PHONE, "--lift", PHONE), ("not allowed with",)),
        (("suppressed", "--dry-run"), ("without --add or --lift",)),
        (("suppressed", "--add", PHONE, "--now"), ("--now is for --lift",)),
        (("suppressed", "--limit", "0"), ("at least 1",)),
        (("replies", "--on-reply", "stop"), ("invalid choice",)),
        (("replies", "--sequence", "None", "--on-reply", "end"), ("there is no sequence 'None'",)),
        (("replies", "--sequence", "None"), ("--sequence needs --on-reply",)),
        (("replies", "--on-reply", "default"), ("for a sequence",)),
        (("replies", "--words", "x"), ("go together",)),
        (("replies", "--words", "!!", "--language", "en"), ("letters",)),
        (("replies", "--words", "stop", "--language", "English!"), ("is no language",)),
        (("receive",), ("no webhook is set", "SEQCONSOLE_RECEIVE__MAIN__KIND")),
        (("receive", "--read-only"), ("receiving writes",)),
    ]  # fmt: skip


def test_wrong_usage_is_one_line(seqconsole: Command) -> None:
    for line, words in WRONG:
        assert seqconsole(*line).is_one_line(*words)


def test_what_a_reply_does_is_set_and_taken_back(seqconsole: Command, world: World) -> None:
    sequence = world.sequence("Welcome")
    shown = seqconsole("replies")
    assert shown.code == 0
    assert "a reply: go on" in shown.out
    assert "stop (ms): berhenti" in shown.out
    dry = seqconsole("replies", "--sequence", "Welcome", "--on-reply", "pause", "--dry-run")
    assert "a reply to sequence Welcome: pause" in dry.out
    assert seqconsole("replies", "--json").json["sequences"][0]["on_reply"] is None
    assert seqconsole("replies", "--sequence", "Welcome", "--on-reply", "pause").code == 0
    assert seqconsole("replies", "--on-reply", "end").code == 0
    found = seqconsole("replies", "--json").json
    assert found["on_reply"] == "end"
    assert found["sequences"][0]["on_reply"] == "pause"
    assert (
        world.value(
            "SELECT value #>> '{}' FROM seqconsole.settings WHERE scope = 'sequence' AND key = %s",
            str(sequence[0]),
        )
        == "pause"
    )
    assert seqconsole("replies", "--on-reply", "end").out.startswith(
        "a reply to the default: end: it is so"
    )
    assert seqconsole("undo").code == 0
    assert seqconsole("replies", "--json").json["on_reply"] == "go on"
    assert seqconsole("replies", "--sequence", "Welcome", "--on-reply", "default").code == 0
    assert seqconsole("replies", "--json").json["sequences"][0]["on_reply"] is None
    assert seqconsole("replies", "--language", "ta", "--words", "நிறுத்து").code == 0
    assert seqconsole("replies", "--language", "en", "--words", "none").code == 0
    words = seqconsole("replies", "--json").json["stop_words"]
    assert words["ta"] == ["நிறுத்து"]
    assert "en" not in words
    assert seqconsole("undo").code == 0
    assert "stop" in seqconsole("replies", "--json").json["stop_words"]["en"]


def test_status_shows_what_came_back(seqconsole: Command, world: World) -> None:
    world.sequence("Welcome")
    assert "DELIVERED  READ  REPLIES" in seqconsole("status").out
    found = seqconsole("status", "--json").json["sequences"][0]
    assert (found["delivered"], found["read"], found["replies"]) == (0, 0, 0)


BAD_SECRETS: list[tuple[dict[str, str], str]] = [
        ({"KIND": "gowa"}, "give secret or secret_file"),
        ({"KIND": "gowa", "SECRET": "secret"}, "at least 16 characters"),
        ({"KIND": "meta", "SECRET": SECRET}, "meta needs a token"),
        ({"KIND": "wablas", "SECRET": SECRET}, "receive.main.kind"),
        ({"KIND": "gowa", "SECRET_FILE": "/nowhere/at/all"}, "cannot be read"),
        ({"KIND": "gowa", "SECRET_FILE": "OPEN"}, "chmod 600"),
    ]  # fmt: skip


def test_a_webhook_without_a_good_secret_is_refused(
    seqconsole: Command, environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "open"
    file.write_text(SECRET)
    file.chmod(0o644)
    usual = dict(environment)
    for given, why in BAD_SECRETS:
        environment.clear()
        environment |= usual
        for name, value in given.items():
            environment[f"SEQCONSOLE_RECEIVE__MAIN__{name}"] = value.replace("OPEN", str(file))
        said = seqconsole("receive")
        assert said.is_one_line(why)
        assert SECRET not in said.err


def test_a_secret_file_that_is_closed_is_read(tmp_path: Path) -> None:
    file = tmp_path / "hook.secret"
    file.write_text(SECRET + "\n")
    file.chmod(0o600)
    made = WebhookSettings(kind="gowa", secret_file=file)
    assert made.read_secret() == SECRET.encode()
    assert SECRET not in repr(WebhookSettings(kind="gowa", secret=SECRET))  # type: ignore[arg-type]


PLACES = [
        ("0.0.0.0:8787", "without TLS"), ("[::]:8787", "without TLS"), ("127.0.0.1", "HOST:PORT"),
        ("127.0.0.1:99999", "HOST:PORT"), ("example.com:80", "address of this machine"), ("192.0.2.1:8787", "without TLS"),
    ]  # fmt: skip


def test_where_it_listens(seqconsole: Command, environment: dict[str, str]) -> None:
    environment |= {
        "SEQCONSOLE_RECEIVE__MAIN__KIND": "gowa",
        "SEQCONSOLE_RECEIVE__MAIN__SECRET": SECRET,
    }
    for listen, why in PLACES:
        assert seqconsole("receive", "--listen", listen).is_one_line(why)


def test_config_hides_the_secret(seqconsole: Command, environment: dict[str, str]) -> None:
    environment |= {
        "SEQCONSOLE_RECEIVE__MAIN__KIND": "meta",
        "SEQCONSOLE_RECEIVE__MAIN__SECRET": SECRET,
        "SEQCONSOLE_RECEIVE__MAIN__TOKEN": "canary-token",
    }
    said = seqconsole("config")
    assert said.code == 0
    assert "receive.main.kind" in said.out
    assert "canary" not in said.out


@contextmanager
def receiving(
    environment: dict[str, str], *line: str, healthy: bool = True
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The process, and its port; `healthy`: once it has reached its database."""
    process = subprocess.Popen(
        [sys.executable, "-m", "seqconsole", *(line or ("receive", "--listen")), "127.0.0.1:0"],
        env={
            **os.environ,
            **environment,
            "SEQCONSOLE_RECEIVE__MAIN__KIND": "gowa",
            "SEQCONSOLE_RECEIVE__MAIN__SECRET": SECRET,
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        port = None
        while port is None and (said := process.stderr.readline()):
            port = re.search(r" on 127\.0\.0\.1:(\d+), /hook/main$", said.strip())
        assert port is not None
        deadline = time.monotonic() + 20
        while healthy and health(int(port[1])) != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process, int(port[1])
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def health(port: int) -> int:
    to = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    to.request("GET", "/health")
    status = to.getresponse().status
    to.close()
    return status


def post(port: int, body: bytes, secret: str = SECRET) -> int:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    to = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    to.request("POST", "/hook/main", body, {"X-Hub-Signature-256": f"sha256={digest}"})
    status = to.getresponse().status
    to.close()
    return status


STOP = (
    b'{"event": "message", "device_id": "d", "payload": {"id": "A", "from": "%s@s.whatsapp.net", "body": "STOP"}}'
    % PHONE.encode()
)
SUPPRESSED = "SELECT key FROM seqconsole.holds WHERE holder = 'suppression'"


@pytest.mark.slow
def test_the_process_takes_a_stop_and_drains(world: World, environment: dict[str, str]) -> None:
    with receiving(environment) as (process, port):
        assert [post(port, STOP), post(port, STOP), post(port, STOP, "guessed")] == [200, 200, 401]
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert err.splitlines()[-2:] == [
        "seqconsole: webhook refused, wrong signature",
        "seqconsole: drained",
    ]
    assert world.value("SELECT count(*) FROM seqconsole.operations WHERE verb = 'suppress'") == 1
    assert world.value(SUPPRESSED) == PHONE


@pytest.mark.slow
def test_a_stop_while_the_database_is_away_is_obeyed_once_it_is_back(
    world: World, environment: dict[str, str], server_dsn: Callable[[str], str]
) -> None:
    name = world.value("SELECT current_database()")
    with psycopg.connect(server_dsn("postgres"), autocommit=True) as admin:
        with receiving(environment) as (process, port):
            world.close()
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            began = time.monotonic()
            assert post(port, STOP) == 200
            assert time.monotonic() - began < 10  # the gateway's patience
            process.kill()  # and what waits survives this too
        with receiving(environment, healthy=False) as (
            process,
            port,
        ):  # it opens before it is reached
            assert post(port, STOP.replace(PHONE.encode(), b"60123456780")) == 200
            assert health(port) == 503
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    back = World.at(environment["SEQCONSOLE_DATABASE_URL"])
    assert back.value(SUPPRESSED) is None
    with receiving(environment):
        deadline = time.monotonic() + 20
        while back.value(SUPPRESSED.replace("key", "count(*)")) != 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    back.close()


@pytest.mark.slow
def test_a_worker_receives_too(world: World, environment: dict[str, str]) -> None:
    line = ("worker", "--gateway-url", "http://127.0.0.1:9", "--receive")
    with receiving(environment, *line) as (process, port):
        assert post(port, STOP) == 200
        assert world.value(SUPPRESSED) == PHONE
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err.splitlines()[-1] == "seqconsole: drained"
