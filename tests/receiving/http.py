"""Bodies of the two gateways as their documents show them, signed; and a client of the ASGI application."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx2

from engine.receiving import gowa, meta
from engine.receiving.events import Event
from seqconsole.webhooks.app import Door, Limits
from seqconsole.webhooks.hooks import Hook
from seqconsole.webhooks.spool import Spool

SECRET = b"a secret of the tests"
TOKEN = "the word"


def signed(body: bytes, secret: bytes = SECRET) -> dict[str, str]:
    digest = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}", "content-type": "application/json"}


def ack(kind: str, *ids: str, phone: str = "60123456789", device: str = "d", **given: Any) -> bytes:
    payload = {
        "ids": list(ids), "chat_id": f"{phone}@s.whatsapp.net", "from": f"{phone}:3@s.whatsapp.net",
        "receipt_type": kind, "timestamp": "2026-11-24T10:00:00Z", **given,
    }  # fmt: skip
    return json.dumps({"event": "message.ack", "device_id": device, "payload": payload}).encode()


def message(text: str, *, phone: str = "60123456789", device: str = "d", **given: Any) -> bytes:
    payload = {
        "id": "3EB0REPLY", "chat_id": f"{phone}@s.whatsapp.net", "from": f"{phone}@s.whatsapp.net",
        "body": text, "timestamp": "2026-11-24T10:00:00Z", **given,
    }  # fmt: skip
    return json.dumps({"event": "message", "device_id": device, "payload": payload}).encode()


def cloud(**value: Any) -> bytes:
    """A webhook of the Cloud API with this value."""
    found = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001111", "phone_number_id": "1234567890"},
        **value,
    }
    change = {"field": "messages", "value": found}
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    ).encode()


def door(
    take: Callable[[Sequence[Event]], Awaitable[None]],
    limits: Limits | None = None,
    spool: Spool | None = None,
) -> Door:
    async def well() -> None:
        pass

    hooks = [
        Hook("main", SECRET, gowa.events, take),
        Hook("cloud", SECRET, meta.events, take, TOKEN),
    ]
    return Door(hooks, well, limits, spool)


def client(of: Door) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(of.application())
    return httpx2.AsyncClient(transport=transport, base_url="http://receive")
