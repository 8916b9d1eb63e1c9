"""The simulated gateway's client against the real process, over real HTTP."""

from __future__ import annotations

import select
import socket
import struct
import time
from pathlib import Path
from uuid import UUID, uuid5

import anyio
import pytest

from engine.gateways.protocol import (
    Answer,
    DeviceState,
    GatewayState,
    GatewayUnavailable,
    TooLate,
    Verdict,
)
from engine.gateways.simulated import SimulatedGateway
from engine.gateways.simulator.behaviour import Behaviour, Odds, SimulatedState
from engine.gateways.simulator.wirelog import log_clock, read_lines, read_log, text_sha
from tests.gateways.simulation import NAMES, allow, message, simulator, until

pytestmark = pytest.mark.anyio


@pytest.mark.smoke
async def test_a_message_is_sent_and_logged(tmp_path: Path) -> None:
    async with simulator(tmp_path) as (process, gateway):
        before = log_clock()
        answer = await gateway.send(message(1), before_write=allow)
        after = log_clock()
    [entry] = read_log(process.log_path)
    assert answer.verdict is Verdict.SENT
    assert answer.gateway_id == entry.message_id
    assert entry.attempt == str(message(1).attempt_id)
    assert (entry.device, entry.phone) == (str(NAMES), "60123456789")
    assert entry.text_sha == text_sha("hello 1")
    assert before <= entry.t <= after
    assert process.log_path.stat().st_mode & 0o777 == 0o600


ANSWERS = [
    (Behaviour.INVALID_JID, Verdict.FAIL, 0),
    (Behaviour.VALIDATION_ERROR, Verdict.FAIL, 0),
    (Behaviour.UNAVAILABLE, Verdict.RETRY, 0),
    (Behaviour.NOT_CONNECTED, Verdict.HOLD_DEVICE, 0),
    (Behaviour.NOT_LOGGED_IN, Verdict.HOLD_DEVICE, 0),
    (Behaviour.DEVICE_NOT_FOUND, Verdict.STOP_DEVICE, 0),
    (Behaviour.BASIC_AUTH, Verdict.STOP_DEVICE, 0),
    (Behaviour.TIMELOCK, Verdict.HOLD_DEVICE, 0),
    (Behaviour.RATE_LIMITED, Verdict.SLOW_DEVICE, 0),
    (Behaviour.TIMEOUT_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.TIMEOUT_NOT_SENT, Verdict.UNKNOWN, 0),
    (Behaviour.LATE_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.ERROR_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.ERROR_NOT_SENT, Verdict.UNKNOWN, 0),
    (Behaviour.GATEWAY_TIMEOUT_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.CLOSE_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.CLOSE_NOT_SENT, Verdict.UNKNOWN, 0),
    (Behaviour.TWICE_SENT, Verdict.SENT, 2),
    (Behaviour.HTML_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.TRUNCATED_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.EMPTY_OBJECT_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.WRONG_TYPES_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.BIG_BODY_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.SLOW_BODY_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.GZIP_BOMB_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.BAD_CHUNKS_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.HEADER_FLOOD_SENT, Verdict.UNKNOWN, 1),
    (Behaviour.REDIRECT_SENT, Verdict.UNKNOWN, 1),
]


TIMEOUTS = [
    Behaviour.TIMEOUT_SENT,
    Behaviour.TIMEOUT_NOT_SENT,
    Behaviour.LATE_SENT,
    Behaviour.SLOW_BODY_SENT,
]


async def test_faults_17_to_24_each_answer_gets_its_verdict(tmp_path: Path) -> None:
    """All at once: the deadline is for the whole exchange, also against a body that drips."""
    answers: dict[Behaviour, Answer] = {}
    checks: dict[Behaviour, int] = {}

    async def one(number: int, behaviour: Behaviour) -> None:
        sent = message(number, phone=f"6012345{number:04}")
        await process.script([behaviour], phone=sent.phone)
        checks[behaviour] = 0

        def check() -> None:
            checks[behaviour] += 1

        answers[behaviour] = await gateway.send(sent, before_write=check)

    started = time.monotonic()
    async with simulator(tmp_path, deadline=2.0) as (process, gateway):
        async with anyio.create_task_group() as tasks:
            for number, (behaviour, _, _) in enumerate(ANSWERS):
                tasks.start_soon(one, number, behaviour)
        entries = process.entries()
    assert time.monotonic() - started < 15
    sends = [entry.attempt for entry in entries]
    for number, (behaviour, verdict, on_wire) in enumerate(ANSWERS):
        assert answers[behaviour].verdict is verdict, behaviour
        assert answers[behaviour].written, behaviour
        assert checks[behaviour] == 1, behaviour
        assert sends.count(str(message(number).attempt_id)) == on_wire, behaviour
    assert answers[Behaviour.REDIRECT_SENT].code == "redirect"
    assert answers[Behaviour.BIG_BODY_SENT].code == "body_too_big"
    assert {answers[slow].code for slow in TIMEOUTS} == {"timeout"}
    assert {behaviour for behaviour, _, _ in ANSWERS} == set(Behaviour) - {
        Behaviour.SENT,
        Behaviour.HELD_SENT,
    }


