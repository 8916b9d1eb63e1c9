"""What a worker tells monitoring: its figures equal SQL, no text in a label, and no reader stops it."""

from __future__ import annotations

import ast
import asyncio
import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from engine.reports.figures import figures
from engine.runtime import Worker, WorkerOptions
from engine.store import Access, Database
from seqconsole.beside import Watched
from seqconsole.metrics import Readout
from seqconsole.metrics_server import AT_ONCE, Address, Page, address, serving
from tests.cli.conftest import Command
from tests.engine.inprocess import RecordingGateway, until
from tests.world import World

pytestmark = pytest.mark.anyio

HOSTILE = 'Sales "3"\n} 60123456789'


def get(port: int, path: str, authorization: str = "") -> tuple[int, bytes]:
    """Status and body; no proxy of the environment."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
        if authorization:
            asked.add_header("Authorization", authorization)
        with opener.open(asked, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


async def read(port: int, path: str) -> tuple[int, bytes]:
    return await asyncio.to_thread(get, port, path)


def values(text: bytes) -> dict[str, float]:
    """`name{label}` -> value; fails where the text is not Prometheus'."""
    return {
        sample.name
        + ("{" + ",".join(sample.labels.values()) + "}" if sample.labels else ""): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


@asynccontextmanager
async def served(worker: Worker, **options: Any) -> AsyncIterator[int]:
    """The worker's pages on a port, while it works."""
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    try:
        with serving(Address("127.0.0.1", 0), Watched(worker, **options).pages) as port:
            yield port
    finally:
        stop.set()
        await running


def a_worker(database: Database, tmp_path: Path) -> Worker:
    return Worker(
        database, RecordingGateway(), WorkerOptions("test", tmp_path, tick=0.05, listen=False)
    )


async def test_the_figures_of_a_worker(world: World, database: Database, tmp_path: Path) -> None:
    world.engine()
    device = world.device(HOSTILE)
    world.device("Penang")
    for n in range(3):
        world.message(device, f"6012345678{n}")
    worker = a_worker(database, tmp_path)
    async with served(worker, per_device=True) as port:
        await until(lambda: world.statuses("broadcast_messages") == {"sent": 3})
        await until(lambda: not worker.sender.in_flight)
        status, text = await read(port, "/metrics")
        assert status == 200
        shown = values(text)
        assert shown["seqconsole_answers_total{sent}"] == 3
        assert shown["seqconsole_answers_total{unknown}"] == 0
        assert shown["seqconsole_database_up"] == shown["seqconsole_engine_on"] == 1
        assert shown["seqconsole_workers"] == 1
        claims = shown["seqconsole_claim_seconds_count"]
        assert 0 < claims <= sum(worker.sender.claim_times.counts)  # it goes on meanwhile
        assert shown["seqconsole_claim_seconds_bucket{+Inf}"] == claims
        assert shown[f"seqconsole_device_sent_in_window{{{device}}}"] == 3
        assert b"Sales" not in text
        assert b"6012345" not in text
        status, body = await read(port, "/health")
        health = json.loads(body)
        assert (status, health["status"], health["engine_on"]) == (200, "ok", True)
        assert (await read(port, "/etc/passwd"))[0] == 404


async def test_away_and_silent_is_not_well(
    world: World, database: Database, tmp_path: Path
) -> None:
    worker = a_worker(database, tmp_path)
    watched = Watched(worker)
    silent = json.loads((await watched.health()).body)
    assert (silent["status"], silent["database"]) == ("down", True)  # it never ticked
    async with Database.open(Access("host=127.0.0.1 port=9"), prove=False) as nowhere:
        away = Watched(
            Worker(nowhere, RecordingGateway(), WorkerOptions("t", tmp_path)), patience=0.3
        )
        page = await away.health()
        assert (page.status, json.loads(page.body)["database"]) == (503, False)
        shown = values((await away.metrics()).body)
        assert shown["seqconsole_database_up"] == 0
        assert shown["seqconsole_answers_total{sent}"] == 0
        away.worker.journal.close()
    worker.journal.close()


async def test_slow_readers_stop_nobody(database: Database, tmp_path: Path) -> None:
    worker = a_worker(database, tmp_path)
    with serving(Address("127.0.0.1", 0), Watched(worker).pages) as port:
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(AT_ONCE - 1)]
        for each in slow:
            each.send(b"GET /metr")
        assert (await read(port, "/metrics"))[0] == 200
        for each in slow:
            each.close()
    worker.journal.close()


