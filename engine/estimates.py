"""When the sequences will have been sent: an estimate over all lanes, reckoned anew now and then."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from engine.store import Busy, Database, StoreError

LANE_LIMIT: Final = 50
"""So many messages of a sequence are counted on a device; a fuller lane shares the rest of its queue."""

KEPT: Final = 10.0
"""Seconds that an estimate is kept at least."""

SHARE: Final = 25
"""It is kept so many times as long as it took: a large fleet pays a few percent of a core at most."""


@dataclass(frozen=True, slots=True)
class _Estimate:
    sequence_id: UUID
    drained_at: datetime


class Estimates:
    """The estimates of one reader, by sequence; a sequence with nothing queued has none."""

    def __init__(self) -> None:
        self._known: dict[UUID, datetime] = {}
        self._until: float | None = None
        self._reckoning: asyncio.Task[None] | None = None

    async def of_sequences(self, database: Database) -> dict[UUID, datetime]:
        """The estimates, at most as old as KEPT and SHARE allow; FOREVER: never. Busy keeps the old ones.

        Only the first are waited for: newer ones are reckoned beside, for a later call.
        """
        if self._until is None:
            await self._reckon(database)
        elif time.monotonic() >= self._until and (
            self._reckoning is None or self._reckoning.done()
        ):
            self._reckoning = asyncio.create_task(self._again(database))
        return self._known

    async def _again(self, database: Database) -> None:
        """What keeps the database from answering is said by the read that the estimates are for."""
        try:
            await self._reckon(database)
        except StoreError:
            self._until = time.monotonic() + KEPT

    async def _reckon(self, database: Database) -> None:
        begun = time.monotonic()
        try:
            async with database.transaction(
                snapshot=True, statement_timeout="5s", pipelined=True
            ) as tx:
                found = await tx.rows(
                    _Estimate, "views/sequence_etas", now=await tx.now(), lane_limit=LANE_LIMIT
                )
            self._known = {e.sequence_id: e.drained_at for e in found}
        except Busy:
            pass
        took = time.monotonic() - begun
        self._until = begun + took + max(KEPT, SHARE * took)
