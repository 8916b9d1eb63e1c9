"""Everything of one person, over all sequences and all spellings of the phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from engine.operations.model import OperationRefused
from engine.operations.targets import NotFound
from engine.phones import masked
from engine.store import Database
from engine.views import ContactRowView

MOST: Final = 10_000
"""Events of one person that are told at most."""


class NoPhone(OperationRefused):
    """A text that can't be a phone number."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a person. Texts come from the database unclean.

    `what`: enrolled, queued, tried, the outcome of a try or of a delivery, delivered, read, replied, asked to
    stop, the verb of an operation, held. `at` None: nobody knows when.
    """

    at: datetime | None
    what: str
    sequence_id: UUID | None
    sequence_name: str | None
    day_number: int | None
    device_id: UUID | None
    device_name: str | None
    message_id: UUID | None
    detail: str | None
    operation_id: int | None
    who: str | None


@dataclass(frozen=True, slots=True)
class History:
    """A person's contact rows as they are, and what happened, the oldest first."""

    phone_key: str
    rows: Sequence[ContactRowView]
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class _Person:
    key: str | None


async def history(database: Database, phone: str) -> History:
    """The history of a person. Raises NoPhone, and NotFound where nothing is known of that person."""
    async with database.transaction(snapshot=True) as tx:
        person = await tx.one(_Person, "reports/person", text=phone.replace("\0", ""))
        if person is None or person.key is None:
            raise NoPhone(f"{masked(phone)} can't be a phone number")
        rows = await tx.rows(ContactRowView, "views/contact_story", phone_key=person.key)
        events = await tx.rows(
            Event,
            "reports/history",
            phone_key=person.key,
            contact_ids=[row.id for row in rows],
            limit=MOST,
        )
    if not rows and not events:
        raise NotFound(f"nothing is known of {masked(person.key)}")
    return History(person.key, rows, events)
