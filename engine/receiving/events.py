"""What a webhook tells, whichever gateway it is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

MOST: Final = 5000
"""Events of one webhook that are taken; no gateway sends as many."""
LONGEST_ID: Final = 256
LONGEST_NAME: Final = 128
LONGEST_TEXT: Final = 1000
"""Characters of a reply that are looked at: a word that stops is shorter."""


class Unreadable(ValueError):
    """A body that is no webhook of this gateway; the text says why, without repeating it."""


class Mark(StrEnum):
    """What a receipt proves. `OWN`: the message was written by hand on the device's phone."""

    ACCEPTED = "a"
    DELIVERED = "d"
    READ = "r"
    REFUSED = "f"
    OWN = "o"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt. `device` and `phone` as the gateway names them; `attempt`: our reference that came back.

    `at` None: the gateway does not say when.
    """

    gateway_id: str
    mark: Mark
    at: datetime | None = None
    device: str = ""
    phone: str = ""
    attempt: UUID | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A person wrote. `text` is looked at and never kept; `opted_out`: the gateway itself says stop."""

    reply_id: str
    phone: str
    at: datetime | None = None
    device: str = ""
    text: str = ""
    opted_out: bool = False


Event = Receipt | Reply


def text_in(value: object, name: str, longest: int = LONGEST_NAME) -> str:
    """A text member of a JSON object; "" where there is none, it is no text, or it can't be one."""
    found = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    text = str(found).strip()
    return text if len(text) <= longest and text.isprintable() else ""


def body_in(value: object, name: str) -> str:
    """The words of a reply, bounded; they may hold anything but NUL."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found[:LONGEST_TEXT].replace("\0", "") if isinstance(found, str) else ""


def list_in(value: object, name: str) -> list[Any]:
    """A list member of a JSON object, bounded; empty where there is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found[:MOST] if isinstance(found, list) else []


def moment(text: str) -> datetime | None:
    """A time as gateways write it: seconds since 1970, or RFC 3339. None for anything else."""
    try:
        if text.isascii() and text.isdigit():
            found = datetime.fromtimestamp(int(text), UTC)
        else:
            found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    if found.tzinfo is None or not 2000 < found.year < 9000:
        return None
    return found
