"""A step's text for a person. The database renders (`seqconsole.render`), for engine and preview alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from engine.phones import masked
from engine.store import Database, Transaction


@dataclass(frozen=True, slots=True)
class Rendered:
    """A step's text for one person. `problem`: why there is none, and so no message."""

    step_id: UUID
    day_number: int | None
    delay_hours: int | None
    message_type: str
    media_url: str | None
    raw: str | None
    text: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Rendering:
    """All steps of a sequence, in order, for one person: `phone` and `name` as the contact row has them.

    Both None: for somebody of whom nothing is known.
    """

    phone: str | None
    name: str | None
    steps: tuple[Rendered, ...]


@dataclass(frozen=True, slots=True)
class _Person:
    phone: str
    name: str | None


async def render_sequence(
    database: Database, sequence: UUID, phone: str | None = None
) -> Rendering | None:
    """The texts of a sequence as this person would get them; None: nobody in it has that phone.

    Without a phone: for its first contact, or for nobody where it has none.
    """
    async with database.transaction(snapshot=True) as tx:
        person = await tx.one(_Person, "rendering/person", sequence=sequence, phone=phone)
        if person is None and phone is not None:
            return None
        return await _rendered(tx, sequence, person)


def without_phone(made: Rendering) -> Rendering:
    """The same with the number masked where a text says it."""
    phone = made.phone
    if phone is None:
        return made
    steps = [replace(s, text=s.text and s.text.replace(phone, masked(phone))) for s in made.steps]
    return replace(made, steps=tuple(steps))


async def _rendered(tx: Transaction, sequence: UUID, person: _Person | None) -> Rendering:
    phone, name = (person.phone, person.name) if person is not None else (None, None)
    steps = await tx.rows(
        Rendered, "rendering/steps", sequence=sequence, phone=phone, contact_name=name
    )
    return Rendering(phone, name, tuple(steps))
