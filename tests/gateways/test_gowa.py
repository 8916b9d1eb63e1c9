"""The gowa client against what the real gateway says, over real HTTP on this machine."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from engine.gateways.gowa import GowaGateway, GowaHost
from engine.gateways.hosts import check_url
from engine.gateways.protocol import (
    Answer,
    DeviceAddress,
    DeviceState,
    GatewayState,
    GatewayUnavailable,
    Outgoing,
    TooLate,
    Verdict,
)
from engine.gateways.simulator.behaviour import Behaviour, Odds
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess

pytestmark = pytest.mark.anyio

NAMES = UUID(int=11)
DEVICE = uuid5(NAMES, "device")
CANARY = "canary-4711-secret"
PROOF = {"code": "SUCCESS", "message": "ok", "results": {"message_id": "3EB0A1", "status": "ok"}}


def message(**changed: Any) -> Outgoing:
    given: dict[str, Any] = {
        "attempt_id": uuid4(),
        "message_id": uuid4(),
        "device_id": DEVICE,
        "phone": "60123456789",
        "message_type": "text",
        "content": "Salam, apa khabar? 👋",
    } | changed
    return Outgoing(**given)


def allow() -> None:
    """The engine's last check, passed."""


def never() -> None:
    pytest.fail("nothing may be written")


@asynccontextmanager
async def gateway(*hosts: GowaHost, **options: Any) -> AsyncIterator[GowaGateway]:
    made = GowaGateway(hosts, **options)
    try:
        yield made
    finally:
        await made.close()


def at(url: str, **options: Any) -> GowaHost:
    given: dict[str, Any] = {"name": "main", "url": url, "takes_all": True} | options
    return GowaHost(**given)


async def answer_to(httpserver: HTTPServer, response: Response) -> Answer:
    httpserver.expect_request("/send/message").respond_with_response(response)
    async with gateway(at(httpserver.url_for("/"))) as one:
        return await one.send(message(), before_write=allow)


@pytest.mark.smoke
async def test_the_exact_request(httpserver: HTTPServer) -> None:
    seen: list[Request] = []

    def take(request: Request) -> Response:
        request.get_data()
        seen.append(request)
        return Response(json.dumps(PROOF), content_type="application/json")

    httpserver.expect_request("/wa/base/send/message", method="POST").respond_with_handler(take)
    jid = "60123456789@s.whatsapp.net"
    host = at(
        httpserver.url_for("/wa/base"),
        username="ops",
        password=CANARY,
        devices={DEVICE: jid},
        takes_all=False,
    )
    async with gateway(host) as one:
        answer = await one.send(message(), before_write=allow)
    assert (answer.verdict, answer.gateway_id, answer.host) == (Verdict.SENT, "3EB0A1", "main")
    [request] = seen
    assert json.loads(request.get_data()) == {
        "phone": "60123456789",
        "message": "Salam, apa khabar? 👋",
    }
    assert request.headers["X-Device-Id"] == "60123456789%40s.whatsapp.net"
    assert request.headers["Content-Type"] == "application/json"
    credentials = base64.b64encode(f"ops:{CANARY}".encode()).decode()
    assert request.headers["Authorization"] == f"Basic {credentials}"
    assert "X-Attempt-Id" not in request.headers


async def test_without_a_user_no_credentials_are_sent(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/send/message").respond_with_json(PROOF)
    async with gateway(at(httpserver.url_for("/"))) as one:
        await one.send(message(), before_write=allow)
    [(request, _)] = httpserver.log
    assert "Authorization" not in request.headers
    assert request.headers["X-Device-Id"] == str(DEVICE)


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (400, "VALIDATION_ERROR", Verdict.FAIL),
        (400, "INVALID_JID", Verdict.FAIL),
        (400, "DEVICE_ID_REQUIRED", Verdict.STOP_DEVICE),
        (404, "DEVICE_NOT_FOUND", Verdict.STOP_DEVICE),
        (401, "AUTHENTICATION_ERROR", Verdict.HOLD_DEVICE),
        (429, "WA_REACHOUT_TIMELOCK", Verdict.HOLD_DEVICE),
        (503, "DEVICE_MANAGER_UNAVAILABLE", Verdict.RETRY),
        (500, "INVALID_WA_CLI", Verdict.UNKNOWN),
        (500, "UPLOAD_MEDIA_ERROR", Verdict.UNKNOWN),
        (500, "INTERNAL_SERVER_ERROR", Verdict.UNKNOWN),
        (504, "GATEWAY_TIMEOUT", Verdict.UNKNOWN),
        (418, "NEVER_HEARD_OF", Verdict.UNKNOWN),
    ],
)
async def test_each_error_of_the_gateway(
    httpserver: HTTPServer, status: int, code: str, verdict: Verdict
) -> None:
    said = json.dumps({"code": code, "message": "why", "results": None})
    answer = await answer_to(httpserver, Response(said, status, content_type="application/json"))
    assert (answer.verdict, answer.code, answer.written) == (verdict, code, True)
    assert "why" in answer.body