async def test_too_late_writes_nothing(tmp_path: Path) -> None:
    def refuse() -> None:
        raise TooLate("the lease is over")

    async with simulator(tmp_path) as (process, gateway):
        answer = await gateway.send(message(1), before_write=refuse)
        await gateway.send(message(2), before_write=allow)
    assert (answer.verdict, answer.code, answer.written) == (Verdict.RETRY, "too_late", False)
    asked = [line["attempt"] for line in read_lines(process.log_path) if "event" in line]
    assert asked == [str(message(2).attempt_id)]


async def test_another_error_of_the_last_check_is_passed_on_unwritten(tmp_path: Path) -> None:
    def refuse() -> None:
        raise OSError("disk full")

    async with simulator(tmp_path) as (process, gateway):
        with pytest.raises(OSError, match="disk full"):
            await gateway.send(message(1), before_write=refuse)
    assert read_lines(process.log_path) == []


def listen() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)
    return listener


async def test_the_last_check_comes_before_the_first_byte_and_a_reset_after_it_is_doubt() -> None:
    accepted: list[socket.socket] = []

    def check() -> None:
        connection, _ = listener.accept()
        accepted.append(connection)
        readable, _, _ = select.select([connection], [], [], 0.3)
        assert readable == [], "something was written before the last check"

    async def reset() -> None:
        await until(lambda: bool(accepted))
        [connection] = accepted
        await anyio.wait_readable(connection)
        assert connection.recv(4096).startswith(b"POST /send/message HTTP/1.1\r\n")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    with listen() as listener:
        port = listener.getsockname()[1]
        gateway = SimulatedGateway(f"http://127.0.0.1:{port}", deadline=5.0)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(reset)
            answer = await gateway.send(message(1), before_write=check)
        await gateway.close()
    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "connection_lost")


async def test_fault_16_a_gateway_that_is_down_is_retry_and_never_written(tmp_path: Path) -> None:
    def never() -> None:
        pytest.fail("nothing may be written")

    async with simulator(tmp_path) as (process, gateway):
        url = process.url
        await process.stop()
        answer = await gateway.send(message(1), before_write=never)
        assert (answer.verdict, answer.code, answer.written) == (
            Verdict.RETRY,
            "connect_failed",
            False,
        )
        with pytest.raises(GatewayUnavailable):
            await gateway.device_states()
        await process.start()
        assert process.url == url
        assert (await gateway.send(message(2), before_write=allow)).verdict is Verdict.SENT


async def test_a_gateway_killed_in_mid_request_leaves_doubt(tmp_path: Path) -> None:
    async with simulator(tmp_path) as (process, gateway):
        await process.script([Behaviour.HELD_SENT])
        async with anyio.create_task_group() as tasks:
            answers: list[Answer] = []

            async def send() -> None:
                answers.append(await gateway.send(message(1), before_write=allow))

            tasks.start_soon(send)
            await until(lambda: len(read_lines(process.log_path)) == 1)
            process.kill()
    assert answers[0].verdict is Verdict.UNKNOWN
    assert process.entries() == []


async def test_fault_04_the_gateway_sends_although_the_caller_is_gone(tmp_path: Path) -> None:
    async with simulator(tmp_path) as (process, gateway):
        await process.script([Behaviour.HELD_SENT])
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: gateway.send(message(1), before_write=allow))
            await until(lambda: len(read_lines(process.log_path)) == 1)
            tasks.cancel_scope.cancel()
        assert process.entries() == []
        await process.release()
        await until(lambda: len(process.entries()) == 1)


async def test_reconnect_brings_back_what_is_offline_and_no_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.gateways.gowa_devices.LOOKS", 1)
    ids = {state: uuid5(NAMES, state) for state in SimulatedState}
    devices = {str(device): state for state, device in ids.items()}
    async with simulator(tmp_path, devices=devices) as (process, gateway):
        for state in (SimulatedState.OFFLINE, SimulatedState.ONLINE):
            assert (await gateway.reconnect(ids[state])).state is GatewayState.ONLINE
        out = await gateway.reconnect(ids[SimulatedState.LOGGED_OUT])
        assert out.state is GatewayState.LOGGED_OUT
        with pytest.raises(GatewayUnavailable, match="device not found"):
            await gateway.reconnect(ids[SimulatedState.MISSING])
        assert process.entries() == []