async def test_figures_equal_sql(world: World, database: Database) -> None:
    device = world.device(HOSTILE)
    for n, status in enumerate(("pending", "pending", "failed", "sent")):
        message = world.message(device, f"6012345678{n}")
        world.run("UPDATE broadcast_messages SET status = %s WHERE id = %s", status, message)
    shown = values(Readout(await figures(database)).text())
    for state, n in world.statuses("broadcast_messages").items():
        if state != "sent":
            assert shown[f"seqconsole_messages{{{state}}}"] == n
    assert sum(n for name, n in shown.items() if name.startswith("seqconsole_devices{")) == 1
    assert not any(name.startswith("seqconsole_device_") for name in shown)


async def test_who_has_no_token_reads_nothing() -> None:
    async def page() -> Page:
        return Page.of_metrics(b"figures 1\n")

    token = "canary-of-a-metrics-token"
    there = Address("127.0.0.1", 0, token)
    assert token not in repr(there)
    with serving(there, {"/metrics": page}) as port:
        assert (await read(port, "/metrics"))[0] == 401
        for said, status in ((f"Bearer {token}", 200), (f"Bearer {token}x", 401), ("Basic x", 401)):
            assert (await asyncio.to_thread(get, port, "/metrics", said))[0] == status


def test_addresses() -> None:
    assert address("127.0.0.1:9187") == Address("127.0.0.1", 9187)
    assert address(":9187") == Address("127.0.0.1", 9187)
    assert address("[::1]:9187") == Address("::1", 9187)
    assert address("localhost:9187") == Address("localhost", 9187)
    assert address("0.0.0.0:9187", "x" * 16) == Address("0.0.0.0", 9187, "x" * 16)
    for open_to_others in ("0.0.0.0:9187", "[::]:9187", "10.0.0.7:9187", "metrics.example:9187"):
        with pytest.raises(ValueError, match="METRICS_TOKEN"):
            address(open_to_others)
    for wrong in ("9187", "host:", "host:x", "host:70000", "host:-1", ""):
        with pytest.raises(ValueError, match="HOST:PORT"):
            address(wrong)


def test_only_who_needs_it_waits_for_it() -> None:
    """A command line starts without Textual and the client of Prometheus."""
    asked = "import sys, seqconsole.cli.parser as p; p.build(); print(sorted({m.split('.')[0] for m in sys.modules}))"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert not {"textual", "rich", "prometheus_client"} & set(ast.literal_eval(said.stdout))


def test_the_command(seqconsole: Command, world: World) -> None:
    world.device(HOSTILE)
    said = seqconsole("metrics", "--per-device")
    assert values(said.out.encode())["seqconsole_devices{idle}"] == 1
    assert "Sales" not in said.out
    assert seqconsole("worker", "--metrics", "9187").is_one_line("HOST:PORT")
    assert seqconsole("worker", "--metrics-per-device").is_one_line("belongs to --metrics")


@contextmanager
def started(environment: dict[str, str], *args: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "seqconsole", "worker", "--gateway-url", "http://127.0.0.1:9"]
    process = subprocess.Popen(
        [*command, *args], env=environment, stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stderr
        process.stderr.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@pytest.mark.slow
def test_a_worker_as_a_process(
    environment: dict[str, str], world: World, tmp_path: Path, dsn: str
) -> None:
    """Metrics, health, an alarm and its log in JSON; what was given to it in secret appears nowhere."""
    canary, port = "hunter2canary", free_port()
    environment["SEQCONSOLE_ON_ALARM"] = f"tee {tmp_path}/heard"
    environment["SEQCONSOLE_DATABASE_URL"] = f"{dsn} password={canary}"
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, reason) "
        "VALUES ('host', 'main', 'breaker', 'not reached by 60123456789')"
    )
    with started(
        environment, "--metrics", f"127.0.0.1:{port}", "--log-format", "json", "--verbose"
    ) as worker:
        asyncio.run(
            until(lambda: (tmp_path / "heard").exists() and (tmp_path / "heard").stat().st_size)
        )
        asyncio.run(until(lambda: get(port, "/health")[0] == 200))
        assert values(get(port, "/metrics")[1])["seqconsole_alarms{held by breaker}"] == 1
        with started(environment, "--metrics", f"127.0.0.1:{port}") as second:
            assert "can't listen there" in second.communicate(timeout=30)[1]
            assert second.returncode == 2
        worker.send_signal(signal.SIGTERM)
        said = worker.communicate(timeout=30)[1]
    assert worker.returncode == 0
    lines = [json.loads(line) for line in said.splitlines()]
    told = [line["message"] for line in lines]
    assert told[0].startswith("working on ")
    assert told[-1] == "drained"
    assert {line["worker"] for line in lines} == {told[0].rpartition(" ")[2]}
    assert all({"at", "level", "logger", "message"} <= line.keys() for line in lines)
    assert canary not in said
    assert "60123456789" not in (tmp_path / "heard").read_text() + said