@pytest.mark.parametrize(
    ("response", "verdict", "code"),
    [
        (Response("Unauthorized", 401), Verdict.STOP_DEVICE, "gateway_credentials"),
        (
            Response("", 302, {"Location": "http://127.0.0.1:9/"}),
            Verdict.UNKNOWN,
            "redirect",
        ),
        (Response("<html>OK</html>", 200), Verdict.UNKNOWN, "malformed"),
        (Response("<html>Bad gateway</html>", 502), Verdict.UNKNOWN, "http_502"),
        (Response("{}", 200), Verdict.UNKNOWN, "no_proof"),
        (Response(json.dumps(PROOF)[:-9], 200), Verdict.UNKNOWN, "malformed"),
        (Response(" " * 70_000 + json.dumps(PROOF), 200), Verdict.UNKNOWN, "body_too_big"),
        (Response("slow", 429, {"Retry-After": "30"}), Verdict.SLOW_DEVICE, "http_429"),
    ],
)
async def test_what_is_no_answer_of_the_api(
    httpserver: HTTPServer, response: Response, verdict: Verdict, code: str
) -> None:
    answer = await answer_to(httpserver, response)
    assert (answer.verdict, answer.code, answer.written) == (verdict, code, True)
    assert len(httpserver.log) == 1, "asked once, and nowhere else"


async def test_the_body_cap_and_the_deadline_hold_against_a_process_that_misbehaves(
    tmp_path: Path,
) -> None:
    options = Options(tmp_path / "wire.log", odds=Odds(latency=(0.0, 0.0)))
    codes = {
        Behaviour.BIG_BODY_SENT: "body_too_big",
        Behaviour.SLOW_BODY_SENT: "timeout",
        Behaviour.TIMEOUT_SENT: "timeout",
        Behaviour.CLOSE_SENT: "broken_answer",
        Behaviour.GZIP_BOMB_SENT: "body_too_big",
        Behaviour.BAD_CHUNKS_SENT: "broken_answer",
    }
    async with (
        SimulatedGatewayProcess(options) as process,
        gateway(at(process.url), deadline=1.0) as one,
    ):
        for behaviour, code in codes.items():
            await process.script([behaviour])
            answer = await one.send(message(), before_write=allow)
            assert (answer.verdict, answer.code, answer.written) == (Verdict.UNKNOWN, code, True)


