"""Files of people, and one enrolment from preview to end."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from engine.enrolling.enrol import enrol, preview_enrol
from engine.enrolling.model import Reject
from engine.enrolling.people_file import PeopleFile
from engine.enrolling.staging import staged_file, staged_leads
from engine.operations.model import Done, Preview
from engine.store import Database

ME = "ana@desk"


def people(text: str, name: str = "people.csv") -> PeopleFile:
    return PeopleFile(io.BytesIO(text.encode()), name)


def csv_of(phones: Sequence[str], name: str = "Aqil") -> str:
    return "phone,name\n" + "".join(f'"{phone}",{name}\n' for phone in phones)


async def looked(
    database: Database, sequence: UUID, text: str, again: bool = False
) -> tuple[Preview, list[Reject]]:
    left_out: list[Reject] = []
    async with staged_file(
        database, sequence, people(text), again=again, looking=True, left_out=left_out.append
    ) as batch:
        return await preview_enrol(database, batch), left_out


async def looked_leads(database: Database, sequence: UUID) -> Preview:
    async with staged_leads(database, sequence, looking=True) as batch:
        return await preview_enrol(database, batch)


async def enrolled(
    database: Database, sequence: UUID, text: str, again: bool = False, **options: Any
) -> Done:
    async with staged_file(database, sequence, people(text), again=again) as batch:
        preview = await preview_enrol(database, batch)
        return await enrol(database, ME, batch, pinned=preview.pinned, **options)


async def enrolled_leads(database: Database, sequence: UUID, **options: Any) -> Done:
    async with staged_leads(database, sequence) as batch:
        preview = await preview_enrol(database, batch)
        return await enrol(database, ME, batch, pinned=preview.pinned, **options)
