"""What a message carries, by the operator's columns `message_type` and `media_url`. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import unquote, urlsplit

from engine.gateways.protocol import Answer, Outgoing, Verdict

LONGEST_URL: Final = 2048


class Carried(StrEnum):
    """The types of message that gateways know."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    FILE = "file"
    AUDIO = "audio"
    TEMPLATE = "template"


TYPES: Final = {
    "": Carried.TEXT,
    "text": Carried.TEXT,
    "image": Carried.IMAGE,
    "photo": Carried.IMAGE,
    "video": Carried.VIDEO,
    "file": Carried.FILE,
    "document": Carried.FILE,
    "audio": Carried.AUDIO,
    "voice": Carried.AUDIO,
    "template": Carried.TEMPLATE,
}
"""The operator's words."""


@dataclass(frozen=True, slots=True)
class Content:
    """A message that can be sent: its type, its text or caption, where its media lies."""

    carried: Carried
    text: str
    url: str = ""


def content_of(message: Outgoing, able: frozenset[Carried]) -> Content | Answer:
    """What to send, or why it cannot be sent by a gateway that is `able`: nothing is written then."""
    carried = TYPES.get(message.message_type.strip().lower())
    url = (message.media_url or "").strip()
    if carried is None or carried not in able:
        return refused("unsupported_type", f"this gateway cannot carry {message.message_type!r}")
    if carried is Carried.TEXT:
        if url:
            return refused("unsupported_type", "a text with media: name the type of the media")
        if not message.content.strip():
            return refused("bad_content", "the text is empty")
    elif (url or carried is not Carried.TEMPLATE) and not is_address(url):
        return refused("bad_media", "the media's address is missing, or not http(s)")
    if carried is Carried.AUDIO and message.content.strip():
        return refused("bad_content", "audio carries no text: empty the step's text")
    return Content(carried, message.content, url)


def is_address(url: str) -> bool:
    """Whether a gateway can fetch it: http(s), without a password, of ordinary characters."""
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        return False


def file_name(url: str) -> str:
    """The name that a receiver sees: the last part of the address."""
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return "".join(c for c in name if c.isprintable())[:100] or "file"


def refused(code: str, why: str) -> Answer:
    """A message that this gateway can never send as it is."""
    return Answer(Verdict.FAIL, code, body=why, written=False)
