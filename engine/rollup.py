"""Drains the change feed: counters, other writers' edits, duplicate groups (DESIGN 5, counters).

Any process that may write can do it; one does it at a time, and whatever was taken takes effect in the same
transaction. It is what makes a row added by psql show within a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from engine.projection import Track, project, tracks_of
from engine.store import Database, Transaction

PORTION: Final = 100
"""Entries of the feed in one transaction; an entry names at most 1,000 rows."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the feed. `delta` is JSON text of counter deltas."""

    id: int
    kind: str
    ids: list[UUID]
    tracks: list[UUID | None]
    phones: list[str | None]
    delta: str


async def roll_up(database: Database) -> int:
    """Take one portion of the feed; returns how many entries. 0 also when another process is at it."""
    async with database.transaction(writer="engine") as tx:
        if not await tx.value("session/try_lock_projection"):
            return 0
        changes = await tx.rows(Change, "engine/take_changes", limit=PORTION)
        if changes:
            await _apply(tx, changes)
        return len(changes)


async def roll_up_all(database: Database, most: int = 1000) -> int:
    """Drain the feed, for commands that need its end; at most `most` portions."""
    total = 0
    for _ in range(most):
        taken = await roll_up(database)
        total += taken
        if taken < PORTION:
            break
    return total


def _ids(changes: Sequence[Change], kind: str) -> list[UUID]:
    return sorted({i for c in changes if c.kind == kind for i in c.ids if i is not None})


async def _apply(tx: Transaction, changes: Sequence[Change]) -> None:
    now = await tx.now()
    await tx.run("engine/roll_up", deltas=[c.delta for c in changes])
    if devices := _ids(changes, "devices"):
        await tx.run("engine/sync_devices", ids=devices, now=now)
        await tx.run("engine/retry_placement", now=now)
    if sequences := _ids(changes, "sequences"):
        await tx.run("engine/expand_sequences", ids=sequences, now=now)
    tracks: list[Track] = []
    for change in changes:
        if change.kind == "contacts":
            tracks += tracks_of(change.tracks, change.phones)
    if messages := _ids(changes, "messages"):
        await tx.run("engine/find_vanished", ids=messages, now=now)
        await tx.run("engine/adopt_messages", ids=messages, now=now)
        await tx.run("engine/project_campaigns", ids=messages, now=now)
        tracks += await tx.rows(Track, "adopt/tracks_of_messages", ids=messages)
    await project(tx, tracks, now=now, duplicates=True)
