"""When the sequences will have been sent: an estimate over all lanes, reckoned anew now and then."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from engine.store import Busy, Database

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
        self._until = 0.0

    async def of_sequences(self, database: Database) -> dict[UUID, datetime]:
        """The estimates, at most as old as KEPT and SHARE allow; FOREVER: never. Busy keeps the old ones."""
        begun = time.monotonic()
        if begun < self._until:
            return self._known
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
        return self._known
