"""What every kind of gateway promises the engine, whatever its host does: only proof is sent, and a
doubt stays one."""

from __future__ import annotations

import json
import ssl
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from engine.gateways import connections
from engine.gateways.fleet import Member
from engine.gateways.protocol import Answer, TooLate, Verdict
from tests.gateways.kinds import ALL, GOWA, TOKEN, Kind, allow, message
from tests.gateways.scripted import Act, Scripted, Step, host, reply

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("kind", ALL, ids=repr)]


@asynccontextmanager
async def talking(
    kind: Kind, *script: Step, **options: Any
) -> AsyncIterator[tuple[Member, Scripted]]:
    async with host(reply(200, kind.proof), *script) as scripted:
        gateway = kind.opened(scripted.url, **options)
        try:
            yield gateway, scripted
        finally:
            await gateway.close()


async def send(gateway: Member, **changed: Any) -> Answer:
    return await gateway.send(message(**changed), before_write=allow)


async def noticed(gateway: Member) -> None:
    """No connection is left to be used again."""
    [client] = gateway._clients.values()  # type: ignore[attr-defined]
    with anyio.fail_after(20):
        while any(one.usable for one in client.connections._idle):
            await anyio.sleep(0.005)


@pytest.mark.smoke
async def test_proof_is_sent_and_names_its_host(kind: Kind) -> None:
    async with talking(kind) as (gateway, scripted):
        answer = await send(gateway)
    assert (answer.verdict, answer.gateway_id) == (Verdict.SENT, kind.gateway_id)
    assert (answer.host, answer.platform, answer.written) == (kind.platform, kind.platform, True)
    [request] = scripted.seen
    assert (request.method, request.path) == ("POST", kind.path)


async def test_a_refusal_in_its_own_words_is_no_doubt(kind: Kind) -> None:
    status, body, code = kind.refusal
    async with talking(kind, reply(status, body)) as (gateway, _):
        answer = await send(gateway)
    assert (answer.verdict, answer.code, answer.platform) == (Verdict.FAIL, code, kind.platform)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (Act.CLOSE, "broken_answer"),
        (Act.CUT, "broken_answer"),
        (Act.RESET, "connection_lost"),
        (b"no HTTP at all\r\n\r\n", "broken_answer"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, "broken_answer"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "broken_answer"),
        (reply(200, b" " * 70_000), "body_too_big"),
        (reply(200, b"<html>all well</html>"), "malformed"),
        (reply(200, b"[" * 60_000), "malformed"),
        (reply(200, b"\x1f\x8b\x08\x00gzip", Content_Encoding="gzip"), "malformed"),
        (reply(200, {}), "no_proof"),
        (reply(200, {"status": "true", "code": "success", "messages": "ok"}), "no_proof"),
        (reply(200, {"status": 1, "code": "SUCCESS", "messages": [{"id": ""}]}), "no_proof"),
        (reply(302, b"", Location="http://127.0.0.1:9/"), "redirect"),
        (reply(500, b""), "http_500"),
        (reply(502, b"<html>bad gateway</html>"), "http_502"),
        (reply(503, b"later"), "http_503"),
        (reply(504, b"<html>timeout</html>"), "http_504"),
    ],
    ids=lambda value: (value if isinstance(value, str) else value.decode("latin-1"))[:40],
)
async def test_fault_19_20_22_24_what_may_have_been_sent_is_in_doubt(
    kind: Kind, step: Step, code: str
) -> None:
    async with talking(kind, step) as (gateway, scripted):
        answer = await send(gateway)
        assert (answer.verdict, answer.code, answer.written) == (Verdict.UNKNOWN, code, True)
        assert len(scripted.seen) == 1, "asked once"
        # The next message is not touched by what came before.
        assert (await send(gateway)).verdict is Verdict.SENT


async def test_a_proof_with_an_error_status_is_no_proof(kind: Kind) -> None:
    for status in (201, 400, 404, 500, 502):
        if status == 201 and kind.platform in ("wablas", "whacenter"):
            continue  # their word is any 2xx
        async with talking(kind, reply(status, kind.proof)) as (gateway, _):
            answer = await send(gateway)
        assert answer.verdict is Verdict.UNKNOWN, status


async def test_a_slow_answer_in_pieces_is_still_proof(kind: Kind) -> None:
    async with talking(kind, Act.SPLIT) as (gateway, _):
        assert (await send(gateway)).verdict is Verdict.SENT


