"""Enrol: staged people become contact rows, one whole person at a time, as one operation (DESIGN 6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from engine.enrolling.model import AGAIN, Batch, Capacity, Facts, Verdict
from engine.operations import journal
from engine.operations.model import WAIT, Done, OperationRefused, Preview
from engine.operations.portions import retried
from engine.operations.wording import counted, verb
from engine.projection import Track, project
from engine.store import Database, Transaction

PORTION: Final = 500
"""Lines of a batch in one transaction: so many people at most, all their steps with them."""

CHANGED: Final = "the sequence or who is in it changed since the preview; look again"
RESET: Final = (
    "status", "completed_at", "next_trigger_time", "last_error", "retry_count", "processing_device_id",
    "processing_started_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    line: int
    phone: str
    again: bool


@dataclass(frozen=True, slots=True)
class _New:
    line: int
    phone: str


@dataclass(frozen=True, slots=True)
class _Locked:
    line: int
    phone: str
    ids: list[UUID]


@dataclass(frozen=True, slots=True)
class _Numbered:
    phone: str
    run: int


@dataclass(slots=True)
class _Enrolling:
    """One call of enrol over its portions."""

    who: str
    reason: str | None
    wait: timedelta
    batch: Batch
    facts: Facts
    pinned: str
    keep_words: bool
    operation: int | None = None
    n: int = 0
    again: int = 0
    after: int = 0
    sends_from: datetime | None = None

    def summary(self) -> str:
        """The line for operator and journal."""
        once_more = f", {self.again} of them once more" if self.again else ""
        people = counted(self.n, "person", "people")
        return f"enrolled {people} in {self.facts.name} from {self.batch.source.name}{once_more}"


async def preview_enrol(database: Database, batch: Batch) -> Preview:
    """Who would come in, who is left out and why, and how long the devices need. Raises OperationRefused."""
    async with database.transaction(statement_timeout="2min") as tx:
        facts, pinned = await _known(tx, batch)
        now = await tx.now()
        capacity = await tx.one(Capacity, "enroll/capacity", user=facts.user_id, now=now)
    assert capacity is not None  # an aggregate always answers
    verdicts = batch.verdicts
    people = _people(verdicts)
    once_more = sum(v.n for v in verdicts if v.verdict == AGAIN)
    lines = [
        f"{counted(people, 'person', 'people')} {verb(people, 'comes', 'come')} in, with "
        f"{counted(facts.steps, 'step')} each: {people * facts.steps} messages."
    ]
    if once_more:
        lines.append(f"{once_more} of them went through before: they get every step once more.")
    if abroad := sum(v.abroad for v in verdicts if v.verdict in (None, AGAIN)):
        lines.append(f"{abroad} of the numbers {verb(abroad, 'is', 'are')} from abroad.")
    lines.append(_drained(people * facts.steps, facts, capacity))
    if not facts.active:
        lines.append("The sequence is not active: they wait until it is.")
    left_out = [v for v in verdicts if v.verdict not in (None, AGAIN)]
    refused = tuple(f"{v.n} left out: {v.verdict} (first: line {v.first_line})" for v in left_out)
    title = f"Enrol {batch.source.name} in {facts.name}?"
    return Preview("enroll", title, tuple(lines), people, pinned, refused)


async def enrol(
    database: Database,
    who: str,
    batch: Batch,
    *,
    pinned: str,
    reason: str | None = None,
    now: bool = False,
    keep_words: bool = False,
) -> Done:
    """Let in who was previewed; sent to 10 s ahead at the earliest (`now`: at once).

    `keep_words` leaves the leads' words as they are. Raises OperationRefused where things changed since.
    """
    if batch.id is None:
        raise ValueError("these people were only looked at")
    async with database.transaction(statement_timeout="2min") as tx:
        facts, found = await _known(tx, batch)
    if found != pinned:
        raise OperationRefused(CHANGED)
    left_out = tuple(
        f"{v.n} left out: {v.verdict}" for v in batch.verdicts if v.verdict not in (None, AGAIN)
    )
    nobody = f"nobody new for {facts.name} in {batch.source.name}"
    people = _people(batch.verdicts)
    if not people:
        return Done(None, 0, nobody, left_out)
    wait = timedelta(0) if now else WAIT
    done = _Enrolling(who, reason, wait, batch, facts, pinned, keep_words)
    while done.after < batch.last_line:
        done = await retried(partial(_portion, database, done))
    if missed := people - done.n:
        left_out += (f"{missed} left out: came in or changed meanwhile",)
    if done.operation is None:
        return Done(None, 0, nobody, left_out)
    return Done(done.operation, done.n, done.summary(), left_out, sends_from=done.sends_from)


async def _known(tx: Transaction, batch: Batch) -> tuple[Facts, str]:
    facts = await tx.one(Facts, "enroll/facts", sequence=batch.sequence)
    if facts is None:
        raise OperationRefused("the sequence is gone")
    seen = json.dumps([facts.hash, facts.active, [(v.verdict, v.n) for v in batch.verdicts]])
    return facts, hashlib.sha256(seen.encode()).hexdigest()


def _people(verdicts: Sequence[Verdict]) -> int:
    return sum(v.n for v in verdicts if v.verdict in (None, AGAIN))


def _drained(messages: int, facts: Facts, capacity: Capacity) -> str:
    """How long the devices need: their rate, what they have before, and the steps' own waits."""
    if not capacity.per_day:
        return "No device of its user can send: nothing goes out until one can."
    days = (messages + capacity.queued) / capacity.per_day
    waits = facts.hours / 24
    return (
        f"{counted(capacity.devices, 'device')} of its user, at the present limits {capacity.per_day} a day, "
        f"{capacity.queued} queued before: drained in about {max(days, waits):.1f} days "
        f"({days:.1f} of sending, {waits:.1f} from first to last step)."
    )


