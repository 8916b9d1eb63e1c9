"""What each gateway writes for each type of message, field by field, and what it refuses to write."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from engine.gateways.media import content_of, file_name, is_address
from engine.gateways.meta import MetaAccount, MetaGateway
from engine.gateways.protocol import Answer, Verdict
from engine.gateways.templates import NoTemplate, parse_template
from tests.gateways.kinds import (
    ALL,
    DEVICE,
    GOWA,
    META,
    TOKEN,
    WABLAS_KIND,
    WHACENTER_KIND,
    Kind,
    allow,
    message,
)
from tests.gateways.scripted import Seen, host, reply

pytestmark = pytest.mark.anyio

URL = "https://files.example/price%20list.pdf?v=1&x=2"
PHONE = "60123456789"


def never() -> None:
    pytest.fail("nothing may be written")


async def written(kind: Kind, **changed: Any) -> Seen:
    async with host(reply(200, kind.proof)) as there:
        gateway = kind.opened(there.url)
        answer = await gateway.send(message(**changed), before_write=allow)
        await gateway.close()
    assert answer.verdict is Verdict.SENT
    [request] = there.seen
    return request


async def refused(kind: Kind, **changed: Any) -> Answer:
    gateway = kind.opened("https://gateway.example")
    answer = await gateway.send(message(**changed), before_write=never)
    await gateway.close()
    assert (answer.verdict, answer.written) == (Verdict.FAIL, False)
    assert answer.platform == kind.platform
    return answer


@pytest.mark.parametrize("kind", ["image", "video", "file"])
async def test_gowa_media_by_address(kind: str) -> None:
    request = await written(GOWA, message_type=kind, media_url=URL, content="Harga 👋\r\nbaru")
    assert request.path == f"/send/{kind}"
    assert request.headers["x-device-id"] == str(DEVICE)
    assert request.fields == {"phone": PHONE, f"{kind}_url": URL, "caption": "Harga 👋\r\nbaru"}


async def test_gowa_audio_has_no_caption() -> None:
    request = await written(GOWA, message_type="Voice", media_url=URL, content="")
    assert request.path == "/send/audio"
    assert request.fields == {"phone": PHONE, "audio_url": URL}


async def test_meta_text_and_media() -> None:
    attempt, queued = uuid4(), uuid4()
    request = await written(META, content="hello", attempt_id=attempt, message_id=queued)
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.json == {
        "messaging_product": "whatsapp",
        "to": PHONE,
        "biz_opaque_callback_data": f"{queued}/{attempt}",
        "type": "text",
        "text": {"body": "hello"},
    }
    image = await written(META, message_type="image", media_url=URL, content="hi")
    assert image.json["image"] == {"link": URL, "caption": "hi"}
    document = await written(META, message_type="document", media_url=URL, content="")
    assert document.json["type"] == "document"
    assert document.json["document"] == {"link": URL, "filename": "price list.pdf"}
    audio = await written(META, message_type="audio", media_url=URL, content=" ")
    assert audio.json["audio"] == {"link": URL}


async def test_meta_templates() -> None:
    text = "order_update_2 ms_MY\nAqil\n12 Jun, 3 pm\n"
    request = await written(META, message_type="template", content=text)
    assert request.json["type"] == "template"
    assert request.json["template"] == {
        "name": "order_update_2",
        "language": {"code": "ms_MY"},
        "components": [
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "text": "Aqil"},
                    {"type": "text", "text": "12 Jun, 3 pm"},
                ],
            }
        ],
    }
    plain = await written(META, message_type="template", content="hello_world en")
    assert plain.json["template"] == {"name": "hello_world", "language": {"code": "en"}}
    headed = await written(
        META, message_type="template", content="sale en_US", media_url="https://x.example/a.JPG"
    )
    assert headed.json["template"]["components"] == [
        {
            "type": "header",
            "parameters": [{"type": "image", "image": {"link": "https://x.example/a.JPG"}}],
        }
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello_world",
        "Hello World en",
        "hello en_US extra",
        "hello english",
        "a en\n\nx",
        "a en\n" + "x" * 2000,
        "a en\n\x1b[31m",
        "a en" + "\nx" * 51,
    ],
)
async def test_what_names_no_template_is_never_written(text: str) -> None:
    with pytest.raises(NoTemplate):
        parse_template(text)
    answer = await refused(META, message_type="template", content=text)
    assert answer.code == "bad_content"


async def test_wablas_forms() -> None:
    text = await written(WABLAS_KIND, content="a&b=c + d")
    assert text.headers["authorization"] == TOKEN
    assert text.headers["content-type"] == "application/x-www-form-urlencoded"
    assert text.fields == {"phone": PHONE, "message": "a&b=c + d"}
    image = await written(WABLAS_KIND, message_type="image", media_url=URL, content="hi")
    assert image.path == "/api/send-image"
    assert image.fields == {"phone": PHONE, "image": URL, "caption": "hi"}
    assert TOKEN.encode() not in text.body + image.body


async def test_whacenter_forms() -> None:
    text = await written(WHACENTER_KIND, content="hi")
    assert text.headers["content-type"].startswith("multipart/form-data")
    assert text.fields == {"device_id": TOKEN, "number": PHONE, "message": "hi"}
    assert "authorization" not in text.headers
    file = await written(WHACENTER_KIND, message_type="video", media_url=URL, content="hi")
    assert file.fields == {"device_id": TOKEN, "number": PHONE, "message": "hi", "file": URL}


@pytest.mark.parametrize("kind", ALL, ids=repr)
async def test_what_is_refused_before_it_is_written(kind: Kind) -> None:
    for changed, code in (
        ({"message_type": "sticker", "media_url": URL}, "unsupported_type"),
        ({"message_type": "text", "media_url": URL}, "unsupported_type"),
        ({"content": " \n"}, "bad_content"),
        ({"message_type": "image"}, "bad_media"),
        ({"message_type": "image", "media_url": "uploads/a.png"}, "bad_media"),
        ({"message_type": "image", "media_url": "data:image/png;base64,AAAA"}, "bad_media"),
        ({"message_type": "image", "media_url": "file:///etc/passwd"}, "bad_media"),
        ({"message_type": "image", "media_url": "https://me:pw@x.example/a"}, "bad_media"),
        ({"message_type": "image", "media_url": "https://x.example/a\r\nb"}, "bad_media"),
        ({"message_type": "image", "media_url": "https://x/" + "a" * 3000}, "bad_media"),
        ({"message_type": "image", "media_url": "https://[x/a"}, "bad_media"),
    ):
        answer = await refused(kind, **changed)
        assert answer.code == code, changed
    if kind is not META:
        text = {"message_type": "template", "content": "hello_world en"}
        assert (await refused(kind, **text)).code == "unsupported_type"
    if kind is not WABLAS_KIND:
        spoken = {"message_type": "audio", "media_url": URL, "content": "listen"}
        assert (await refused(kind, **spoken)).code == "bad_content"


@pytest.mark.parametrize("kind", ALL, ids=repr)
async def test_a_device_that_no_host_has_stops_and_nothing_is_written(kind: Kind) -> None:
    gateway = kind.opened("https://gateway.example")
    gateway.know([])
    if kind is GOWA:
        return  # a gowa host knows devices by their id alone
    answer = await gateway.send(message(), before_write=never)
    assert (answer.verdict, answer.code, answer.written) == (
        Verdict.STOP_DEVICE,
        "not_configured",
        False,
    )


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX: 1", "tökén", "x" * 2000])
async def test_what_cannot_be_a_token_reaches_no_header(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        MetaGateway([MetaAccount(name="meta", url="https://graph.example", token=token)])


def test_names_of_files_and_addresses() -> None:
    assert file_name("https://x.example/a/b%20c.pdf?y=1") == "b c.pdf"
    assert file_name("https://x.example/") == "file"
    assert is_address("http://x.example/a.png")
    assert not is_address("https://")
    image = content_of(message(message_type=" IMAGE ", media_url=f" {URL} "), frozenset())
    assert isinstance(image, Answer)
