"""Skips what is too old to be worth sending (DESIGN 5, pause), and takes it back chain by chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from engine.operations import journal
from engine.operations.model import WAIT, Done, InFlight, Target
from engine.operations.portions import HELD
from engine.operations.resolve_batch import CONTACTS, MESSAGES, Locked
from engine.operations.undo_groups import ChangedRow
from engine.operations.undo_holds import ChangedUnit
from engine.operations.wording import counted, listed
from engine.phones import masked
from engine.projection import Track, project
from engine.store import Database, Transaction

REASON: Final = "skipped: stale"
PORTION: Final = 500


@dataclass(frozen=True, slots=True)
class Stale:
    """Open work that is older than what is worth sending."""

    contact_id: UUID | None
    message_id: UUID | None
    track: UUID
    phone_key: str
    run: int
    unit: str


FIRST: Final = Stale(None, None, UUID(int=0), "", 0, "")
"""Before all of them."""


async def skip_stale(
    database: Database,
    who: str,
    target: Target,
    older: timedelta,
    *,
    reason: str | None = None,
    parked: bool = False,
) -> Done:
    """Skip the due messages of a scope that are older than that (`parked`: of what is parked as overdue).

    What follows for the same people is sent 10 s from now at the earliest.
    """
    operation, n, before, held = None, 0, None, 0
    last: Stale | None = FIRST
    while last is not None:
        async with database.transaction(writer="operator") as tx:
            await tx.lock_gate(exclusive=True)
            await tx.run("session/lock_projection")
            now = await tx.now()
            before = before or now - older
            found = await _stale(tx, target, before, now, parked, last)
            rows = await _free(tx, found)
            held += len(found) - len(rows)
            last = found[-1] if len(found) == PORTION else None
            if not rows:
                continue
            n += len(rows)
            summary = f"skipped {counted(n, 'message')} older than {older}"
            if operation is None:
                operation = await journal.record(
                    tx, who=who, verb="skip stale", now=now, n=0, summary=summary, reason=reason
                )
            await _skip(tx, operation, rows, now)
            await tx.run("operations/extend", operation=operation, n=len(rows), summary=summary)
    refused = (f"{counted(held, 'message')}: {HELD}",) if held else ()
    return Done(operation, n, f"skipped {counted(n, 'message')} older than {older}", refused)


async def count_stale(
    database: Database, target: Target, older: timedelta, *, parked: bool = False
) -> int:
    """How many `skip_stale` would skip."""
    async with database.transaction() as tx:
        return await stale_in(tx, target, older, await tx.now(), parked=parked)


async def stale_in(
    tx: Transaction, target: Target, older: timedelta, now: datetime, *, parked: bool = False
) -> int:
    """The same, in a transaction."""
    n: int = await tx.value(
        "operations/count_stale",
        scope=target.scope,
        keys=list(target.keys),
        before=now - older,
        now=now,
        overdue=parked,
    )
    return n


async def _stale(
    tx: Transaction,
    target: Target,
    before: datetime,
    now: datetime,
    parked: bool,
    after: Stale,
) -> list[Stale]:
    return await tx.rows(
        Stale,
        "operations/stale_work",
        scope=target.scope,
        keys=list(target.keys),
        before=before,
        now=now,
        overdue=parked,
        limit=PORTION,
        track=after.track,
        phone=after.phone_key,
        run=after.run,
    )


async def _free(tx: Transaction, rows: Sequence[Stale]) -> list[Stale]:
    """Those whose message and contact row no other session holds: they are ours now. None is waited for."""
    held = await tx.rows(
        Locked,
        "operations/lock_free_rows",
        messages=[r.message_id for r in rows if r.message_id is not None],
        contacts=[r.contact_id for r in rows if r.contact_id is not None],
    )
    theirs = {row.id for row in held}
    return [r for r in rows if r.message_id not in theirs and r.contact_id not in theirs]


async def _skip(tx: Transaction, operation: int, rows: Sequence[Stale], now: datetime) -> None:
    queued = {r.message_id: r.unit for r in rows if r.message_id is not None}
    people = {r.contact_id: r.unit for r in rows if r.contact_id is not None}
    messages = journal.Images(tx, operation, MESSAGES, ("status", "error_message", "updated_at"))
    contacts = journal.Images(tx, operation, CONTACTS, ("status", "last_error"))
    await messages.before(list(queued.values()), list(queued))
    await contacts.before(list(people.values()), list(people))
    units = [r.unit for r in rows]
    await tx.run("operations/journal_work", operation=operation, units=units, now=now)
    await tx.run("operations/skip_messages", ids=list(queued), now=now, reason=REASON)
    await tx.run(
        "operations/skip_deliveries",
        operation=operation,
        ids=list(queued),
        units=list(queued.values()),
        now=now,
    )
    await tx.run("operations/skip_contacts", ids=list(people), reason=REASON)
    await messages.after(list(queued))
    await contacts.after(list(people))
    await derive(tx, units, now)


async def derive(tx: Transaction, units: Sequence[str], now: datetime) -> None:
    """The open work of these chains anew, and nothing of it before the wait is over."""
    parts = [unit.split("|") for unit in units]
    tracks = [Track(UUID(p[0]), p[1]) for p in parts]
    found = await tx.dicts("operations/campaigns_among", ids=[t.track for t in tracks])
    campaigns = [row["id"] for row in found]
    await project(
        tx, [t for t in tracks if t.track not in set(campaigns)], now=now, not_before=now + WAIT
    )
    await tx.run("engine/project_campaigns", ids=campaigns, now=now)
    await tx.run("operations/postpone_campaigns", ids=campaigns, not_before=now + WAIT)


@dataclass(frozen=True, slots=True)
class StaleUndo:
    """Undo of the operation `skip stale`, made at `at`; the unit is a person's chain."""

    operation: int
    at: datetime
    noun: ClassVar[str] = "message"

    async def lock(self, tx: Transaction) -> None:
        """The gate and the projection: nothing of the chains moves meanwhile."""
        await tx.lock_gate(exclusive=True)
        await tx.run("session/lock_projection")

    async def lock_rows(self, tx: Transaction, units: Sequence[str]) -> None:
        """The gate and the projection are enough."""

    async def blocked(self, tx: Transaction, units: Sequence[str], now: datetime) -> dict[str, str]:
        """Later attempts on the chain, later edits of what was written."""
        of = {"operation": self.operation, "units": list(units)}
        found: dict[str, str] = {}
        for unit in await tx.rows(ChangedUnit, "operations/changed_deliveries", **of):
            found[unit.unit] = "its place in the ledger was changed since"
        for rel in (CONTACTS, MESSAGES):
            for row in await tx.rows(ChangedRow, "operations/changed_rows", **of, rel=rel):
                found[row.unit] = f"{listed(row.columns)} of row {row.id} of {rel} changed since"
        for unit in await tx.rows(
            ChangedUnit, "operations/attempts_on_tracks", units=list(units), at=self.at
        ):
            found[unit.unit] = "a message of it was tried since"
        return {unit: f"{masked(unit.split('|')[1])}: {why}" for unit, why in found.items()}

    async def restore(
        self, tx: Transaction, undo: int, units: Sequence[str], now: datetime
    ) -> datetime | None:
        """Messages, ledger and contact rows as they were; what is due then waits 10 s."""
        of = {"operation": self.operation, "units": list(units)}
        await tx.value("operations/restore_columns", **of, rel=MESSAGES)
        await tx.run("operations/restore_deliveries", **of)
        await tx.value("operations/restore_columns", **of, rel=CONTACTS)
        await derive(tx, units, now)
        await tx.run("operations/restore_work", **of)
        return now + WAIT

    async def flying(self, tx: Transaction, units: Sequence[str]) -> Sequence[InFlight]:
        """A chain with something in flight is not undone."""
        return ()
