"""Writes resolved groups, one batch a transaction, all of one operation (DESIGN 6, "Duplicates").

Locks: projection, open work, messages, ledger, contact rows by id; then all is judged again under them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from engine.operations import journal
from engine.operations.model import WAIT
from engine.operations.resolve_preview import named
from engine.operations.survivorship import Group, GroupKey, judge, parameters
from engine.operations.wording import counted, moment
from engine.projection import project
from engine.store import Transaction

CONTACTS: Final = "sequence_contacts"
MESSAGES: Final = "broadcast_messages"
CONTACT_COLUMNS: Final = ("status", "completed_at", "retry_count")
MESSAGE_COLUMNS: Final = ("status", "error_message", "updated_at")
CHANGED: Final = "the rows changed since the preview; look again"


@dataclass(slots=True)
class Resolving:
    """One call of resolve over its batches."""

    who: str
    reason: str | None
    pinned: str
    keep: Mapping[str, UUID] | None
    wait: bool
    pins: dict[str, str]
    operation: int | None = None
    groups: int = 0
    n: int = 0
    n_last: int = 0
    removed: int = 0
    skipped: int = 0
    may_send: bool = False
    at: datetime | None = None
    refused: list[str] = field(default_factory=list)

    def chosen(self, keys: Sequence[GroupKey]) -> list[UUID]:
        """The rows that the operator wants kept, of these groups."""
        return [self.keep[str(k)] for k in keys if str(k) in self.keep] if self.keep else []

    def count(self, ready: Sequence[Group], now: datetime) -> None:
        """Add a batch that is about to be written."""
        self.n_last = sum(g.changes for g in ready)
        self.groups += len(ready)
        self.n += self.n_last
        self.removed += sum(len(g.removed) for g in ready)
        self.skipped += sum(len(g.survivor.surplus) for g in ready)
        self.may_send = self.may_send or any(g.may_send for g in ready)
        self.at = self.at or now

    def done(self) -> str:
        """The line for the operator: what was done, what is left, from when something may be sent."""
        text = self.summary()
        if self.refused:
            text += f"; {counted(len(self.refused), 'group')} refused: {self.refused[0]}"
        if self.wait and self.sends_from and self.at:
            text += f"; nothing is sent before {moment(self.sends_from, self.at)}"
        return text

    @property
    def sends_from(self) -> datetime | None:
        """From when a message may go out as a result."""
        if self.at is None or not self.may_send:
            return None
        return self.at + WAIT if self.wait else self.at

    def summary(self) -> str:
        """The line of the journal."""
        text = f"resolved {counted(self.groups, 'duplicate group')}, archived {counted(self.removed, 'row')}"
        return text + (f", skipped {counted(self.skipped, 'message')}" if self.skipped else "")


@dataclass(frozen=True, slots=True)
class Locked:
    """A row that is ours now."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Resolved:
    """Who resolved a group."""

    id: int
    who: str
    at: datetime


async def lock_groups(tx: Transaction, keys: Sequence[GroupKey]) -> set[UUID]:
    """Everything that the groups are judged by, in lock order. The caller holds the projection lock.

    Returns the operator's rows that are ours now: one that another session holds is not waited for.
    """
    of = parameters(keys)
    pairs = {"phones": of["phones"], "steps": of["steps"]}
    await tx.run("operations/lock_group_progress", **of)
    locked = await tx.rows(Locked, "operations/lock_group_messages", **pairs)
    await tx.run("operations/lock_group_deliveries", **pairs)
    locked += await tx.rows(Locked, "operations/lock_group_contacts", **of)
    return {row.id for row in locked}


async def why_gone(tx: Transaction, key: GroupKey) -> str:
    """Why a group that was asked for is none any more."""
    found = await tx.one(
        Resolved,
        "operations/resolved_by",
        key=str(key),
        sequence=key.sequence_id,
        phone=key.phone,
        step=key.step_id,
    )
    if found:
        return f"already resolved by {found.who} (operation {found.id})"
    return f"there is no duplicate group {str(key)[:120]}"


