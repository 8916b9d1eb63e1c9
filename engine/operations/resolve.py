"""Resolve duplicate groups (DESIGN 6): one row stays, the others go to the archive, no proof is lost.

One call is one operation, whatever the number of groups, written in batches. It never builds the key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from engine.operations.model import Done, OperationRefused
from engine.operations.portions import HELD, TRIES, pause, retried
from engine.operations.resolve_batch import CHANGED, Resolving, resolve_batch, why_gone
from engine.operations.resolve_preview import (
    GroupPreview,
    ResolvePreview,
    RowPreview,
    group_preview,
    named,
    summed_up,
)
from engine.operations.survivorship import Group, GroupKey, judge, parameters
from engine.operations.wording import counted
from engine.phones import masked
from engine.store import Database, Transaction

BATCH: Final = 500

__all__ = ["GroupPreview", "ResolvePreview", "RowPreview", "preview_resolve", "resolve"]


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a duplicate group."""

    key: str


async def preview_resolve(
    database: Database, keys: Sequence[str] | None, *, keep: Mapping[str, UUID] | None = None
) -> ResolvePreview:
    """What resolving these groups (None = all) would do. `keep` names the row to keep, by group.

    Raises OperationRefused for a key that names no group.
    """
    async with database.transaction() as tx:
        now = await tx.now()
        wanted = await _wanted(tx, keys)
        groups = await _judge_all(tx, wanted, keep, now)
        gone = await _gone(tx, wanted, groups) if keys is not None else []
        engine_on = bool(await tx.value("operations/engine_is_on"))
    if gone and not groups:
        raise OperationRefused(gone[0])
    ready = [g for g in groups if g.refusal is None]
    previews = tuple(group_preview(g, now, engine_on=engine_on) for g in groups)
    return ResolvePreview(
        verb="resolve",
        title=f"Resolve {counted(len(ready), 'duplicate group')}?",
        lines=summed_up(ready, previews),
        n=sum(g.changes for g in ready),
        pinned=pin(groups),
        refused=(*(f"{named(g)}: {g.refusal}" for g in groups if g.refusal), *gone),
        groups=previews,
    )


async def resolve(
    database: Database,
    who: str,
    keys: Sequence[str] | None,
    *,
    pinned: str,
    reason: str | None = None,
    keep: Mapping[str, UUID] | None = None,
    now: bool = False,
) -> Done:
    """Resolve groups (None = all) as previewed; what it sets free is sent from 10 s ahead (`now`: at once).

    Raises OperationRefused where rows changed since the preview, or where no group could be resolved.
    """
    async with database.transaction() as tx:
        wanted = await _wanted(tx, keys)
        groups = await _judge_all(tx, wanted, keep, await tx.now())
        gone = await _gone(tx, wanted, groups) if keys is not None else []
    if gone and not groups:
        raise OperationRefused(gone[0])
    if keys is None:
        await _forget_stale(database, wanted, groups)
        if not groups:
            return Done(None, 0, "no duplicate group is left")
    if pin(groups) != pinned:
        raise OperationRefused(CHANGED)
    run = Resolving(
        who, reason, pinned, keep, not now, {str(g.key): g.survivor.pin for g in groups}
    )
    run = await _in_batches(database, run, sorted(g.key for g in groups))
    run.refused += gone
    if run.operation is None:
        raise OperationRefused(run.refused[0])
    return Done(run.operation, run.n, run.done(), tuple(run.refused), sends_from=run.sends_from)


async def _in_batches(database: Database, run: Resolving, keys: list[GroupKey]) -> Resolving:
    """All groups, batch by batch; what other sessions hold is asked for again a few times."""
    for attempt in range(1, TRIES + 1):
        held: list[GroupKey] = []
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            run, busy = await retried(partial(_batch, database, run, batch))
            held += busy
        keys = held
        if not keys:
            return run
        if attempt < TRIES:
            await pause(attempt)
    run.refused += [f"{masked(key.phone)}: {HELD}" for key in keys]
    return run


async def _batch(
    database: Database, run: Resolving, keys: list[GroupKey]
) -> tuple[Resolving, list[GroupKey]]:
    """One batch in one transaction: what is counted of it counts only where it commits."""
    after = replace(run, refused=list(run.refused))
    async with database.transaction(writer="operator", statement_timeout="2min") as tx:
        held = await resolve_batch(tx, after, keys)
    return after, held


def pin(groups: Sequence[Group]) -> str:
    """One hash over the hashes of all groups (each made by SQL over what it was judged by)."""
    text = "\n".join(sorted(f"{g.key} {g.survivor.pin}" for g in groups))
    return hashlib.sha256(text.encode()).hexdigest()


async def _wanted(tx: Transaction, keys: Sequence[str] | None) -> list[GroupKey]:
    if keys is None:
        return [GroupKey.parse(k.key) for k in await tx.rows(Key, "operations/group_keys")]
    return sorted({GroupKey.parse(key) for key in keys})


async def _judge_all(
    tx: Transaction, keys: list[GroupKey], keep: Mapping[str, UUID] | None, now: datetime
) -> list[Group]:
    chosen = keep or {}
    groups: list[Group] = []
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        groups += await judge(tx, batch, [chosen[str(k)] for k in batch if str(k) in chosen], now)
    survivors = {str(g.key): g.survivor.id for g in groups}
    for text, row in chosen.items():
        if text in survivors and survivors[text] != row:
            raise OperationRefused(f"row {row} is not a row of the duplicate group {text[:120]}")
    return groups


async def _gone(tx: Transaction, wanted: list[GroupKey], groups: list[Group]) -> list[str]:
    """For each key that was asked for and is no group any more: who resolved it, or that there is none."""
    there = {g.key for g in groups}
    return [await why_gone(tx, key) for key in wanted if key not in there]


async def _forget_stale(database: Database, wanted: list[GroupKey], groups: list[Group]) -> None:
    """Findings whose rows somebody else has cleared."""
    there = {g.key for g in groups}
    stale = [key for key in wanted if key not in there]
    if stale:
        async with database.transaction(writer="operator") as tx:
            await tx.run("session/lock_projection")
            of = parameters(stale)
            await tx.run(
                "engine/refresh_duplicates",
                tracks=of["sequences"],
                phones=of["phones"],
                now=await tx.now(),
            )