class _Nobody(Exception):
    """Nobody of a portion came in, and no operation had begun: it leaves no trace."""


async def _portion(database: Database, before: _Enrolling) -> _Enrolling:
    """The people of the next lines, in one transaction. What is counted counts where it commits."""
    run = copy(before)
    run.after = before.after + PORTION
    try:
        async with database.transaction(writer="operator", statement_timeout="2min") as tx:
            lines = await tx.rows(
                _Line, "enroll/portion", batch=run.batch.id, after=before.after, last=run.after
            )
            if lines:
                await _let_in(tx, run, lines)
                if run.n == 0:
                    raise _Nobody
    except _Nobody:
        run.operation, run.sends_from = None, None
    return run


async def _let_in(tx: Transaction, run: _Enrolling, lines: Sequence[_Line]) -> None:
    """These people, judged again under the projection lock, with all that follows."""
    await tx.run("session/lock_projection")
    batch = run.batch
    facts = await tx.one(Facts, "enroll/facts", sequence=batch.sequence)
    if facts is None or facts.hash != run.facts.hash:
        begun = run.operation is not None
        raise OperationRefused(
            f"{run.summary()}; then its steps were changed" if begun else CHANGED
        )
    now = await tx.now()
    await _begin(tx, run, now)
    of: dict[str, object] = {
        "batch": batch.id,
        "sequence": batch.sequence,
        "steps": list(batch.steps),
        "operation": run.operation,
        "source": batch.source.name,
        "now": now,
        "first": lines[0].line,
        "last": lines[-1].line,
    }
    new = await tx.rows(_New, "enroll/insert_new", **of)
    again = await _again(tx, of) if any(x.again for x in lines) else []
    if batch.source.from_leads and not run.keep_words:
        await tx.run("enroll/take_words", **of, lines=[x.line for x in new])
    phones = [x.phone for x in new] + again
    not_before = max(now, run.sends_from or now)
    await project(tx, [Track(batch.sequence, p) for p in phones], now=now, not_before=not_before)
    run.n += len(phones)
    run.again += len(again)
    of_journal = {"operation": run.operation, "n": len(phones), "summary": run.summary()}
    await tx.run("operations/extend", **of_journal)


async def _begin(tx: Transaction, run: _Enrolling, now: datetime) -> None:
    if run.operation is not None:
        return
    run.operation = await journal.record(
        tx,
        who=run.who,
        verb="enroll",
        now=now,
        n=0,
        summary=run.summary(),
        reason=run.reason,
        target={"scope": "sequence", "keys": [str(run.facts.id)], "names": [run.facts.name]},
        pinned=run.pinned,
    )
    run.sends_from = now + run.wait
    if run.batch.source.columns:
        await tx.run(
            "enroll/know_columns",
            sequence=run.facts.id,
            operation=run.operation,
            columns=list(run.batch.source.columns),
        )


async def _again(tx: Transaction, of: dict[str, object]) -> list[str]:
    """Once more: what they had becomes an earlier run, their rows wait again. Returns their phones."""
    found = await tx.rows(_Locked, "enroll/again_lock", **of)
    if not found:
        return []
    ids = [id_ for one in found for id_ in one.ids]
    units = [f"{of['sequence']}|{one.phone}" for one in found for _ in one.ids]
    numbered = await tx.rows(
        _Numbered,
        "enroll/again_ledger",
        phones=[one.phone for one in found],
        sequence=of["sequence"],
        steps=of["steps"],
    )
    operation = of["operation"]
    assert isinstance(operation, int)
    images = journal.Images(tx, operation, "sequence_contacts", RESET)
    await images.before(units, ids)
    await tx.run("enroll/again_reset", ids=ids, sequence=of["sequence"], now=of["now"])
    await images.after(ids)
    await tx.run(
        "enroll/again_insert",
        **of,
        phones=[n.phone for n in numbered],
        runs=[n.run for n in numbered],
    )
    return [n.phone for n in numbered]
