"""Drains the change feed: counters, other writers' edits, duplicate groups (DESIGN 5, counters).

Any process that may write can do it; one does it at a time, and whatever was taken takes effect in the same
transaction. It is what makes a row added by psql show within a second.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from engine.projection import Track, Work, project, tracks_of
from engine.store import Database, Rejected, Transaction

log = logging.getLogger(__name__)

PORTION: Final = 20
"""Entries of the feed in one transaction, counters aside; an entry names at most 1,000 rows."""

BULK: Final = 1
"""Of these so many that name many rows, where others wait: what others wrote must not wait for a bulk."""

COUNTERS: Final = "counters"
"""The kind of entries that name no row: up to 1,000 of them are taken with each portion."""

ENDS: Final = 3
"""Portions without more behind them after which the feed counts as drained: rows that are held come again."""

MANY: Final = 60
"""Rows that an entry names from which on it may count as such."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the feed. `delta` is JSON text of counter deltas."""

    id: int
    kind: str
    ids: list[UUID]
    tracks: list[UUID | None]
    phones: list[str | None]
    delta: str
    detail: str


@dataclass(frozen=True, slots=True)
class MessageId:
    """The id of a message."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Taken:
    """What a portion took. `more`: there may be more."""

    entries: int
    more: bool


async def roll_up(database: Database) -> int:
    """Take one portion of the feed; returns how many entries. 0 also when another process is at it."""
    return (await take_portion(database)).entries


async def take_portion(database: Database) -> Taken:
    """Take one portion of the feed; nothing also when another process is at it.

    An entry that can't be applied is found one by one and set aside as a finding: it stops no other.
    """
    try:
        changes = await _roll_up(database, PORTION - BULK, BULK, _apply)
    except Rejected:
        taken = sum([await _roll_up_one(database) for _ in range(PORTION)])
        return Taken(taken, taken >= PORTION)
    bulk = sum(len(c.ids) > MANY for c in changes)
    few = sum(c.kind != COUNTERS for c in changes) - bulk
    return Taken(len(changes), bulk >= BULK or few >= PORTION - BULK)


async def _roll_up_one(database: Database) -> int:
    try:
        return len(await _roll_up(database, 1, 0, _apply))
    except Rejected as error:
        log.warning("roll-up: %s", error)
        return len(await _roll_up(database, 1, 0, partial(_set_aside, str(error))))


async def _roll_up(
    database: Database,
    limit: int,
    bulk: int,
    work: Callable[[Transaction, Sequence[Change]], Awaitable[None]],
) -> Sequence[Change]:
    async with database.transaction(writer="engine") as tx:
        if not await tx.value("session/try_lock_projection"):
            return []
        changes = await tx.rows(Change, "engine/take_changes", limit=limit, bulk=bulk)
        if changes:
            await work(tx, changes)
        return changes


async def roll_up_all(database: Database, most: int = 1000) -> int:
    """Drain the feed, for commands that need its end; at most `most` portions.

    What a portion puts on the feed itself is taken too: a changed sequence puts its tracks on it.
    """
    total = ends = 0
    for _ in range(most):
        taken = await take_portion(database)
        total += taken.entries
        ends = 0 if taken.more else ends + 1
        if not taken.entries or ends >= ENDS:
            break
    return total


def _ids(changes: Sequence[Change], kind: str) -> list[UUID]:
    return sorted({i for c in changes if c.kind == kind for i in c.ids if i is not None})


async def _apply(tx: Transaction, changes: Sequence[Change]) -> None:
    now = await tx.now()
    await tx.run("engine/roll_up", deltas=[c.delta for c in changes])
    await _catalogue(tx, changes, now)
    tracks: list[Track] = []
    for change in changes:
        if change.kind == "contacts":
            tracks += tracks_of(change.tracks, change.phones)
    if messages := _ids(changes, "messages"):
        await tx.run("engine/lock_message_work", ids=messages)
        await tx.run("engine/find_vanished", ids=messages, now=now)
        await tx.run("engine/adopt_messages", ids=messages, now=now)
        await tx.run("engine/skip_superseded", ids=messages, now=now)
        await tx.run("engine/project_campaigns", ids=messages, now=now)
        tracks += await tx.rows(Track, "adopt/tracks_of_messages", ids=messages)
        tracks += await tx.rows(Track, "engine/tracks_of_deliveries", ids=messages)
    if any(c.kind == "truncated" for c in changes):
        await tx.run("adopt/recount")
        await tx.run("engine/find_emptied", now=now)
        tracks += await _orphaned(tx, now)
    open_messages = await _open_messages(tx, tracks)
    await project(tx, tracks, now=now, duplicates=True)
    if ids := sorted({*messages, *open_messages}):
        await tx.run("engine/find_unsendable", ids=ids, now=now)


async def _open_messages(tx: Transaction, tracks: Sequence[Track]) -> list[UUID]:
    """Asked before the tracks are derived anew: a step that is gone leaves no work that names its message."""
    if not tracks:
        return []
    pair = {"tracks": [t.track for t in tracks], "phones": [t.phone for t in tracks]}
    return [m.id for m in await tx.rows(MessageId, "engine/messages_of_tracks", **pair)]


async def _catalogue(tx: Transaction, changes: Sequence[Change], now: datetime) -> None:
    """Devices, sequences, steps; and what another writer did that the operator must hear of."""
    if devices := _ids(changes, "devices"):
        await tx.run("engine/sync_devices", ids=devices, now=now)
        await tx.run("engine/retry_placement", ids=devices, now=now)
    if sequences := _ids(changes, "sequences"):
        await tx.run("engine/expand_sequences", ids=sequences, now=now)
    for change in changes:
        if change.kind in ("another sender", "foreign edit"):
            await tx.run(
                "engine/find_foreign",
                kind=change.kind,
                ids=change.ids,
                detail=change.detail,
                now=now,
            )


async def _orphaned(tx: Transaction, now: datetime) -> list[Track]:
    """Open work whose rows are gone: a table was emptied."""
    work = await tx.rows(Work, "engine/orphaned_work")
    if campaigns := [w.track for w in work if w.campaign]:
        await tx.run("engine/find_vanished", ids=campaigns, now=now)
        await tx.run("engine/project_campaigns", ids=campaigns, now=now)
    return [Track(w.track, w.phone) for w in work if not w.campaign]


async def _set_aside(why: str, tx: Transaction, changes: Sequence[Change]) -> None:
    await tx.run("engine/roll_up", deltas=[c.delta for c in changes])
    for change in changes:
        await tx.run(
            "engine/find_unreadable", change=change.id, ids=change.ids, why=why, now=await tx.now()
        )


async def hold_for_another_sender(database: Database) -> int:
    """Another sender is at work: hold everything while that is seen, charge its sends (DESIGN 5)."""
    async with database.transaction() as tx:
        if not await tx.value("engine/another_sender_seen", now=await tx.now()):
            return 0
    async with database.transaction(writer="engine") as tx:
        await tx.lock_gate(exclusive=True)
        now = await tx.now()
        await tx.run("engine/seed_rings", now=now)
        return await tx.run("engine/hold_for_another_sender", now=now)
