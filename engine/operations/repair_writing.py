"""Writes judged repairs: attempts, messages, ledger, contact rows, open work, each with its images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from engine.operations import journal
from engine.operations.repair_facts import Facts, Pair
from engine.operations.resolve_batch import CONTACTS, MESSAGES, Locked
from engine.projection import Track, project
from engine.store import Transaction

CONTACT_COLUMNS: Final = (
    "status",
    "completed_at",
    "last_error",
    "sequence_stepid",
    "processing_device_id",
    "processing_started_at",
)
MESSAGE_COLUMNS: Final = ("status", "error_message", "scheduled_at", "sent_at", "updated_at")
GONE: Final = "gone"
OPEN: Final = "open"
NIL: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one step. None leaves as it is; an `error` of None clears it.

    `ledger`: the ledger's outcome, OPEN, or GONE where nothing of the step is queued any more.
    `sent_at`: when it was sent, as the database writes times; "" for now. `resends`: the message is
    queued again. `forgets`: open work starts anew, without its last attempt.
    """

    kind: str
    contact: str | None = None
    contact_error: str | None = None
    message: str | None = None
    message_error: str | None = None
    ledger: str | None = None
    evidence: str | None = None
    attempt: str | None = None
    sent_at: str | None = None
    link: UUID | None = None
    resends: bool = False
    forgets: bool = False
    may_send: bool = False
    after_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a person, and what becomes of it."""

    facts: Facts
    change: Change

    @property
    def pair(self) -> Pair:
        """Its contact row and message."""
        return Pair(self.facts.contact_id, self.facts.message_id)

    @property
    def writes_contact(self) -> bool:
        """Whether the contact row is written."""
        return self.facts.contact_id is not None and (
            self.change.contact is not None or self.change.link is not None
        )

    @property
    def completes(self) -> bool:
        """Whether the contact row is completed and does not say yet when it was."""
        return self.change.contact == "completed" and self.facts.completed_at is None

    @property
    def writes_message(self) -> bool:
        """Whether the message is written."""
        return self.facts.message_id is not None and self.change.message is not None

    @property
    def rows(self) -> int:
        """How many of the operator's rows it changes."""
        return self.writes_contact + self.writes_message

    @property
    def step_id(self) -> UUID | None:
        """The step it is about, once it is linked."""
        return self.change.link or self.facts.step_id


async def lock_steps(
    tx: Transaction, units: Mapping[str, list[Step]]
) -> tuple[dict[str, list[Step]], list[str]]:
    """Lock everything the chains are judged by, in lock order; the caller holds gate and projection.

    A row of the operator's that another session holds is not waited for: returned are the chains that
    are wholly ours, and the names of the others.
    """
    facts = [step.facts for steps in units.values() for step in steps]
    await tx.run(
        "engine/lock_tracks",
        tracks=[f.track for f in facts],
        phones=[f.phone_key for f in facts],
    )
    messages = _ids(f.message_id for f in facts)
    locked = await tx.rows(Locked, "operations/repair_lock_messages", ids=messages)
    await tx.run(
        "operations/repair_lock_deliveries",
        phones=[f.phone_key for f in facts],
        steps=[step.step_id for steps in units.values() for step in steps],
    )
    contacts = _ids(f.contact_id for f in facts)
    locked += await tx.rows(Locked, "operations/repair_lock_contacts", ids=contacts)
    ours = {row.id for row in locked} | {None}
    free = {
        unit: steps
        for unit, steps in units.items()
        if all({s.facts.contact_id, s.facts.message_id} <= ours for s in steps)
    }
    return free, [unit for unit in units if unit not in free]


async def write_steps(
    tx: Transaction, operation: int, steps: Sequence[Step], now: datetime, not_before: datetime
) -> None:
    """Write the changes and derive what follows, not before that time. After-images come last."""
    await _write_attempts(tx, operation, steps, now)
    await tx.run(
        "operations/journal_work",
        operation=operation,
        units=[s.facts.unit for s in steps],
        now=now,
    )
    await _forget(tx, steps)
    messages = await _write_messages(tx, operation, steps, now, not_before)
    await _write_ledger(tx, operation, steps, now)
    contacts = await _write_contacts(tx, operation, steps, now)
    await derive(tx, sorted({s.facts.unit for s in steps}), now, not_before)
    if written := [s.facts.message_id for s in steps if s.writes_message]:
        await tx.run("engine/find_unsendable", ids=written, now=now)
    await messages.after([s.facts.message_id for s in steps if s.facts.message_id])
    await contacts.after([s.facts.contact_id for s in steps if s.facts.contact_id])


