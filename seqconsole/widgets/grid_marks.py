"""The marks of a grid, held by key, and the span that is still being drawn. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Marks:
    """Marked keys, and the anchor of an open span (from `v` to the cursor)."""

    keys: set[Hashable] = field(default_factory=set)
    anchor: Hashable | None = None

    def flip(self, key: Hashable) -> None:
        """Mark a key, or unmark it."""
        self.keys ^= {key}

    def add(self, keys: Iterable[Hashable]) -> None:
        """Mark these as well."""
        self.keys.update(keys)

    def clear(self) -> bool:
        """Drop all marks and an open span; whether there were any."""
        had = bool(self.keys) or self.anchor is not None
        self.keys.clear()
        self.anchor = None
        return had

    def keep(self, known: Callable[[Hashable], bool]) -> bool:
        """Forget what is no longer known; whether something was forgotten."""
        gone = {key for key in self.keys if not known(key)}
        self.keys -= gone
        lost = self.anchor is not None and not known(self.anchor)
        if lost:
            self.anchor = None
        return bool(gone) or lost
