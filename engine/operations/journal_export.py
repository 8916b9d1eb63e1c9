"""The whole journal, operation by operation with its rows before and after, for keeping elsewhere."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from engine.store import Database, Transaction

PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One row that an operation changed, its images as JSON. No `before`: added; no `after`: removed."""

    operation_id: int
    unit: str
    rel: str
    row_id: str
    before: str | None
    after: str | None


async def first_rows(database: Database, operation: int, limit: int = PAGE) -> list[ChangedRow]:
    """The first rows that an operation changed, by table and id."""
    first = {"after_rel": "", "after_row": ""}
    async with database.transaction(snapshot=True) as tx:
        return await tx.rows(
            ChangedRow, "operations/export_rows", operation=operation, limit=limit, **first
        )


async def entries(
    database: Database, operation: int | None = None
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """("operation", ...) and after each its ("row", ...)s, of one instant; read a page at a time."""
    async with database.transaction(snapshot=True) as tx:
        after = 0
        while page := await tx.dicts(
            "operations/export_operations", after=after, operation=operation, limit=PAGE
        ):
            for found in page:
                yield "operation", found
                async for row in _rows(tx, found["id"]):
                    yield "row", row
            after = page[-1]["id"]


async def _rows(tx: Transaction, operation: int) -> AsyncIterator[dict[str, Any]]:
    last = {"after_rel": "", "after_row": ""}
    while page := await tx.dicts("operations/export_rows", operation=operation, limit=PAGE, **last):
        for row in page:
            images = {side: row[side] and json.loads(row[side]) for side in ("before", "after")}
            yield {**row, **images}
        last = {"after_rel": page[-1]["rel"], "after_row": page[-1]["row_id"]}