async def resolve_batch(
    tx: Transaction, run: Resolving, keys: Sequence[GroupKey]
) -> list[GroupKey]:
    """Resolve these groups; those that changed since the preview, or can't be, are named in `run.refused`.

    Returns the groups of which another session holds a row: they are left as they are.
    """
    await tx.run("session/lock_projection")
    locked = await lock_groups(tx, keys)
    now = await tx.now()
    groups = await judge(tx, keys, run.chosen(keys), now)
    held = [g.key for g in groups if g.refusal is None and not _is_ours(g, locked)]
    groups = [g for g in groups if g.key not in set(held)]
    ready = [g for g in groups if g.refusal is None and g.survivor.pin == run.pins[str(g.key)]]
    run.refused += [f"{named(g)}: {g.refusal or CHANGED}" for g in groups if g not in ready]
    there = {g.key for g in groups} | set(held)
    run.refused += [await why_gone(tx, key) for key in keys if key not in there]
    if not ready:
        return held
    run.count(ready, now)
    await _record(tx, run, now)
    assert run.operation is not None
    await _write_messages(tx, run.operation, ready, now)
    await _write_ledger(tx, run.operation, ready, now)
    await _write_contacts(tx, run.operation, ready)
    await project(
        tx,
        [g.key.track for g in ready],
        now=now,
        not_before=now + WAIT if run.wait else None,
        duplicates=True,
    )
    return held


def _is_ours(group: Group, locked: set[UUID]) -> bool:
    """Whether all that would be written is locked by us; what came since is not."""
    return {row.id for row in group.rows} | set(group.survivor.surplus) <= locked


async def _record(tx: Transaction, run: Resolving, now: datetime) -> None:
    if run.operation is not None:
        await tx.run(
            "operations/extend", operation=run.operation, n=run.n_last, summary=run.summary()
        )
        return
    run.operation = await journal.record(
        tx,
        who=run.who,
        verb="resolve",
        now=now,
        n=run.n,
        summary=run.summary(),
        reason=run.reason,
        target={"groups": len(run.pins)},
        pinned=run.pinned,
    )


async def _write_messages(
    tx: Transaction, operation: int, groups: Sequence[Group], now: datetime
) -> None:
    pairs = [(str(g.key), message) for g in groups for message in g.survivor.surplus]
    if not pairs:
        return
    ids = [message for _, message in pairs]
    images = journal.Images(tx, operation, MESSAGES, MESSAGE_COLUMNS)
    await images.before([unit for unit, _ in pairs], ids)
    await tx.run(
        "operations/skip_messages",
        ids=ids,
        now=now,
        reason=f"duplicate, resolved by operation {operation}",
    )
    await images.after(ids)


async def _write_ledger(
    tx: Transaction, operation: int, groups: Sequence[Group], now: datetime
) -> None:
    rows = [g.survivor for g in groups]
    pairs = [(str(g.key), row.id, g.survivor.id) for g in groups for row in g.removed]
    await tx.run(
        "operations/write_deliveries",
        operation=operation,
        units=[str(g.key) for g in groups],
        phones=[g.key.phone for g in groups],
        steps=[g.key.step_id for g in groups],
        survivors=[r.id for r in rows],
        outcomes=[r.new_outcome for r in rows],
        messages=[r.new_message for r in rows],
        settled_ats=[r.result_completed_at if r.new_outcome == "s" else str(now) for r in rows],
        removed=[removed for _, removed, _ in pairs],
    )
    await tx.run(
        "operations/point_progress",
        operation=operation,
        units=[unit for unit, _, _ in pairs],
        removed=[removed for _, removed, _ in pairs],
        survivors=[survivor for _, _, survivor in pairs],
        tracks=[g.key.sequence_id for g in groups],
        phones=[g.key.phone for g in groups],
    )


async def _write_contacts(tx: Transaction, operation: int, groups: Sequence[Group]) -> None:
    units = [str(g.key) for g in groups for _ in g.removed]
    removed = [row.id for g in groups for row in g.removed]
    await tx.run(
        "operations/journal_removed", operation=operation, rel=CONTACTS, units=units, ids=removed
    )
    await tx.run("operations/remove_contacts", ids=removed)
    images = journal.Images(tx, operation, CONTACTS, CONTACT_COLUMNS)
    kept = [g.survivor for g in groups]
    await images.before([str(g.key) for g in groups], [r.id for r in kept])
    changed = [r for r in kept if r.survivor_changes]
    if changed:
        await tx.run(
            "operations/write_survivors",
            ids=[r.id for r in changed],
            statuses=[r.result for r in changed],
            completed_ats=[r.result_completed_at for r in changed],
            retry_counts=[r.result_retry_count for r in changed],
        )
    await images.after([r.id for r in changed])
