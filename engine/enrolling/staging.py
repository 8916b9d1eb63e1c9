"""People on their way: copied into our own table in portions, each line judged, gone at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Final
from uuid import UUID, uuid4

from engine.enrolling.model import Batch, Facts, Reject
from engine.enrolling.people_file import PeopleFile
from engine.operations.model import OperationRefused
from engine.operations.wording import counted, listed
from engine.store import Database, Transaction

PORTION: Final = 20_000
"""Lines copied and judged in one transaction: memory and locks are bounded by it."""

LEADS_IDS: Final = "uuid"


@dataclass(frozen=True, slots=True)
class _Step:
    id: UUID


@dataclass(frozen=True, slots=True)
class _Text:
    place: str


@asynccontextmanager
async def staged_file(
    database: Database,
    sequence: UUID,
    people: PeopleFile,
    *,
    again: bool = False,
    report: Callable[[int], None] = lambda _: None,
) -> AsyncIterator[Batch]:
    """The people of a file, judged. `report` hears the lines so far. Raises BadFile, OperationRefused."""
    async with _staging(database, sequence, people.name, people.columns, again, False) as batch:
        lines = iter(people.people())
        after = last = 0
        while portion := [
            (batch.id, p.line, p.phone, p.name, p.device, p.fields, p.problem)
            for p in islice(lines, PORTION)
        ]:
            last = portion[-1][1]
            async with database.transaction(writer="engine", statement_timeout="2min") as tx:
                await tx.copy("enroll/copy_arrivals", portion)
                await _judge(tx, batch, after, last)
            after = last
            report(last)
        yield batch


@asynccontextmanager
async def staged_leads(database: Database, sequence: UUID) -> AsyncIterator[Batch]:
    """The leads of the sequence's own user whose words hold its word, whole. Raises OperationRefused."""
    async with database.transaction() as tx:
        facts = await _facts(tx, sequence)
        ids = await tx.value("enroll/leads_exist")
        same = await _names(tx, "enroll/same_word", sequence=sequence)
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
    source = f"leads: {facts.trigger}"
    async with _staging(database, sequence, source, ("niche",), False, True) as batch:
        async with database.transaction(writer="engine", statement_timeout="5min") as tx:
            n = await tx.run("enroll/copy_leads", batch=batch.id, sequence=sequence)
        for after in range(0, n, PORTION):
            async with database.transaction(writer="engine", statement_timeout="2min") as tx:
                await _judge(tx, batch, after, after + PORTION)
        yield batch


async def rejects(database: Database, batch: Batch, span: int = PORTION) -> AsyncIterator[Reject]:
    """Every line that is left out, in order, read `span` lines at a time."""
    for after in range(0, await last_line(database, batch), span):
        async with database.transaction() as tx:
            found = await tx.rows(
                Reject, "enroll/rejects", batch=batch.id, after=after, last=after + span
            )
        for reject in found:
            yield reject


async def last_line(database: Database, batch: Batch) -> int:
    """The last line of a batch; 0: it has none."""
    async with database.transaction(statement_timeout="2min") as tx:
        found: int = await tx.value("enroll/last_line", batch=batch.id)
        return found


@asynccontextmanager
async def _staging(
    database: Database,
    sequence: UUID,
    source: str,
    columns: tuple[str, ...],
    again: bool,
    from_leads: bool,
) -> AsyncIterator[Batch]:
    async with database.transaction() as tx:
        facts = await _facts(tx, sequence)
        await _refuse(tx, facts, columns)
        steps = await tx.rows(_Step, "enroll/steps", sequence=sequence)
    ids = [s.id for s in steps]
    batch = Batch(uuid4(), sequence, source[:200], columns, again, from_leads, ids)
    try:
        yield batch
    finally:
        async with database.transaction(writer="engine", statement_timeout="2min") as tx:
            await tx.run("enroll/leave", batch=batch.id)


async def _facts(tx: Transaction, sequence: UUID) -> Facts:
    facts = await tx.one(Facts, "enroll/facts", sequence=sequence)
    if facts is None:
        raise OperationRefused("the sequence is gone")
    return facts


async def _refuse(tx: Transaction, facts: Facts, columns: tuple[str, ...]) -> None:
    """Whatever would leave people half way (FAILURES 3, 29): all steps can be taken, or nobody comes in."""
    places = await _texts(tx, facts.id, columns)
    problems = {
        "it has no steps": not facts.steps,
        "two of its steps share a day, or one has none: seqconsole decide-order": facts.undecided,
        f"{counted(facts.negative, 'step')} wait less than nothing": facts.negative > 0,
        "a unique key allows a contact one row only (see `seqconsole doctor`, legacy-key)": facts.legacy_key,
        f"nobody could be sent {listed(places)}: no such column (see `seqconsole preview`)": bool(places),
    }  # fmt: skip
    if found := [text for text, so in problems.items() if so]:
        raise OperationRefused(f"sequence {facts.name} takes nobody: {found[0]}")


async def _texts(tx: Transaction, sequence: UUID, columns: tuple[str, ...]) -> list[str]:
    found = await tx.rows(_Text, "enroll/texts", sequence=sequence, columns=list(columns))
    return [t.place for t in found]


async def _names(tx: Transaction, query: str, **params: UUID) -> list[str]:
    return [str(row["name"]) for row in await tx.dicts(query, **params)]


async def _judge(tx: Transaction, batch: Batch, after: int, last: int) -> None:
    await tx.run(
        "enroll/judge",
        batch=batch.id,
        after=after,
        last=last,
        sequence=batch.sequence,
        steps=list(batch.steps),
        again=batch.again,
        now=await tx.now(),
    )


__all__ = ["last_line", "rejects", "staged_file", "staged_leads"]
