"""Finds the rows that the operator's tables refuse to change, so that one of them stops no other."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from engine.store import Busy, Database, Refused, Rejected, StoreError

log = logging.getLogger(__name__)

HEADS: Final = 2000
"""Messages that are looked through at once."""

TRIALS: Final = 300
"""Trials in one look; what is left is found by the next."""

WAIT: Final = timedelta(minutes=10)
"""Until a message that was refused is tried again."""


@dataclass(frozen=True, slots=True)
class _Head:
    id: UUID


class _TakenBack(Exception):
    """Ends a trial that passed."""


async def set_aside_heads(database: Database) -> int:
    """Set aside the due messages that may not become `sending`; returns how many."""
    async with database.transaction() as tx:
        heads = await tx.rows(_Head, "engine/due_heads", now=await tx.now(), limit=HEADS)
    refused = await _refused(database, sorted(head.id for head in heads))
    if not refused:
        return 0
    for message, why in refused.items():
        log.warning("claim, message %s: %s", message, why)
    async with database.transaction(writer="engine") as tx:
        found: int = await tx.value(
            "engine/set_aside_heads",
            ids=list(refused),
            whys=list(refused.values()),
            wait=WAIT,
            now=await tx.now(),
        )
        return found


async def each_for_itself(*works: Callable[[], Awaitable[object]]) -> None:
    """Do all of these: what is refused of one, or held by another session, stops no other.

    Raises the first such error at the end; DatabaseUnavailable at once.
    """
    failed: StoreError | None = None
    for work in works:
        try:
            await work()
        except (Busy, Refused, Rejected) as error:
            failed = failed or error
    if failed is not None:
        raise failed


async def _refused(database: Database, ids: Sequence[UUID]) -> dict[UUID, str]:
    """By halves: which of these are refused, and why."""
    found: dict[UUID, str] = {}
    rest = [list(ids)]
    for _ in range(TRIALS):
        if not rest:
            break
        some = rest.pop()
        why = await _tried(database, some)
        if why is None:
            continue
        if len(some) == 1:
            found[some[0]] = why
        else:
            middle = len(some) // 2
            rest += [some[middle:], some[:middle]]
    return found


async def _tried(database: Database, ids: Sequence[UUID]) -> str | None:
    """Why one of these is refused, if one is; nothing of the trial stays."""
    try:
        async with database.transaction(writer="engine") as tx:
            await tx.run("engine/try_sending", ids=list(ids), now=await tx.now())
            raise _TakenBack
    except _TakenBack:
        return None
    except Rejected as error:
        return str(error)