async def test_an_answer_in_chunks_after_words_of_patience_is_still_proof(kind: Kind) -> None:
    body = json.dumps(kind.proof).encode()
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    patient = (
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    async with talking(kind, patient + chunks) as (gateway, there):
        assert (await send(gateway)).verdict is Verdict.SENT
        assert (await send(gateway)).verdict is Verdict.SENT
        assert there.connections == 1


async def test_a_reset_while_the_request_is_read_is_in_doubt(kind: Kind) -> None:
    async with talking(kind, Act.RESET_BEFORE) as (gateway, scripted):
        answer = await send(gateway)
    assert (answer.verdict, answer.written) == (Verdict.UNKNOWN, True)
    assert answer.code in ("connection_lost", "broken_answer")
    assert scripted.seen == []


async def test_fault_16_a_host_that_is_down_was_never_written_to(kind: Kind) -> None:
    async with talking(kind) as (gateway, scripted):
        url = scripted.url
        await gateway.close()
    gone = kind.opened(url)
    answer = await gone.send(message(), before_write=lambda: pytest.fail("nothing may be written"))
    assert (answer.verdict, answer.code, answer.written) == (
        Verdict.RETRY,
        "connect_failed",
        False,
    )


async def test_too_late_writes_nothing_and_other_errors_pass_through(kind: Kind) -> None:
    async with talking(kind) as (gateway, scripted):

        def late() -> None:
            raise TooLate

        def full() -> None:
            raise OSError("no journal")

        answer = await gateway.send(message(), before_write=late)
        assert (answer.code, answer.written) == ("too_late", False)
        with pytest.raises(OSError, match="no journal"):
            await gateway.send(message(), before_write=full)
        assert scripted.seen == []
        assert (await send(gateway)).verdict is Verdict.SENT


async def test_fault_18_429_with_and_without_a_time(kind: Kind) -> None:
    async with talking(
        kind, reply(429, b"slow down"), reply(429, b"slow down", Retry_After="30")
    ) as (gateway, _):
        without, given = await send(gateway), await send(gateway)
    assert (without.verdict, without.code, without.wait) == (Verdict.SLOW_DEVICE, "http_429", None)
    assert given.wait is not None
    assert given.wait.total_seconds() == 30


async def test_connections_are_used_again(kind: Kind) -> None:
    """Also after a refusal; not after a doubt, nor after one that is over."""
    status, body, _ = kind.refusal
    async with talking(kind, *[reply(200, kind.proof)] * 9, reply(status, body)) as (
        gateway,
        there,
    ):
        for _ in range(12):
            await send(gateway)
        assert there.connections == 1
        there.script.append(Act.CLOSE)
        assert (await send(gateway)).verdict is Verdict.UNKNOWN
        assert (await send(gateway)).verdict is Verdict.SENT
        assert there.connections == 2


async def test_many_at_once_share_what_is_free(kind: Kind) -> None:
    async with talking(kind) as (gateway, there):
        for _ in range(3):
            async with anyio.create_task_group() as tasks:
                for _ in range(30):
                    tasks.start_soon(send, gateway)
        assert len(there.seen) == 90
        assert there.connections <= 30 + 2 * (30 - connections.KEPT_AT_MOST)


async def test_few_open_files_keep_few_connections(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "kept_at_most", lambda: 2)
    async with talking(kind) as (gateway, there):
        for _ in range(2):
            async with anyio.create_task_group() as tasks:
                for _ in range(5):
                    tasks.start_soon(send, gateway)
        assert there.connections == 8


async def test_a_host_that_closes_after_each_answer_leaves_no_doubt(kind: Kind) -> None:
    async with talking(kind, *[reply(200, kind.proof, Connection="close")] * 5) as (gateway, there):
        for _ in range(5):
            assert (await send(gateway)).verdict is Verdict.SENT
        assert there.connections == 5


async def test_a_host_that_closes_idle_connections_without_a_word_leaves_no_doubt(
    kind: Kind,
) -> None:
    async with talking(kind) as (gateway, there):
        for n in range(3):
            assert (await send(gateway)).verdict is Verdict.SENT
            for writer in there.writers:
                writer.close()
            await noticed(gateway)
            assert there.connections == n + 1


async def test_a_doubled_answer_never_proves_another_message(kind: Kind) -> None:
    """In the same packet, and a moment later on the connection that rests."""
    twice = reply(200, kind.proof) * 2
    async with talking(kind, twice, Act.CLOSE) as (gateway, there):
        assert (await send(gateway)).verdict is Verdict.SENT
        assert (await send(gateway)).code == "broken_answer"
        assert there.connections == 2
    async with talking(kind) as (gateway, there):
        assert (await send(gateway)).verdict is Verdict.SENT
        [writer] = there.writers
        writer.write(reply(200, kind.proof))
        await writer.drain()
        await noticed(gateway)
        there.script.append(Act.CLOSE)
        assert (await send(gateway)).code == "broken_answer"
        assert there.connections == 2


async def test_an_idle_connection_is_ours_to_close(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "KEEP", 0.02)
    async with talking(kind) as (gateway, there):
        await send(gateway)
        await noticed(gateway)
        await send(gateway)
        assert there.connections == 2


async def test_no_secret_in_what_is_kept_of_an_answer(kind: Kind) -> None:
    """A host may echo the request, escaped or not, and anywhere in the body."""
    echoes = (
        json.dumps({"status": False, "message": f"bad {TOKEN}"}),
        json.dumps({"x": "y" * 2040 + TOKEN}),
        TOKEN.replace("/", "\\/"),
        TOKEN.replace("/", "%2F"),
        "".join(f"{n}: {v}\n" for n, v in {"authorization": TOKEN}.items()),
    )
    for status in (200, 400, 401, 500):
        for echo in echoes:
            async with talking(kind, reply(status, echo.encode())) as (gateway, _):
                answer = await send(gateway)
            assert "canary" not in repr(answer)
            assert answer.verdict is not Verdict.SENT


async def test_no_secret_in_any_repr(kind: Kind) -> None:
    gateway = kind.opened("https://gateway.example")
    assert "canary" not in repr((gateway, gateway.hosts))
    await gateway.close()


async def test_states_are_asked_without_sending(kind: Kind) -> None:
    listing = {"code": "SUCCESS", "results": []}
    async with talking(kind, reply(200, listing)) as (gateway, there):
        states = await gateway.device_states()
    if kind is GOWA:
        assert [(r.method, r.path) for r in there.seen] == [("GET", "/devices")]
    else:
        assert there.seen == []
        assert [(s.state, s.host) for s in states] == [("unknown", kind.platform)]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that no system trusts, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=gateway", "-keyout", str(key)]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


async def test_tls_is_verified_before_anything_is_written(
    kind: Kind, certificate: tuple[Path, Path]
) -> None:
    cert, key = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    async with host(reply(200, kind.proof), ssl=context) as there:
        stranger = kind.opened(there.url)
        answer = await stranger.send(
            message(), before_write=lambda: pytest.fail("nothing may be written")
        )
        assert (answer.code, answer.written) == ("connect_failed", False)
        assert answer.body == "SSLCertVerificationError"
        trusting = kind.opened(there.url, ca_file=cert)
        for _ in range(3):
            assert (await send(trusting)).verdict is Verdict.SENT
        assert [s.connection for s in there.seen] == [there.connections] * 3
        wrong_name = kind.opened(there.url.replace("127.0.0.1", "localhost"), ca_file=cert)
        assert (await send(wrong_name)).code == "connect_failed"
        for gateway in (stranger, trusting, wrong_name):
            await gateway.close()


async def test_plain_http_leads_nowhere_else(kind: Kind) -> None:
    with pytest.raises(ValueError, match="plain http") as refused:
        kind.opened("http://gateway.example")
    assert "canary" not in str(refused.value)


async def test_fault_17_21_a_slow_host_costs_no_more_than_the_deadline(kind: Kind) -> None:
    """Silence and then an answer that comes too late, a body in drops, one shorter than it says."""
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}"
    async with talking(kind, Act.SILENCE, Act.DRIP, short, deadline=1.0) as (gateway, there):
        started = time.monotonic()
        async with anyio.create_task_group() as tasks:
            answers: list[Answer] = []

            async def one() -> None:
                answers.append(await send(gateway))

            for _ in range(3):
                tasks.start_soon(one)
        assert [a.code for a in answers] == ["timeout"] * 3
        assert time.monotonic() - started < 10
        assert len(there.seen) == 3
        assert (await send(gateway)).verdict is Verdict.SENT


async def test_a_message_with_any_text_arrives_as_it_is(kind: Kind) -> None:
    text = 'a "b" \\ & = + % {name} \u202e \n\r\n--boundary\r\n\t👩‍👩‍👧 ' + "x" * 4000
    async with talking(kind) as (gateway, there):
        assert (await send(gateway, content=text)).verdict is Verdict.SENT
    [request] = there.seen
    fields = request.fields
    said = json.loads(fields["text"])["body"] if kind.platform == "meta" else fields["message"]
    assert said == text
