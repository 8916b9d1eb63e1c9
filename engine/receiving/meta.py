"""Webhooks of the Meta WhatsApp Cloud API. Pure: no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

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
    "sent": Mark.ACCEPTED,
    "delivered": Mark.DELIVERED,
    "read": Mark.READ,
    "played": Mark.READ,
    "failed": Mark.REFUSED,
}
_NO_REPLY: Final = frozenset({"reaction", "system", "unsupported", "unknown", "ephemeral"})
_REFERENCE: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def events(document: object) -> list[Event]:
    """What one webhook tells, statuses and messages of all its changes. Raises Unreadable."""
    if text_in(document, "object") != "whatsapp_business_account":
        raise Unreadable("no webhook of the WhatsApp Cloud API")
    found: list[Event] = []
    for entry in list_in(document, "entry"):
        for change in list_in(entry, "changes"):
            value = change.get("value") if isinstance(change, Mapping) else None
            if isinstance(value, Mapping):
                found += _of(value)
    return found[:MOST]


def _of(value: Mapping[str, Any]) -> Iterator[Event]:
    metadata = value.get("metadata")
    device = text_in(metadata, "phone_number_id")
    for status in list_in(value, "statuses"):
        yield from _status(status, device)
    for message in list_in(value, "messages"):
        yield from _message(message, device)
    for preference in list_in(value, "user_preferences"):
        yield from _preference(preference, device)


def _status(status: object, device: str) -> Iterator[Receipt]:
    mark = MARKS.get(text_in(status, "status"))
    found = text_in(status, "id", LONGEST_ID)
    if mark is None or not found:
        return
    errors = list_in(status, "errors")
    yield Receipt(
        found,
        mark,
        moment(text_in(status, "timestamp")),
        device,
        text_in(status, "recipient_id"),
        _reference(text_in(status, "biz_opaque_callback_data", 512)),
        (text_in(errors[0], "code", 64) or None) if errors and mark is Mark.REFUSED else None,
    )


def _reference(text: str) -> UUID | None:
    """Our attempt: the last UUID of what we gave the message to carry."""
    found = _REFERENCE.search(text.lower())
    return UUID(found[0]) if found else None


def _message(message: object, device: str) -> Iterator[Reply]:
    kind, found = text_in(message, "type"), text_in(message, "id", LONGEST_ID)
    if not found or kind in _NO_REPLY or not isinstance(message, Mapping):
        return
    inner = message.get(kind)
    text = body_in(inner, "body") or body_in(inner, "text") or body_in(inner, "title")
    if kind == "interactive" and isinstance(inner, Mapping):
        text = body_in(inner.get(text_in(inner, "type")), "title")
    yield Reply(
        found, text_in(message, "from"), moment(text_in(message, "timestamp")), device, text
    )


def _preference(preference: object, device: str) -> Iterator[Reply]:
    """A person told WhatsApp itself that they want no more marketing messages of this business."""
    phone, at = text_in(preference, "wa_id"), text_in(preference, "timestamp")
    if phone and text_in(preference, "value").lower() == "stop":
        yield Reply(f"preference:{phone}:{at}", phone, moment(at), device, opted_out=True)
