"""Fills the ledger and the open work from what is in the operator's tables, once (DESIGN 8).

Set-based, in portions by key. A portion and the place where the next one begins are one transaction, so a run
that was interrupted goes on from there. What other writers do meanwhile is on the feed, read at the end.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from random import random
from time import monotonic
from typing import Any, Final
from uuid import UUID

from engine.projection import Track, project
from engine.rollup import PORTION as ENTRIES
from engine.rollup import roll_up_all
from engine.store import Busy, Database, Transaction
from engine.store.migrator import Holder

NIL: Final = UUID(int=0)
PORTION: Final = 20000
"""Rows of the operator's tables that are read in one transaction."""

TRIES: Final = 100
"""How often a portion is tried that meets rows which another session has locked; 100 ms each, and a pause."""

TELL: Final = 10.0
"""Seconds after which a stage says how far it is."""

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Portion:
    """How far a portion came. `after`: where the next one begins; None: not one key was read to its end."""

    after: list[Any] | None
    more: bool
    rows: int


@dataclass(frozen=True, slots=True)
class Id:
    """An id, read by key."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Person:
    """The last person of a portion whose rows were all read."""

    after: str | None
    more: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A track of a portion of contact rows. `behind`: the ledger knows more than a row of it.

    `is_last`: the place and nothing else.
    """

    track: UUID
    phone: str
    open: bool
    doubled: bool
    behind: bool
    is_last: bool
    more: bool


@dataclass(frozen=True, slots=True)
class Late:
    """Rows that other writers touched meanwhile: an entry of the feed."""

    id: int
    ids: list[UUID]


Work = Callable[[Transaction, list[Any], int], Awaitable[Portion]]


def writing(
    database: Database, *, lock_timeout: str = "100ms", repeatable: bool = False
) -> AbstractAsyncContextManager[Transaction]:
    """A transaction of the adoption.

    It waits for a row less long than PostgreSQL takes to look for a deadlock: the one that gives up is ours.
    """
    return database.transaction(
        writer="migrate",
        statement_timeout="10min",
        lock_timeout=lock_timeout,
        repeatable=repeatable,
    )


async def fill(database: Database, report: Report) -> None:
    """Deliveries from history, open work, duplicate groups, counters, devices; once."""
    async with database.transaction() as tx:
        if await tx.value("adopt/adopted"):
            return
    async with writing(database, lock_timeout="30s") as tx:
        await tx.run("session/lock_projection")
        now = await tx.now()
        await tx.run("adopt/begin", now=now)
        await tx.run("engine/sync_devices", ids=None, now=now)
        if await tx.value("adopt/place", stage="messages") is None:
            await tx.run("adopt/drop_message_index")
    report("reading what was sent")
    await _portions(database, report, "messages", [""], _read_messages)
    await _portions(database, report, "without sequence", [""], _read_without_sequence)
    async with writing(database, lock_timeout="30s") as tx:
        await tx.run("adopt/memory")
        await tx.run("adopt/message_index")
        await tx.run("adopt/analyze")
    report("deriving what is next for each contact")
    await _portions(database, report, "contacts", [str(NIL), ""], _read_contacts)
    await _portions(database, report, "open messages", [str(NIL)], _read_open_messages)
    report("reading what changed meanwhile")
    await _portions(database, report, "late messages", [0], _read_late_messages)
    await _portions(database, report, "late contacts", [0], _read_late_contacts)
    report("counting")
    async with writing(database) as tx:
        await tx.run("adopt/analyze_ours")
    await recount(database)
    async with writing(database) as tx:
        await tx.run("adopt/mark_adopted", now=await tx.now())
        portions = int(await tx.value("adopt/feed_length")) // ENTRIES + 1
    await roll_up_all(database, most=portions)  # bounded: others may write as fast as it reads


async def recount(database: Database) -> int:
    """Count everything again in one snapshot; returns the number of counters that were wrong."""
    for attempt in range(TRIES):
        try:
            async with writing(database, lock_timeout="30s", repeatable=True) as tx:
                await tx.run("session/lock_projection")
                return int(await tx.value("adopt/recount"))
        except Busy:
            await _pause(attempt)
    raise Busy("the counters change faster than they can be counted; try again")


async def _portions(
    database: Database, report: Report, stage: str, first: list[Any], work: Work
) -> None:
    """One stage: portions from the place that is noted for it to its end."""
    limit, attempt, read, told = PORTION, 0, 0, monotonic()
    while True:
        try:
            portion = await _next_portion(database, stage, first, work, limit)
        except Busy:
            if (attempt := attempt + 1) == TRIES:
                raise
            if attempt % 10 == 3:
                report(f"{stage}: waits for {await _others(database)}")
            await _pause(attempt)
            continue
        if portion is None or not portion.more:
            return
        attempt, read = 0, read + (portion.rows if portion.after else 0)
        limit = PORTION if portion.after else limit * 4
        if monotonic() - told > TELL:
            told = monotonic()
            report(f"{stage}: {read:,} rows read")