async def derive(
    tx: Transaction, units: Sequence[str], now: datetime, not_before: datetime
) -> None:
    """The open work of these chains anew, and nothing of it before that time."""
    parts = [unit.split("|") for unit in units]
    tracks = [Track(UUID(p[0]), p[1]) for p in parts]
    found = await tx.dicts("operations/campaigns_among", ids=[t.track for t in tracks])
    campaigns = [row["id"] for row in found]
    alone = set(campaigns)
    ways = [t for t in tracks if t.track not in alone]
    await project(tx, ways, now=now, not_before=not_before, duplicates=True)
    if campaigns:
        await tx.run("engine/project_campaigns", ids=campaigns, now=now)
        await tx.run("operations/postpone_campaigns", ids=campaigns, not_before=not_before)


async def _write_attempts(
    tx: Transaction, operation: int, steps: Sequence[Step], now: datetime
) -> None:
    settled = [s for s in steps if s.change.attempt is not None]
    if settled:
        await tx.run(
            "operations/repair_attempts",
            operation=operation,
            units=[s.facts.unit for s in settled],
            ids=[s.facts.attempt_id for s in settled],
            claimed_ats=[s.facts.attempt_claimed_at for s in settled],
            outcomes=[s.change.attempt for s in settled],
            now=now,
        )


async def _forget(tx: Transaction, steps: Sequence[Step]) -> None:
    anew = {(s.facts.track, s.facts.phone_key) for s in steps if s.change.forgets}
    if anew:
        await tx.run(
            "operations/forget_attempts",
            tracks=[track for track, _ in anew],
            phones=[phone for _, phone in anew],
        )


async def _write_messages(
    tx: Transaction, operation: int, steps: Sequence[Step], now: datetime, due: datetime
) -> journal.Images:
    written = [s for s in steps if s.writes_message]
    ids = [s.facts.message_id for s in written if s.facts.message_id]
    images = journal.Images(tx, operation, MESSAGES, MESSAGE_COLUMNS)
    if not ids:
        return images
    await images.before([s.facts.unit for s in written], ids)
    again = [s for s in written if s.change.resends]
    sent = [s for s in written if s.change.message == "sent" and s.change.sent_at is not None]
    other = {id(s) for s in (*again, *sent)}
    rest = [s for s in written if id(s) not in other]
    if rest:
        await tx.run("operations/repair_messages", **_message_values(rest), now=now)
    if again:
        await tx.run("operations/repair_messages_again", **_message_values(again), now=now, at=due)
    if sent:
        ats = _texts([s.change.sent_at or now for s in sent])
        await tx.run("operations/repair_messages_sent", **_message_values(sent), now=now, ats=ats)
    return images


def _message_values(steps: Sequence[Step]) -> dict[str, list[Any]]:
    return {
        "ids": [s.facts.message_id for s in steps],
        "statuses": [s.change.message for s in steps],
        "errors": [s.change.message_error for s in steps],
    }


async def _write_ledger(
    tx: Transaction, operation: int, steps: Sequence[Step], now: datetime
) -> None:
    written = [s for s in steps if s.change.ledger is not None]
    if written:
        await tx.run(
            "operations/repair_deliveries",
            operation=operation,
            units=[s.facts.unit for s in written],
            phones=[s.facts.phone_key for s in written],
            steps=[s.step_id for s in written],
            outcomes=[s.change.ledger for s in written],
            evidences=[s.change.evidence for s in written],
            messages=[s.facts.message_id for s in written],
            contacts=[s.facts.contact_id for s in written],
            settled_ats=[
                s.facts.completed_at if s.change.evidence == "h" else None for s in written
            ],
            now=now,
        )


async def _write_contacts(
    tx: Transaction, operation: int, steps: Sequence[Step], now: datetime
) -> journal.Images:
    written = [s for s in steps if s.writes_contact]
    ids = [s.facts.contact_id for s in written if s.facts.contact_id]
    images = journal.Images(tx, operation, CONTACTS, CONTACT_COLUMNS)
    if not ids:
        return images
    await images.before([s.facts.unit for s in written], ids)
    completed = [s for s in written if s.completes]
    rest = [s for s in written if not s.completes]
    if rest:
        await tx.run("operations/repair_contacts", **_contact_values(rest))
    if completed:
        ats = _texts([s.change.sent_at or s.facts.sent_at or now for s in completed])
        await tx.run("operations/repair_contacts_completed", **_contact_values(completed), ats=ats)
    return images


def _contact_values(steps: Sequence[Step]) -> dict[str, list[Any]]:
    return {
        "ids": [s.facts.contact_id for s in steps],
        "statuses": [s.change.contact for s in steps],
        "errors": [s.change.contact_error for s in steps],
        "steps": [s.change.link for s in steps],
        "keeps": [s.change.link is not None for s in steps],
    }


def _texts(times: Sequence[str | datetime]) -> list[str]:
    """Times as the database reads them; those it wrote itself come back to the microsecond."""
    return [str(at) for at in times]


def _ids(found: Any) -> list[UUID]:
    return sorted({i for i in found if i is not None})
