"""Writes a portion of what is moved: open work, messages, ledger and contact rows, each with its images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from engine.operations import journal
from engine.operations.reassign_plan import Work
from engine.operations.resolve_batch import CONTACTS, MESSAGES
from engine.store import Transaction

MESSAGE_COLUMNS: Final = ("device_id", "updated_at")
CONTACT_COLUMNS: Final = ("assigned_device_id",)


@dataclass(frozen=True, slots=True)
class LockedWork:
    """Open work under our lock; a waiting one has no message yet."""

    track: UUID
    phone: str
    run: int
    message_id: UUID | None

    @property
    def unit(self) -> str:
        """The unit of undo."""
        return f"{self.track}|{self.phone}|{self.run}"


@dataclass(frozen=True, slots=True)
class _Id:
    id: UUID


@dataclass(frozen=True, slots=True)
class LockedContact:
    """A contact row; `ours`: under our lock, else another session holds it."""

    id: UUID
    track: UUID
    phone: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Locked:
    """All that a portion moves, and the units of which another session holds a row."""

    work: Sequence[LockedWork]
    contacts: Sequence[LockedContact]
    held: Sequence[str]


async def lock(tx: Transaction, device: UUID, work: Sequence[Work]) -> Locked:
    """Lock a portion in lock order; what was claimed, queued elsewhere or edited meanwhile is not in it."""
    found = await tx.rows(
        LockedWork,
        "operations/reassign_lock_work",
        device=device,
        tracks=[w.track for w in work],
        phones=[w.phone for w in work],
        runs=[w.run for w in work],
    )
    queued = [w.message_id for w in found if w.message_id is not None]
    free = {
        row.id
        for row in await tx.rows(
            _Id, "operations/reassign_lock_messages", device=device, ids=queued
        )
    }
    mine = [w for w in found if w.message_id is None or w.message_id in free]
    await tx.run("operations/reassign_lock_deliveries", ids=sorted(free))
    contacts = await tx.rows(
        LockedContact,
        "operations/reassign_lock_contacts",
        device=device,
        tracks=[w.track for w in mine],
        phones=[w.phone for w in mine],
    )
    theirs = {(c.track, c.phone) for c in contacts if not c.ours}
    moved = [w for w in mine if (w.track, w.phone) not in theirs]
    units = {w.unit for w in moved}
    return Locked(
        moved,
        [c for c in contacts if (c.track, c.phone) not in theirs],
        [w.unit for w in found if w.unit not in units],
    )


async def write(
    tx: Transaction,
    operation: int,
    locked: Locked,
    of: Mapping[str, UUID],
    not_before: datetime,
    now: datetime,
) -> None:
    """Give each person's locked rows the new device; nothing of it may go out before `not_before`."""
    queued = [w for w in locked.work if w.message_id is not None]
    ids = [w.message_id for w in queued if w.message_id is not None]
    devices = [of[w.phone] for w in queued]
    units = [w.unit for w in queued]
    messages = journal.Images(tx, operation, MESSAGES, MESSAGE_COLUMNS)
    await messages.before(units, ids)
    await tx.run("operations/reassign_messages", ids=ids, devices=devices, now=now)
    await messages.after(ids)
    await tx.run(
        "operations/reassign_deliveries", operation=operation, ids=ids, devices=devices, units=units
    )
    await _write_contacts(tx, operation, locked, of)
    await tx.run(
        "operations/reassign_work_rows",
        operation=operation,
        tracks=[w.track for w in locked.work],
        phones=[w.phone for w in locked.work],
        runs=[w.run for w in locked.work],
        devices=[of[w.phone] for w in locked.work],
        not_before=not_before,
    )


async def _write_contacts(
    tx: Transaction, operation: int, locked: Locked, of: Mapping[str, UUID]
) -> None:
    unit = {(w.track, w.phone): w.unit for w in locked.work}
    ids = [c.id for c in locked.contacts]
    images = journal.Images(tx, operation, CONTACTS, CONTACT_COLUMNS)
    await images.before([unit[c.track, c.phone] for c in locked.contacts], ids)
    await tx.run(
        "operations/reassign_contacts", ids=ids, devices=[of[c.phone] for c in locked.contacts]
    )
    await images.after(ids)