async def test_a_timeout_before_the_first_byte_is_no_doubt() -> None:
    """The connection stands and nothing was written: the port's backlog is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fill = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(address)
            fill.append(filler)
        async with gateway(at(f"http://127.0.0.1:{address[1]}"), deadline=0.5) as one:
            answer = await one.send(message(), before_write=never)
        for filler in fill:
            filler.close()
    assert (answer.verdict, answer.code, answer.written) == (
        Verdict.RETRY,
        "connect_failed",
        False,
    )


async def test_a_timeout_after_the_first_byte_is_doubt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        async with gateway(at(f"http://127.0.0.1:{port}"), deadline=0.5) as one:
            answer = await one.send(message(), before_write=allow)
    assert (answer.verdict, answer.code, answer.written) == (Verdict.UNKNOWN, "timeout", True)


async def test_a_host_that_is_down_or_speaks_no_tls_was_never_written_to(
    httpserver: HTTPServer,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]
    for url in (f"http://127.0.0.1:{free}", f"https://127.0.0.1:{httpserver.port}"):
        async with gateway(at(url)) as one:
            answer = await one.send(message(), before_write=never)
        assert (answer.code, answer.written, answer.host) == ("connect_failed", False, "main")
    assert httpserver.log == []


async def test_too_late_writes_nothing(httpserver: HTTPServer) -> None:
    def refuse() -> None:
        raise TooLate

    async with gateway(at(httpserver.url_for("/"))) as one:
        answer = await one.send(message(), before_write=refuse)
    assert (answer.code, answer.written) == ("too_late", False)
    assert httpserver.log == []


@pytest.mark.parametrize(
    ("changed", "code", "verdict"),
    [
        ({"message_type": "image"}, "bad_media", Verdict.FAIL),
        ({"message_type": "template"}, "unsupported_type", Verdict.FAIL),
        ({"media_url": "https://example.com/a.png"}, "unsupported_type", Verdict.FAIL),
        ({"device_id": uuid4()}, "not_configured", Verdict.STOP_DEVICE),
    ],
)
async def test_what_is_refused_before_it_is_written(
    httpserver: HTTPServer, changed: dict[str, Any], code: str, verdict: Verdict
) -> None:
    host = at(httpserver.url_for("/"), takes_all=False, devices={DEVICE: "one"})
    async with gateway(host) as one:
        answer = await one.send(message(**changed), before_write=never)
    assert (answer.code, answer.verdict, answer.written) == (code, verdict, False)
    assert httpserver.log == []


def listing(httpserver: HTTPServer, path: str, *devices: dict[str, Any]) -> None:
    envelope = {"code": "SUCCESS", "message": "List devices", "results": list(devices)}
    httpserver.expect_request(path).respond_with_json(envelope)


async def test_states_of_all_hosts_and_one_that_fails_hides_nothing(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    other = uuid4()
    listing(
        httpserver,
        "/a/devices",
        {"id": "one", "state": "logged_in"},
        {"id": "strange", "state": "logged_in"},
        {"id": str(other), "state": "logged_in"},
        "no device",  # type: ignore[arg-type]
    )
    listing(
        httpserver,
        "/b/devices",
        {"id": str(other), "state": "disconnected"},
        {"id": str(DEVICE), "state": "disconnected"},  # an old one: it sends through host a
        {"state": 7},
    )
    httpserver.expect_request("/c/devices").respond_with_data("Unauthorized", 401)
    hosts = [
        at(httpserver.url_for("/a"), name="a", takes_all=False, devices={DEVICE: "one"}),
        at(httpserver.url_for("/b"), name="b"),
        at(httpserver.url_for("/c"), name="c", takes_all=False, password=CANARY, username="x"),
    ]
    async with gateway(*hosts) as one:
        states = await one.device_states()
    assert sorted(states, key=lambda s: s.host or "") == [
        DeviceState(DEVICE, GatewayState.ONLINE, "a"),
        DeviceState(other, GatewayState.OFFLINE, "b"),
    ]
    assert "c: status 401" in caplog.text
    assert CANARY not in caplog.text


async def test_devices_are_known_by_jid_where_the_settings_say_so(httpserver: HTTPServer) -> None:
    jid = "60123456789:12@s.whatsapp.net"
    listing(httpserver, "/devices", {"id": "x", "jid": jid, "state": "connected"})
    httpserver.expect_request("/send/message").respond_with_json(PROOF)
    token = DeviceAddress(uuid4(), "wablas", "a-token")
    async with gateway(at(httpserver.url_for("/")), by_jid=True) as one:
        one.know([DeviceAddress(DEVICE, "gowa", "60123456789:3@s.whatsapp.net"), token])
        assert await one.device_states() == [DeviceState(DEVICE, GatewayState.LOGGED_OUT, "main")]
        await one.send(message(), before_write=allow)
    assert httpserver.log[-1][0].headers["X-Device-Id"] == "60123456789%40s.whatsapp.net"


async def test_no_host_answers_or_answers_with_too_much(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/devices").respond_with_data(" " * (5 * 1024 * 1024))
    async with gateway(at(httpserver.url_for("/"))) as one:
        with pytest.raises(GatewayUnavailable, match="main: BodyTooBig"):
            await one.device_states()


async def test_a_silent_host_costs_the_others_no_more_than_the_deadline(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.gateways.gowa_devices.DEADLINE", 0.5)
    listing(httpserver, "/devices", {"id": str(DEVICE), "state": "logged_in"})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hosts = [
            at(httpserver.url_for("/")),
            at(f"http://127.0.0.1:{silent.getsockname()[1]}", name="silent", takes_all=False),
        ]
        async with gateway(*hosts) as one:
            assert [s.device_id for s in await one.device_states()] == [DEVICE]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://gowa.example:3000", "plain http"),
        (f"https://ops:{CANARY}@gowa.example", "username and password"),
        ("ftp://gowa.example", "https://"),
        ("https://", "https://"),
        ("https://gowa.example/?token=x", "path"),
        ("gowa.example:3000", "https://"),
    ],
)
def test_addresses_that_may_not_be_used(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        check_url(url)
    assert CANARY not in str(refused.value)


def test_plain_http_elsewhere_only_where_it_is_allowed() -> None:
    check_url("http://gowa.example:3000", plain_http=True)
    check_url("http://127.0.0.1:3000/base")
    check_url("http://[::1]:3000")
    check_url("https://gowa.example/base")


def test_hosts_that_contradict_each_other() -> None:
    listed = {DEVICE: "one"}
    for hosts in (
        [at("https://a"), at("https://b", name="b")],
        [at("https://a", devices=listed), at("https://b", name="b", devices=listed)],
    ):
        with pytest.raises(ValueError, match="host"):
            GowaGateway(hosts)


async def test_no_secret_in_any_repr() -> None:
    host = at("https://gowa.example", username="ops", password=CANARY)
    async with gateway(host) as one:
        assert CANARY not in repr((host, one, vars(one)))
