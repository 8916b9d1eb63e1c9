"""A month's figures by user, sequence and device, from the ledger of deliveries (DESIGN 3)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from engine.operations.model import OperationRefused
from engine.store import Database

THIS: Final = "this"
LAST: Final = "last"


class By(StrEnum):
    """What a month's figures are grouped by."""

    USER = "user"
    SEQUENCE = "sequence"
    DEVICE = "device"
    DAY = "day"


class BadMonth(OperationRefused):
    """A text that names no month."""


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One group. What it is not grouped by is None.

    `sent`, `failed` and `skipped` count deliveries by the day of their outcome, `in_doubt` those that still
    are, by the day of their attempt. `attempts` are the tries of those days,
    None where some are no longer kept.
    """

    user_id: UUID | None
    sequence_id: UUID | None
    sequence_name: str | None
    device_id: UUID | None
    device_name: str | None
    day: date | None
    sent: int
    failed: int
    in_doubt: int
    skipped: int
    attempts: int | None


@dataclass(frozen=True, slots=True)
class MonthReport:
    """A month of the database's zone: from `first` until before `after`."""

    first: date
    after: date
    zone: str
    by: tuple[By, ...]
    rows: Sequence[MonthRow]
    attempts_kept: bool

    @property
    def total(self) -> MonthRow:
        """All groups together."""
        tries = [row.attempts for row in self.rows]
        return MonthRow(
            user_id=None,
            sequence_id=None,
            sequence_name=None,
            device_id=None,
            device_name=None,
            day=None,
            sent=sum(row.sent for row in self.rows),
            failed=sum(row.failed for row in self.rows),
            in_doubt=sum(row.in_doubt for row in self.rows),
            skipped=sum(row.skipped for row in self.rows),
            attempts=None if None in tries else sum(n for n in tries if n is not None),
        )


@dataclass(frozen=True, slots=True)
class _Span:
    today: date
    attempts_from: date | None


def month_of(text: str, today: date) -> tuple[date, date]:
    """The first day of a month (`2026-10`, `this`, `last`) and of the one after it. Raises BadMonth."""
    first = today.replace(day=1)
    if text == LAST:
        return _before(first), first
    if text != THIS:
        found = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
        if found is None or not (2000 <= int(found[1]) <= 9998 and 1 <= int(found[2]) <= 12):
            raise BadMonth(f"{text!r} is no month: 2026-10, this or last")
        first = date(int(found[1]), int(found[2]), 1)
    return first, _after(first)


def _after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _before(first: date) -> date:
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


async def month_report(database: Database, month: str, by: Collection[By]) -> MonthReport:
    """The figures of a month, grouped. Raises BadMonth, Busy where it took more than ten minutes."""
    async with database.transaction(snapshot=True, statement_timeout="10min") as tx:
        span = await tx.one(_Span, "reports/span", now=await tx.now())
        assert span is not None  # one row, whatever there is
        first, after = month_of(month, span.today)
        kept = span.attempts_from is None or first > span.attempts_from
        rows = await tx.dicts(
            "reports/month",
            first=first,
            after=after,
            by_user=By.USER in by,
            by_sequence=By.SEQUENCE in by,
            by_device=By.DEVICE in by,
            by_day=By.DAY in by,
        )
    return MonthReport(
        first,
        after,
        database.zone,
        tuple(each for each in By if each in by),
        [MonthRow(**row if kept else {**row, "attempts": None}) for row in rows],
        kept,
    )
