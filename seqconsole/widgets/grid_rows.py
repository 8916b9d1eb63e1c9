"""The rows of a grid in the order shown: filtered, sorted, and held still while needed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Generic, Protocol
from uuid import UUID

from seqconsole.widgets.columns import Column, Row

IDLE_SECONDS = 2.0
"""So long after the operator's last move the order may shift again (STYLE 3.1)."""
LONGEST_SECONDS = 5.0
"""While the operator keeps moving, the order shifts at most this often."""


class Arrangement(Protocol[Row]):
    """Puts lines that stand for several rows among the rows that match."""

    def arrange(
        self,
        rows: Sequence[Row],
        order: Callable[[Row], Any] | None,
        reverse: bool,
        before: Sequence[Row] | None,
    ) -> list[Row]:
        """The lines to show of these sorted rows; `before` (lines shown) keeps groups in their place."""

    def members(self, row: Row) -> Sequence[Hashable]:
        """The keys of the rows that a line stands for; none of a row itself."""


class GridRows(Generic[Row]):
    """All rows of the last snapshot and those shown, by key. Keys must be comparable.

    `matching` are the rows that pass the filter, also those folded away; `shown` the lines.
    """

    def __init__(self, columns: Sequence[Column[Row]], key: Callable[[Row], Any]) -> None:
        self.key = key
        self.shown: list[Row] = []
        self.matching: list[Row] = []
        self.arrangement: Arrangement[Row] | None = None
        self.total = 0
        self.sort_column: str | None = None
        self.sort_reverse = False
        self.stale_order = False
        self._columns = {column.key: column for column in columns}
        self._all: list[Row] = []
        self._places: dict[Hashable, int] = {}
        self._matches: Callable[[Row], bool] | None = None
        self._held = 0
        self._moved_at: float | None = None
        self._ordered_at: float | None = None

    def place_of(self, key: Hashable | None) -> int | None:
        """The place of a key among the rows shown."""
        return self._places.get(key)

    def keys(self) -> Iterable[Hashable]:
        """The keys of the rows that match, in their order."""
        return (self.key(row) for row in self.matching)

    def behind(self, row: Row) -> Sequence[Hashable]:
        """What marking a line marks: its own key, or those of the rows it stands for."""
        members = self.arrangement.members(row) if self.arrangement else ()
        return members or (self.key(row),)

    def all_keys(self) -> set[Hashable]:
        """The keys of every row of the last snapshot, and of the lines shown."""
        return {self.key(row) for row in self._all} | self._places.keys()

    def take(self, rows: Sequence[Row], now: float) -> None:
        """A new snapshot. Rows keep their order while it is held or the operator is moving."""
        first = not self._all
        self._all = list(rows)
        self.total = len(self._all)
        if self._held:
            self._keep_places()
        elif not first and self._is_busy(now):
            self._keep_order()
        else:
            self.reorder(now)

    def reorder(self, now: float) -> None:
        """Filter and sort now, unless the order is held."""
        if self._held:
            self.stale_order = True
            return
        self._arrange(self._sorted([row for row in self._all if self._passes(row)]))
        self._ordered_at = now
        self.stale_order = False

    def is_due(self, now: float) -> bool:
        """Whether a postponed change of order may be shown now."""
        return self.stale_order and not self._held and not self._is_busy(now)

    def filter_by(self, matches: Callable[[Row], bool] | None, now: float) -> None:
        """Show only the rows that match."""
        self._matches = matches
        self.reorder(now)

    def sort_by(self, column: str | None, reverse: bool, now: float) -> None:
        """Sort by a column; ties by key."""
        self.sort_column, self.sort_reverse = column, reverse
        self.reorder(now)

    def touch(self, now: float) -> None:
        """The operator moved: leave the order alone for a while."""
        self._moved_at = now

    def hold(self) -> None:
        """Keep every row in its place until released as often as held."""
        self._held += 1

    def release(self, now: float) -> None:
        """Undo one hold; the last one lets the waiting order in."""
        self._held = max(0, self._held - 1)
        if not self._held and self.stale_order:
            self.reorder(now)

    def _is_busy(self, now: float) -> bool:
        if self._moved_at is None or now - self._moved_at >= IDLE_SECONDS:
            return False
        return self._ordered_at is not None and now - self._ordered_at < LONGEST_SECONDS

    def _passes(self, row: Row) -> bool:
        return self._matches is None or self._matches(row)

    def _keep_places(self) -> None:
        """Newer contents in the same places: nothing comes, goes or moves."""
        newer = {self.key(row): row for row in self._all}
        self._arrange([newer.get(self.key(row), row) for row in self.matching], keep=True)
        self.stale_order = True

    def _keep_order(self) -> None:
        """Newer contents in the same order; gone rows go, new ones come at the end."""
        newer = {self.key(row): row for row in self._all if self._passes(row)}
        kept = [newer.pop(key) for row in self.matching if (key := self.key(row)) in newer]
        self._arrange(kept + list(newer.values()), keep=True)
        self.stale_order = True

    def _sorted(self, rows: list[Row]) -> list[Row]:
        column = self._columns.get(self.sort_column or "")
        if column is None or column.order is None:
            return rows
        order = column.order
        known = [(value, self.key(row), row) for row in rows if (value := order(row)) is not None]
        known.sort(key=_by_key)
        known.sort(key=_by_value, reverse=self.sort_reverse)
        ordered = [row for _, _, row in known]
        if len(ordered) < len(rows):
            ordered += sorted((row for row in rows if order(row) is None), key=self.key)
        return ordered

    def _arrange(self, rows: list[Row], *, keep: bool = False) -> None:
        before, self.matching, self.shown = self.shown if keep else None, rows, rows
        if self.arrangement is not None:
            column = self._columns.get(self.sort_column or "")
            order = column.order if column else None
            self.shown = self.arrangement.arrange(rows, order, self.sort_reverse, before)
        self._places = {self.key(row): at for at, row in enumerate(self.shown)}


def _by_key(entry: tuple[Any, Any, Any]) -> Any:
    key = entry[1]
    return key.int if isinstance(key, UUID) else key  # UUIDs compare in Python, ints in C


def _by_value(entry: tuple[Any, Any, Any]) -> Any:
    return entry[0]
