"""The rows of a grid in the order shown: filtered, sorted, and held still while needed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Generic, Protocol

from seqconsole.widgets.columns import Column, Row
from seqconsole.widgets.ranked import Ranked

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

    `matching` are the rows that pass the filter, also those folded away; `shown` the lines. A row that
    has not changed should be the same object as before: then only the others are looked at and filtered.
    """

    def __init__(self, columns: Sequence[Column[Row]], key: Callable[[Row], Any]) -> None:
        self.key = key
        self.shown: list[Row] = []
        self.matching: list[Row] = []
        self.arrangement: Arrangement[Row] | None = None
        self.sort_column: str | None = None
        self.sort_reverse = False
        self.stale_order = False
        self._columns = {column.key: column for column in columns}
        self._ranked: Ranked[Row] = Ranked(key)
        self._order: list[int] | None = []
        self._places: dict[Hashable, int] | None = None
        self._held = 0
        self._moved_at: float | None = None
        self._ordered_at: float | None = None

    @property
    def total(self) -> int:
        """How many rows the last snapshot has."""
        return len(self._ranked.rows)

    def place_of(self, key: Hashable | None) -> int | None:
        """The place of a key among the rows shown."""
        if self._order is not None and self.arrangement is None:
            at = self._ranked.at(key)
            # Found by number: the hash and the comparison of a UUID are Python, thousands of them take long.
            with suppress(ValueError):
                return None if at is None else self._order.index(at)
            return None
        if self._places is None:
            self._places = {self.key(row): at for at, row in enumerate(self.shown)}
        return self._places.get(key)

    def keys(self) -> Iterable[Hashable]:
        """The keys of the rows that match, in their order."""
        return (self.key(row) for row in self.matching)

    def behind(self, row: Row) -> Sequence[Hashable]:
        """What marking a line marks: its own key, or those of the rows it stands for."""
        members = self.arrangement.members(row) if self.arrangement else ()
        return members or (self.key(row),)

    def knows(self, key: Hashable) -> bool:
        """Whether it is the key of a row of the last snapshot or of a line shown."""
        return self._ranked.at(key) is not None or self.place_of(key) is not None

    def take(self, rows: Sequence[Row], now: float) -> None:
        """A new snapshot. Rows keep their order while it is held or the operator is moving."""
        first = not self.total
        before = self._ranked
        same = before.update(rows)
        if not same:
            self._ranked = before.renewed(rows)
        if self._held:
            self._keep_places(same)
        elif not first and self._is_busy(now):
            self._keep_order(same)
        else:
            self.reorder(now)

    def reorder(self, now: float) -> None:
        """Filter and sort now, unless the order is held."""
        if self._held:
            self.stale_order = True
            return
        self._put(self._ranked.order(self._sorting(), self.sort_reverse))
        self._ordered_at = now
        self.stale_order = False

    def is_due(self, now: float) -> bool:
        """Whether a postponed change of order may be shown now."""
        return self.stale_order and not self._held and not self._is_busy(now)

    def filter_by(self, matches: Callable[[Row], bool] | None, now: float) -> None:
        """Show only the rows that match."""
        self._ranked.filter_by(matches)
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

    def _keep_places(self, same: bool) -> None:
        """Newer contents in the same places: nothing comes, goes or moves."""
        if same and self._order is not None:
            self._put(self._order, keep=True)
        else:
            newest = self._ranked.newest
            self._order = None
            self._arrange([newest(self.key(row)) or row for row in self.matching], keep=True)
        self.stale_order = True

    def _keep_order(self, same: bool) -> None:
        """Newer contents in the same order; gone rows go, new ones come at the end."""
        if same and self._order is not None:
            before = self._order
        else:
            found = (self._ranked.at(self.key(row)) for row in self.matching)
            before = [at for at in found if at is not None]
        self._put(self._ranked.kept(before), keep=True)
        self.stale_order = True

    def _sorting(self) -> Callable[[Row], Any] | None:
        column = self._columns.get(self.sort_column or "")
        return column.order if column else None

    def _put(self, order: list[int], *, keep: bool = False) -> None:
        rows = self._ranked.rows
        self._order = order
        self._arrange([rows[at] for at in order], keep=keep)

    def _arrange(self, rows: list[Row], *, keep: bool = False) -> None:
        before, self.matching, self.shown = self.shown if keep else None, rows, rows
        if self.arrangement is not None:
            order = self._sorting()
            self.shown = self.arrangement.arrange(rows, order, self.sort_reverse, before)
        self._places = None
