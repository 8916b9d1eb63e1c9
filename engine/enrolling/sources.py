"""Where people are read from, in portions: a file, or the leads that a sequence's word lets in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from uuid import UUID

from engine.enrolling.model import Facts
from engine.enrolling.people_file import PeopleFile, Person
from engine.operations.model import OperationRefused
from engine.operations.wording import listed
from engine.store import Database

LEADS_IDS: Final = "uuid"


@dataclass(frozen=True, slots=True)
class _Lead:
    id: UUID
    phone: str | None
    name: str | None
    device: str | None
    niche: str | None


async def in_file(people: PeopleFile, portion: int) -> AsyncIterator[list[Person]]:
    """The lines of a file, `portion` at a time. Raises BadFile."""
    lines = iter(people.people())
    while some := list(islice(lines, portion)):
        yield some


async def in_leads(database: Database, sequence: UUID, portion: int) -> AsyncIterator[list[Person]]:
    """The leads of the sequence's user whose words hold its word, by their ids; the line is their place."""
    after: UUID | None = None
    line = 0
    while True:
        async with database.transaction(statement_timeout="5min") as tx:
            of = {"sequence": sequence, "after": after, "portion": portion}
            leads = await tx.rows(_Lead, "enroll/leads", **of)
        if not leads:
            return
        yield [_person(lead, line + nth) for nth, lead in enumerate(leads, start=1)]
        after, line = leads[-1].id, line + len(leads)


async def word_of(database: Database, sequence: UUID) -> str:
    """The word that lets leads into a sequence. Raises OperationRefused where none does, or it is shared."""
    async with database.transaction() as tx:
        facts = await tx.one(Facts, "enroll/facts", sequence=sequence)
        ids = await tx.value("enroll/leads_exist")
        same = [str(row["name"]) for row in await tx.dicts("enroll/same_word", sequence=sequence)]
    if facts is None:
        raise OperationRefused("the sequence is gone")
    if ids != LEADS_IDS:
        raise OperationRefused(
            "there is no table `leads` here"
            if ids is None
            else f"the ids of `leads` are {ids}, not uuid"
        )
    if facts.trigger is None:
        raise OperationRefused(f"sequence {facts.name} has no trigger: no word lets anybody in")
    if same:
        raise OperationRefused(
            f"{facts.trigger!r} also lets people into {listed(same)}: change one"
        )
    return facts.trigger


def _person(lead: _Lead, line: int) -> Person:
    fields = None if lead.niche is None else json.dumps({"niche": lead.niche}, ensure_ascii=False)
    return Person(line, lead.phone, lead.name, lead.device, fields, lead=lead.id)
