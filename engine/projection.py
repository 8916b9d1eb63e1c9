"""Keeps the open work (progress) true to contact rows, ledger and queue. DESIGN 4 in one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.store import Transaction


@dataclass(frozen=True, slots=True, order=True)
class Track:
    """One person's way through one sequence: sequence id and phone key."""

    track: UUID
    phone: str


async def project(
    tx: Transaction,
    tracks: Sequence[Track],
    *,
    now: datetime,
    not_before: datetime | None = None,
    duplicates: bool = False,
) -> None:
    """Derive the open step of each track anew.

    The caller holds the projection lock or the tracks' progress rows. `not_before` is the end of the
    wait that an operation puts before a send (DESIGN 6). `duplicates` also refreshes the duplicate groups.
    """
    wanted = sorted(set(tracks))
    if not wanted:
        return
    pair = {"tracks": [t.track for t in wanted], "phones": [t.phone for t in wanted]}
    await tx.queue("engine/lock_tracks", **pair)
    await tx.queue("engine/reconcile_contacts", **pair, now=now)
    await tx.queue("engine/project_tracks", **pair, now=now, not_before=not_before)
    if duplicates:
        await tx.queue("engine/refresh_duplicates", **pair, now=now)


@dataclass(frozen=True, slots=True)
class Work:
    """Open work of a person: a track, or a campaign message (then `track` is the message)."""

    track: UUID
    phone: str
    campaign: bool


async def project_people(
    tx: Transaction, phones: Sequence[str], *, now: datetime, not_before: datetime | None = None
) -> None:
    """Derive all open work of these people anew: their holds changed.

    The caller holds the projection lock. `not_before` as in `project`.
    """
    if not phones:
        return
    work = await tx.rows(Work, "operations/work_of_people", keys=list(phones))
    tracks = [Track(w.track, w.phone) for w in work if not w.campaign]
    await project(tx, tracks, now=now, not_before=not_before)
    if campaigns := [w.track for w in work if w.campaign]:
        await tx.queue("engine/project_campaigns", ids=campaigns, now=now)
        if not_before:
            await tx.queue("operations/postpone_campaigns", ids=campaigns, not_before=not_before)


def tracks_of(tracks: Iterable[UUID | None], phones: Iterable[str | None]) -> list[Track]:
    """Pairs of sequence and phone key, without those that name no track."""
    pairs = zip(tracks, phones, strict=True)
    return [
        Track(track, phone) for track, phone in pairs if track is not None and phone is not None
    ]
