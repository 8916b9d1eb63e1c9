"""What must always hold (DESIGN 10): one query of `sql/invariants` each, which returns no row."""

from __future__ import annotations

from typing import Any

from engine.store import Database
from engine.store.sqlfiles import names_in


async def violations(database: Database) -> dict[str, list[dict[str, Any]]]:
    """The invariants that do not hold, by name, with the rows that break them; one instant for all."""
    found = {}
    async with database.transaction(snapshot=True, statement_timeout="10min") as tx:
        for name in names_in("invariants"):
            if rows := await tx.dicts(name):
                found[name.removeprefix("invariants/")] = rows
    return found
