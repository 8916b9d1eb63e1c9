"""Writes operations into the journal: who, when, what, why, before and after (DESIGN 6)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.failpoints import failpoint
from engine.store import Transaction
from engine.store.errors import SECRET

LONGEST = 500


async def record(
    tx: Transaction,
    *,
    who: str,
    verb: str,
    now: datetime,
    n: int,
    summary: str,
    reason: str | None = None,
    target: Mapping[str, Any] | None = None,
    pinned: str | None = None,
    undoes: int | None = None,
) -> int:
    """Begin an operation's place in the journal; returns its id. Its rows follow in the same transaction."""
    found: int = await tx.value(
        "operations/record",
        who=without_secrets(who),
        verb=verb,
        now=now,
        n=n,
        summary=without_secrets(summary),
        reason=without_secrets(reason) if reason else None,
        target=json.dumps(target or {}),
        pinned=pinned,
        undoes=undoes,
    )
    failpoint("operation recorded")
    return found


def without_secrets(text: str) -> str:
    """A text as the journal keeps it: one line, bounded, without what looks like a password."""
    line = SECRET.sub(lambda m: f"{m[1]}=***" if m[1] else f"{m[3]}:***@", " ".join(text.split()))
    return line[:LONGEST].replace("\0", "")


class Images:
    """Before- and after-images of rows of one operator's table, in two steps around a write."""

    def __init__(self, tx: Transaction, operation: int, rel: str, columns: Sequence[str]) -> None:
        self._tx = tx
        self._of: dict[str, Any] = {"operation": operation, "rel": rel, "columns": list(columns)}

    async def before(self, units: Sequence[str], ids: Sequence[UUID]) -> None:
        """Keep what the columns hold now. `units` names the unit of undo of each row."""
        await self._tx.run(
            "operations/journal_before", **self._of, units=list(units), ids=list(ids)
        )

    async def after(self, ids: Sequence[UUID]) -> None:
        """Keep what the columns hold after the write."""
        await self._tx.run("operations/journal_after", **self._of, ids=list(ids))
