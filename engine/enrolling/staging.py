"""People on their way: read in portions, each line judged, then copied into our own table, gone at the end.

Who only looks copies nothing: a role that may not write sees the same preview.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from engine.enrolling.judging import Judged, judged
from engine.enrolling.model import Batch, Facts, Reject, Source
from engine.enrolling.people_file import PeopleFile, Person
from engine.enrolling.sources import in_file, in_leads, word_of
from engine.operations.model import OperationRefused
from engine.operations.wording import counted, listed
from engine.store import Database, Transaction
from engine.store.errors import DatabaseUnavailable

PORTION: Final = 20_000
"""Lines judged and copied in one transaction: memory and locks are bounded by it."""


@dataclass(frozen=True, slots=True)
class _Step:
    id: UUID


@dataclass(frozen=True, slots=True)
class _Text:
    place: str


def _unheard(_: object) -> None:
    """Nobody listens."""


@asynccontextmanager
async def staged_file(
    database: Database,
    sequence: UUID,
    people: PeopleFile,
    *,
    again: bool = False,
    looking: bool = False,
    left_out: Callable[[Reject], None] = _unheard,
) -> AsyncIterator[Batch]:
    """The people of a file, judged. `looking` writes nothing; `left_out` hears each line that is left out.

    Raises BadFile, OperationRefused.
    """
    source = Source(people.name[:200], people.columns, again)
    lines = in_file(people, PORTION)
    async with _staging(database, sequence, source, lines, looking, left_out) as batch:
        yield batch


@asynccontextmanager
async def staged_leads(
    database: Database,
    sequence: UUID,
    *,
    looking: bool = False,
    left_out: Callable[[Reject], None] = _unheard,
) -> AsyncIterator[Batch]:
    """The leads of the sequence's own user whose words hold its word, whole. Raises OperationRefused."""
    word = await word_of(database, sequence)
    source = Source(f"leads: {word}"[:200], ("niche",), from_leads=True)
    lines = in_leads(database, sequence, PORTION)
    async with _staging(database, sequence, source, lines, looking, left_out) as batch:
        yield batch


@asynccontextmanager
async def _staging(
    database: Database,
    sequence: UUID,
    source: Source,
    portions: AsyncIterator[Sequence[Person]],
    looking: bool,
    left_out: Callable[[Reject], None],
) -> AsyncIterator[Batch]:
    async with database.transaction() as tx:
        await _refuse(tx, sequence, source.columns)
        steps = [s.id for s in await tx.rows(_Step, "enroll/steps", sequence=sequence)]
    batch = None if looking else uuid4()
    writer = "" if looking else "engine"
    so_far = Judged(sequence, steps, source.again)
    try:
        async for portion in portions:
            async with database.transaction(writer=writer, statement_timeout="2min") as tx:
                lines = await judged(tx, portion, so_far)
                if batch is not None:
                    rows = [(batch, *line.columns) for line in lines]
                    await tx.copy("enroll/copy_arrivals", rows)
            for line in lines:
                if line.left_out:
                    left_out(line.reject)
        yield Batch(batch, sequence, source, steps, so_far.verdicts(), so_far.last_line)
    finally:
        if batch is not None:
            with suppress(DatabaseUnavailable):  # the next enrolment takes it away
                async with database.transaction(writer="engine", statement_timeout="2min") as tx:
                    await tx.run("enroll/leave", batch=batch)


async def _refuse(tx: Transaction, sequence: UUID, columns: tuple[str, ...]) -> None:
    """Whatever would leave people half way (FAILURES 3, 29): all steps can be taken, or nobody comes in."""
    facts = await tx.one(Facts, "enroll/facts", sequence=sequence)
    if facts is None:
        raise OperationRefused("the sequence is gone")
    of = {"sequence": sequence, "columns": list(columns)}
    places = [t.place for t in await tx.rows(_Text, "enroll/texts", **of)]
    problems = {
        "it has no steps": not facts.steps,
        "two of its steps share a day, or one has none: seqconsole decide-order": facts.undecided,
        f"{counted(facts.negative, 'step')} wait less than nothing": facts.negative > 0,
        "a unique key allows a contact one row only (see `seqconsole doctor`, legacy-key)": facts.legacy_key,
        f"nobody could be sent {listed(places)}: no such column (see `seqconsole preview`)": bool(places),
    }  # fmt: skip
    if found := [text for text, so in problems.items() if so]:
        raise OperationRefused(f"sequence {facts.name} takes nobody: {found[0]}")


__all__ = ["staged_file", "staged_leads"]
