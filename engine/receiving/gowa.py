"""Webhooks of go-whatsapp-web-multidevice 9.x. Pure: no I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.receiving.events import (
    LONGEST_ID,
    MOST,
    Event,
    Mark,
    Receipt,
    Reply,
    Unreadable,
    body_in,
    list_in,
    moment,
    text_in,
)

MARKS: Final[Mapping[str, Mark]] = {
    "delivered": Mark.DELIVERED,
    "inactive": Mark.DELIVERED,
    "read": Mark.READ,
    "played": Mark.READ,
    "sender": Mark.ACCEPTED,
}
"""Its kinds of receipt; any other tells nothing of a send."""


def events(document: object) -> list[Event]:
    """What one webhook tells; kinds of events that we have no use for give nothing. Raises Unreadable."""
    if not isinstance(document, dict) or not text_in(document, "event"):
        raise Unreadable("no event of gowa")
    payload = document.get("payload")
    if not isinstance(payload, dict):
        raise Unreadable("an event without a payload")
    match text_in(document, "event"):
        case "message.ack":
            return list(_receipts(document, payload))
        case "message":
            return list(_message(document, payload))
    return []


def _receipts(document: Mapping[str, Any], payload: Mapping[str, Any]) -> Iterator[Receipt]:
    mark = MARKS.get(text_in(payload, "receipt_type"))
    chat = text_in(payload, "chat_id")
    if mark is None or _is_group(chat):
        return
    for found in list_in(payload, "ids")[:MOST]:
        gateway_id = text_in({"id": found}, "id", LONGEST_ID)
        if gateway_id:
            yield Receipt(
                gateway_id,
                mark,
                moment(text_in(payload, "timestamp") or text_in(document, "timestamp")),
                text_in(document, "device_id"),
                chat or ("" if mark is Mark.ACCEPTED else text_in(payload, "from")),
            )


def _message(document: Mapping[str, Any], payload: Mapping[str, Any]) -> Iterator[Event]:
    chat, sender = text_in(payload, "chat_id"), text_in(payload, "from")
    if _is_group(chat) or _is_group(sender):
        return
    inner = payload.get("message")
    found = text_in(payload, "id", LONGEST_ID) or text_in(inner, "id", LONGEST_ID)
    at = moment(text_in(payload, "timestamp") or text_in(document, "timestamp"))
    device = text_in(document, "device_id")
    if payload.get("is_from_me") is True or payload.get("from_me") is True:
        if found:
            yield Receipt(found, Mark.OWN, at, device, chat)
        return
    phone = sender if _is_account(sender) else chat or sender
    text = body_in(payload, "body") or body_in(inner, "text")
    yield Reply(found or _digest(document), phone, at, device, text)


def _is_group(jid: str) -> bool:
    return jid.endswith(("@g.us", "@broadcast", "@newsletter"))


def _is_account(jid: str) -> bool:
    return jid.endswith(("@s.whatsapp.net", "@c.us")) or "@" not in jid


def _digest(document: Mapping[str, Any]) -> str:
    """The id of a message that has none: the same for each repetition of its webhook."""
    return "sha256:" + hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