async def _others(database: Database) -> str:
    """Who has rows of the operator's tables locked, the oldest transaction first."""
    async with database.transaction() as tx:
        tables = ["sequence_contacts", "broadcast_messages"]
        holders = await tx.rows(Holder, "adopt/lock_holders", tables=tables, reads=False)
    return "; ".join(str(h) for h in holders) or "a transaction that has just ended"


async def _next_portion(
    database: Database, stage: str, first: list[Any], work: Work, limit: int
) -> Portion | None:
    """One portion, and the place where the next one begins; None: the stage was done before."""
    async with writing(database) as tx:
        await tx.run("session/lock_projection")
        await tx.run("adopt/memory")
        place = await tx.value("adopt/place", stage=stage) or first
        if place == "done":
            return None
        portion = await work(tx, place, limit)
        after = (portion.after or place) if portion.more else "done"
        await tx.run("adopt/note_place", stage=stage, place=json.dumps(after))
        return portion


async def _pause(attempt: int) -> None:
    """Back-off with jitter: at most about a second."""
    await asyncio.sleep(min(1.0, 0.05 * (attempt + 1)) * (0.5 + random()))


async def _read_messages(tx: Transaction, place: list[Any], limit: int) -> Portion:
    return await _by_person(tx, "adopt/deliveries_of_messages", place, limit)


async def _read_without_sequence(tx: Transaction, place: list[Any], limit: int) -> Portion:
    return await _by_person(tx, "adopt/deliveries_without_sequence", place, limit)


async def _by_person(tx: Transaction, name: str, place: list[Any], limit: int) -> Portion:
    now = await tx.now()
    read = await tx.one(Person, name, after=place[0], limit=limit, now=now)
    if read is None or read.after is None:
        return Portion(None, read is not None and read.more, limit)
    return Portion([read.after], read.more, limit)


async def _read_contacts(tx: Transaction, place: list[Any], limit: int) -> Portion:
    now = await tx.now()
    found = await tx.rows(
        Found,
        "adopt/contacts_in_order",
        after_track=place[0],
        after_phone=place[1],
        limit=limit,
        now=now,
    )
    last = next(f for f in found if f.is_last)
    if any(f.behind for f in found):
        await tx.run("engine/reconcile_contacts", **_pair(f for f in found if f.behind), now=now)
    if any(f.open for f in found):
        pair = _pair(f for f in found if f.open)
        await tx.run("engine/project_tracks", **pair, now=now, not_before=None)
    if any(f.doubled for f in found):
        await tx.run("engine/refresh_duplicates", **_pair(f for f in found if f.doubled), now=now)
    return Portion([str(last.track), last.phone] if last.track else None, last.more, limit)


def _pair(found: Iterable[Found]) -> dict[str, list[Any]]:
    tracks = sorted((f.track, f.phone) for f in found)
    return {"tracks": [track for track, _ in tracks], "phones": [phone for _, phone in tracks]}


async def _read_open_messages(tx: Transaction, place: list[Any], limit: int) -> Portion:
    now = await tx.now()
    ids = [r.id for r in await tx.rows(Id, "adopt/open_message_ids", after=place[0], limit=limit)]
    campaigns = [r.id for r in await tx.rows(Id, "adopt/campaign_ids", ids=ids)]
    if campaigns:
        await tx.run("engine/project_campaigns", ids=campaigns, now=now)
    await project(tx, await tx.rows(Track, "adopt/tracks_without_work", ids=ids), now=now)
    await tx.run("engine/find_unsendable", ids=ids, now=now)
    return Portion([str(ids[-1])] if ids else None, len(ids) == limit, len(ids))


async def _read_late_messages(tx: Transaction, place: list[Any], limit: int) -> Portion:
    return await _late(tx, "messages", "engine/adopt_messages", place)


async def _read_late_contacts(tx: Transaction, place: list[Any], limit: int) -> Portion:
    return await _late(tx, "contacts", "adopt/deliveries_of_contacts", place)


async def _late(tx: Transaction, kind: str, name: str, place: list[Any]) -> Portion:
    entries = await tx.rows(Late, "adopt/late_rows", kind=kind, after=place[0], limit=ENTRIES)
    ids = sorted({i for entry in entries for i in entry.ids if i is not None})
    if ids:
        await tx.run(name, ids=ids, now=await tx.now())
    return Portion([entries[-1].id] if entries else None, len(entries) == ENTRIES, len(ids))