async def test_devices_and_their_states(tmp_path: Path) -> None:
    ids = [uuid5(NAMES, state) for state in SimulatedState]
    devices = {str(device): state for device, state in zip(ids, SimulatedState, strict=True)}
    async with simulator(tmp_path, devices=devices) as (process, gateway):
        states = await gateway.device_states()
        verdicts = [
            (await gateway.send(message(n, device=device), before_write=allow)).verdict
            for n, device in enumerate(ids)
        ]
        await process.set_device(ids[1], SimulatedState.ONLINE)
        back = await gateway.send(message(99, device=ids[1]), before_write=allow)
        assert DeviceState(ids[1], GatewayState.ONLINE) in await gateway.device_states()
    assert states == [
        DeviceState(device, state)
        for device, state in zip(
            ids,
            (
                GatewayState.ONLINE,
                GatewayState.OFFLINE,
                GatewayState.CONNECTING,
                GatewayState.LOGGED_OUT,
                GatewayState.ONLINE,
            ),
            strict=False,
        )
    ]
    hold = Verdict.HOLD_DEVICE
    assert verdicts == [Verdict.SENT, hold, hold, hold, Verdict.RETRY, Verdict.STOP_DEVICE]
    assert back.verdict is Verdict.SENT


async def test_three_thousand_devices_are_listed(tmp_path: Path) -> None:
    devices = {str(uuid5(NAMES, str(n))): SimulatedState.ONLINE for n in range(3000)}
    async with simulator(tmp_path, devices=devices) as (_, gateway):
        states = await gateway.device_states()
    assert {str(state.device_id) for state in states} == set(devices)


async def play(path: Path, seed: int) -> tuple[dict[UUID, tuple[str, str | None]], set[str]]:
    """Send 60 messages; the answers by attempt, and what reached the wire."""
    odds = Odds((0.0, 0.05), fail=0.1, retry=0.2, error=0.3)
    answers: dict[UUID, tuple[str, str | None]] = {}

    async def send(number: int) -> None:
        sent = message(number, phone=f"601234{number:05}")
        answer = await gateway.send(sent, before_write=allow)
        answers[sent.attempt_id] = (answer.verdict, answer.gateway_id)

    await anyio.Path(path).mkdir()
    async with simulator(path, odds=odds, seed=seed) as (process, gateway):
        async with anyio.create_task_group() as tasks:
            for number in range(60):
                tasks.start_soon(send, number)
        wire = [entry.attempt for entry in process.entries()]
    assert len(wire) == len(set(wire))
    return answers, set(wire)


async def test_a_seed_decides_everything_and_the_log_is_the_truth(tmp_path: Path) -> None:
    answers, wire = await play(tmp_path / "one", 1)
    assert (answers, wire) == await play(tmp_path / "two", 1)
    assert (answers, wire) != await play(tmp_path / "three", 2)
    by_verdict: dict[str, set[str]] = {}
    for attempt, (verdict, _) in answers.items():
        by_verdict.setdefault(verdict, set()).add(str(attempt))
    assert set(by_verdict) == {Verdict.SENT, Verdict.FAIL, Verdict.RETRY, Verdict.UNKNOWN}
    assert by_verdict[Verdict.SENT] <= wire
    assert not (by_verdict[Verdict.FAIL] | by_verdict[Verdict.RETRY]) & wire
    assert by_verdict[Verdict.UNKNOWN] & wire
    assert by_verdict[Verdict.UNKNOWN] - wire


async def test_many_slow_requests_run_side_by_side(tmp_path: Path) -> None:
    verdicts: list[Verdict] = []

    async def send(number: int) -> None:
        verdicts.append((await gateway.send(message(number), before_write=allow)).verdict)

    async with simulator(tmp_path, odds=Odds((1.0, 1.0))) as (_, gateway):
        started = time.monotonic()
        async with anyio.create_task_group() as tasks:
            for number in range(300):
                tasks.start_soon(send, number)
    assert time.monotonic() - started < 15
    assert verdicts == [Verdict.SENT] * 300


async def test_no_proxy_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with simulator(tmp_path) as (_, gateway):
        assert (await gateway.send(message(1), before_write=allow)).verdict is Verdict.SENT


@pytest.mark.parametrize("url", ["http://192.0.2.1:80", "https://127.0.0.1", "http://example.org"])
async def test_only_this_machine(url: str) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        SimulatedGateway(url)
