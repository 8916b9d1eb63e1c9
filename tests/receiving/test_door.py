"""The door: what is signed and readable comes in; everything else is refused, bounded and quiet."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence

import pytest

from engine.receiving.events import Event, Mark, Receipt, Reply
from engine.receiving.taking import Taker
from engine.store import Database, DatabaseUnavailable
from seqconsole.webhooks.app import Limits
from seqconsole.webhooks.refusals import Refusals
from seqconsole.webhooks.server import Hurried, bound, serve
from tests.receiving.http import SECRET, TOKEN, ack, client, cloud, door, message, signed
from tests.receiving.scene import sent
from tests.world import World

pytestmark = pytest.mark.anyio


class Taken(list[Event]):
    """What came through."""

    async def take(self, events: Sequence[Event]) -> None:
        self.extend(events)


async def test_a_signed_webhook_comes_in() -> None:
    taken = Taken()
    async with client(door(taken.take)) as http:
        body = ack("read", "A", "B")
        answer = await http.post("/hook/main", content=body, headers=signed(body))
    assert (answer.status_code, answer.text) == (200, "ok")
    assert [(e.gateway_id, e.mark) for e in taken if isinstance(e, Receipt)] == [
        ("A", Mark.READ),
        ("B", Mark.READ),
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": "sha256=" + "0" * 64},
        {"X-Hub-Signature-256": "sha256=" + "0" * 63},
        {"X-Hub-Signature-256": "sha1=" + "0" * 40},
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": "sha256=" + "\u0660" * 64},
        signed(ack("read", "A"), b"another secret"),
        signed(ack("read", "A") + b" "),
    ],
)
async def test_what_is_not_signed_stays_outside(headers: dict[str, str]) -> None:
    taken = Taken()
    async with client(door(taken.take)) as http:
        encoded = {k: v.encode() for k, v in headers.items()}
        answer = await http.post("/hook/main", content=ack("read", "A"), headers=encoded)
    assert answer.status_code == 401
    assert answer.text == "refused"
    assert not taken


async def test_two_signatures_are_none() -> None:
    body = ack("read", "A")
    one = signed(body)["X-Hub-Signature-256"]
    taken = Taken()
    async with client(door(taken.take)) as http:
        headers = [("X-Hub-Signature-256", one), ("X-Hub-Signature-256", one)]
        answer = await http.post("/hook/main", content=body, headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b'"x"', b"1e999", b"\xff\xfe", b'{"event": 1}', b"[" * 200_000,
        b'{"event": "message.ack"}', b'{"event": "message.ack", "payload": []}',
    ],
)  # fmt: skip
async def test_what_is_signed_and_makes_no_sense_is_refused(body: bytes) -> None:
    taken = Taken()
    async with client(door(taken.take)) as http:
        for name in ("main", "cloud"):
            answer = await http.post(f"/hook/{name}", content=body, headers=signed(body))
            assert answer.status_code == 400, body[:40]
    assert not taken


@pytest.mark.parametrize(
    "payload",
    [
        {"ids": None}, {"ids": [None, 1.5, {}, "", "x" * 300, "a\nb"]}, {"chat_id": ["x"]}, {"timestamp": {}},
        {"receipt_type": "retry"}, {"receipt_type": None}, {"chat_id": "1203@g.us"}, {"timestamp": "9" * 40},
    ],
)  # fmt: skip
async def test_wrong_types_inside_are_left_out(payload: dict[str, object]) -> None:
    taken = Taken()
    async with client(door(taken.take)) as http:
        for body in (ack("read", "A", **payload), message("x", **payload)):
            answer = await http.post("/hook/main", content=body, headers=signed(body))
            assert answer.status_code == 200
        body = cloud(statuses=[payload, None, 1], messages=[payload, "x"], user_preferences=[[]])
        answer = await http.post("/hook/cloud", content=body, headers=signed(body))
        assert answer.status_code == 200
    assert all(len(e.gateway_id) < 300 for e in taken if isinstance(e, Receipt))


async def test_bodies_are_bounded() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65536

    taken = Taken()
    async with client(door(taken.take, Limits(body=200_000))) as http:
        body = b" " * 200_001
        answer = await http.post("/hook/main", content=body, headers=signed(body))
        assert answer.status_code == 413
        answer = await http.post("/hook/main", content=endless(), headers=signed(b""))
        assert answer.status_code == 413
        body = ack("read", "A")
        packed = {**signed(body), "content-encoding": "gzip"}
        answer = await http.post("/hook/main", content=body, headers=packed)
        assert answer.status_code == 415


async def test_a_slow_body_is_not_waited_for() -> None:
    async def dripping() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with client(door(Taken().take, Limits(body_seconds=0.05))) as http:
        answer = await http.post("/hook/main", content=dripping(), headers=signed(b""))
    assert answer.status_code == 408


async def test_a_flood_is_refused_and_the_rest_goes_on() -> None:
    inside = 0
    most = 0
    go = asyncio.Event()

    async def take(events: Sequence[Event]) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await go.wait()
        inside -= 1

    body = ack("read", "A")
    async with client(door(take, Limits(requests=10, works=3))) as http:
        posts = [
            asyncio.create_task(http.post("/hook/main", content=body, headers=signed(body)))
            for _ in range(60)
        ]
        while sum(p.done() for p in posts) < 50:
            await asyncio.sleep(0)
        go.set()
        codes = sorted([(await p).status_code for p in posts])
        assert codes == [200] * 10 + [503] * 50
        refused = next(p.result() for p in posts if p.result().status_code == 503)
        assert refused.headers["retry-after"] == "5"
        answer = await http.post("/hook/main", content=body, headers=signed(body))
        assert answer.status_code == 200
    assert most == 3


@pytest.mark.parametrize("error", [DatabaseUnavailable("away"), TimeoutError(), ValueError("x")])
async def test_what_is_not_taken_is_asked_for_again(error: Exception) -> None:
    async def take(events: Sequence[Event]) -> None:
        raise error

    body = ack("read", "A")
    async with client(door(take)) as http:
        answer = await http.post("/hook/main", content=body, headers=signed(body))
    assert answer.status_code == (500 if isinstance(error, ValueError) else 503)


async def test_a_database_that_hangs_is_not_waited_for() -> None:
    async def take(events: Sequence[Event]) -> None:
        await asyncio.Event().wait()

    body = ack("read", "A")
    async with client(door(take, Limits(answer_seconds=0.05, works=1))) as http:
        for _ in range(2):
            answer = await http.post("/hook/main", content=body, headers=signed(body))
            assert answer.status_code == 503


async def test_metas_question() -> None:
    async with client(door(Taken().take)) as http:

        async def ask(name: str = "cloud", **given: str) -> tuple[int, str]:
            query = {
                "hub.mode": "subscribe",
                "hub.verify_token": TOKEN,
                "hub.challenge": "1158201444",
            }
            query |= {f"hub.{key}": value for key, value in given.items()}
            answer = await http.get(f"/hook/{name}", params=query)
            assert answer.headers["content-type"].startswith("text/plain")
            return answer.status_code, answer.text

        assert await ask() == (200, "1158201444")
        assert (await ask(verify_token="another"))[0] == 403
        assert (await ask(verify_token=""))[0] == 403
        assert (await ask(mode="x"))[0] == 404
        assert (await ask("main"))[0] == 404  # gowa asks no question: it has no token
        assert (await ask("nobody"))[0] == 404
        assert (await ask(challenge="x" * 300))[0] == 400
        assert (await http.get("/health")).text == "ok"
        assert (await http.put("/hook/main")).status_code == 405
        assert (await http.post("/hook/nobody", content=b"")).status_code == 404
        assert (await http.get("/")).status_code == 404


async def test_what_meta_tells() -> None:
    attempt = "5f0c1c2e-8f55-4f0a-9a53-6a3a8f0f6b11"
    status = {"id": "wamid.A", "recipient_id": "60123456789", "timestamp": "1764000000"}
    body = cloud(
        statuses=[
            {**status, "status": "sent", "biz_opaque_callback_data": f"x/{attempt}"},
            {**status, "status": "failed", "errors": [{"code": 131050, "title": "opted out"}]},
            {**status, "status": "deleted"},
        ],
        messages=[
            {"from": "60123456789", "id": "wamid.B", "timestamp": "1764000000", "type": "text", "text": {"body": "Stop"}},
            {"from": "60123456789", "id": "wamid.C", "type": "button", "button": {"text": "STOP", "payload": "p"}},
            {"from": "60123456789", "id": "wamid.D", "type": "interactive",
             "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "Stop"}}},
            {"from": "60123456789", "id": "wamid.E", "type": "reaction", "reaction": {"emoji": "x"}},
            {"from": "60123456789", "id": "wamid.F", "type": "image", "image": {"id": "1"}},
        ],
        user_preferences=[{"wa_id": "60123456789", "value": "stop", "timestamp": "1764000000"},
                          {"wa_id": "60123456789", "value": "resume"}],
    )  # fmt: skip
    taken = Taken()
    async with client(door(taken.take)) as http:
        assert (
            await http.post("/hook/cloud", content=body, headers=signed(body))
        ).status_code == 200
    receipts = [e for e in taken if isinstance(e, Receipt)]
    assert [(r.mark, r.code, str(r.attempt)) for r in receipts] == [
        (Mark.ACCEPTED, None, attempt),
        (Mark.REFUSED, "131050", "None"),
    ]
    assert {r.device for r in receipts} == {"1234567890"}
    replies = [e for e in taken if isinstance(e, Reply)]
    assert [(r.text, r.opted_out) for r in replies] == [
        ("Stop", False), ("STOP", False), ("Stop", False), ("", False), ("", True),
    ]  # fmt: skip


async def test_what_gowa_tells() -> None:
    taken = Taken()
    async with client(door(taken.take)) as http:
        for body in (
            message("Stop", id=""), message("Stop", id=""), message("hi", is_from_me=True),
            message("x", chat_id="1203630@g.us"), message("y", **{"from": "99@lid"}),
            ack("sender", "A"), ack("played", "B"), json.dumps({"event": "group.participants", "payload": {}}).encode(),
        ):  # fmt: skip
            assert (
                await http.post("/hook/main", content=body, headers=signed(body))
            ).status_code == 200
    replies = [e for e in taken if isinstance(e, Reply)]
    assert [(r.text, r.phone) for r in replies] == [
        ("Stop", "60123456789@s.whatsapp.net"), ("Stop", "60123456789@s.whatsapp.net"), ("y", "60123456789@s.whatsapp.net"),
    ]  # fmt: skip
    assert replies[0].reply_id == replies[1].reply_id != ""
    marks = [e.mark for e in taken if isinstance(e, Receipt)]
    assert marks == [Mark.OWN, Mark.ACCEPTED, Mark.READ]


def test_a_flood_of_refusals_is_no_flood_of_lines(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    refusals = Refusals(lambda: now)
    for _ in range(1000):
        refusals.count("wrong signature")
    now = 61.0
    refusals.count("wrong signature")
    assert [r.message for r in caplog.records] == [
        "webhook refused, wrong signature",
        "webhook refused, wrong signature, 1000 times in all",
    ]


class Impatient(Hurried):
    patience = 0.2
    most = 5


@pytest.fixture
async def address(world: World, database: Database) -> AsyncIterator[tuple[str, int]]:
    """The application behind a real socket, impatient and small."""
    stop = asyncio.Event()
    listening = bound("127.0.0.1", 0)
    application = door(Taker(database).take).application()
    serving = asyncio.create_task(serve(application, listening, stop, protocol=Impatient))
    yield listening.getsockname()
    stop.set()
    await serving


async def said(address: tuple[str, int], request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def posted(body: bytes, headers: dict[str, str] | None = None) -> bytes:
    given = {"host": "x", "content-length": str(len(body)), **(headers or signed(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"POST /hook/main HTTP/1.1\r\n{lines}\r\n".encode() + body


async def test_a_stop_through_a_real_socket(
    world: World, database: Database, phone: str, address: tuple[str, int]
) -> None:
    one = await sent(world, database, phone)
    await one.ended()
    answer = await said(address, posted(message("STOP", phone=phone, device=str(one.device))))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer.lower()
    assert one.suppressed() == 1
    receipt = ack("read", one.gateway_id, phone=phone)
    forged = posted(receipt, signed(receipt, b"guessed"))
    assert (await said(address, forged)).startswith(b"HTTP/1.1 401")
    assert one.delivery["receipt"] is None
    assert (await said(address, posted(receipt))).startswith(b"HTTP/1.1 200")
    assert one.delivery["receipt"] == "r"


async def test_slow_headers_and_too_many_connections_are_closed(address: tuple[str, int]) -> None:
    slow = [
        asyncio.create_task(said(address, b"POST /hook/main HTTP/1.1\r\nx: ")) for _ in range(20)
    ]
    assert [await task for task in slow] == [b""] * 20
    assert (await said(address, b"x" * 40_000)).startswith((b"HTTP/1.1 400", b""))
    body = ack("read", "nobody's")
    assert (await said(address, posted(body))).startswith(b"HTTP/1.1 200")


def test_no_secret_is_in_what_is_printed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = door(Taken().take)
    assert SECRET.decode() not in repr(made._hooks)
    assert TOKEN not in repr(made._hooks)
