"""The rows of a snapshot by number, with what was found out about each. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic
from uuid import UUID

from seqconsole.widgets.columns import Row


class Ranked(Generic[Row]):
    """Rows, whether each passes the filter, what it sorts by. A row's number is its place in the snapshot."""

    def __init__(self, key: Callable[[Row], Any], rows: Sequence[Row] = ()) -> None:
        self.rows: list[Row] = list(rows)
        self._key = key
        self._keys: list[Any] = [key(row) for row in self.rows]
        self._numbers = {each: at for at, each in enumerate(self._keys)}
        self._by_key: list[int] | None = None
        self._matches: Callable[[Row], bool] | None = None
        self._passing: list[bool] | None = None
        self._sorts_by: Callable[[Row], Any] | None = None
        self._values: list[Any] = []

    def at(self, key: Hashable | None) -> int | None:
        """The number of a key's row."""
        return self._numbers.get(key)

    def newest(self, key: Hashable) -> Row | None:
        """A key's row."""
        at = self._numbers.get(key)
        return None if at is None else self.rows[at]

    def renewed(self, rows: Sequence[Row]) -> Ranked[Row]:
        """Other rows under the same filter."""
        new = Ranked(self._key, rows)
        new.filter_by(self._matches)
        return new

    def update(self, rows: Sequence[Row]) -> bool:
        """Take the rows in the place of the same ones; false, and nothing is done, where they are others."""
        if len(rows) != len(self.rows):
            return False
        old, keys, key = self.rows, self._keys, self._key
        changed = [at for at, row in enumerate(rows) if row is not old[at]]
        if any(key(rows[at]) != keys[at] for at in changed):
            return False
        for at in changed:
            row = old[at] = rows[at]
            if self._passing is not None and self._matches is not None:
                self._passing[at] = self._matches(row)
            if self._sorts_by is not None:
                self._values[at] = self._sorts_by(row)
        return True

    def filter_by(self, matches: Callable[[Row], bool] | None) -> None:
        """Let only the rows through that match."""
        self._matches = matches
        self._passing = None if matches is None else [matches(row) for row in self.rows]

    def order(self, sorts_by: Callable[[Row], Any] | None, reverse: bool) -> list[int]:
        """The numbers of the rows that pass, sorted; ties by key, rows without a value last both ways."""
        if sorts_by is None:
            return self._that_pass(range(len(self.rows)))
        if sorts_by is not self._sorts_by:
            self._sorts_by = sorts_by
            self._values = [sorts_by(row) for row in self.rows]
        if self._by_key is None:
            self._by_key = sorted(range(len(self.rows)), key=self._whole_key)
        values = self._values
        order = self._that_pass(self._by_key)
        known = [at for at in order if values[at] is not None]
        none = [at for at in order if values[at] is None] if len(known) < len(order) else []
        known.sort(key=values.__getitem__, reverse=reverse)
        return known + none

    def kept(self, before: list[int]) -> list[int]:
        """These numbers without those that no longer pass, then what passes besides."""
        if self._passing is None and len(before) == len(self.rows):
            return before
        stay = self._that_pass(before)
        there = set(stay)
        return stay + [at for at in self._that_pass(range(len(self.rows))) if at not in there]

    def _that_pass(self, numbers: Sequence[int]) -> list[int]:
        passing = self._passing
        return list(numbers) if passing is None else [at for at in numbers if passing[at]]

    def _whole_key(self, at: int) -> Any:
        key = self._keys[at]
        return key.int if isinstance(key, UUID) else key  # UUIDs compare in Python, ints in C
