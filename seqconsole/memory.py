"""What a console remembers of its screens over restarts: filter, order, grouping. A file of this account.

A filter with a phone number is not kept. A file that can not be read or written is as if there was none.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from seqconsole.filtering import LONGEST, parse

_MOST: Final = 200
"""Databases times screens in the file; beyond them the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """How a screen was left. `sort` None: its own order; `by` is what devices are grouped by."""

    filter: str = ""
    sort: str | None = None
    reverse: bool = False
    by: str = ""


class Memory:
    """How the screens of one database were left; `path` None remembers while the console runs."""

    def __init__(self, path: Path | None, database: str) -> None:
        self._path = path
        self._database = database
        self._known: dict[str, Remembered] = {}

    def of(self, screen: str) -> Remembered:
        """How a screen was left; as new where that is not known."""
        if screen not in self._known:
            self._known[screen] = _remembered(self._read().get(f"{self._database}|{screen}"))
        return self._known[screen]

    def keep(self, screen: str, left: Remembered) -> None:
        """Remember how a screen is now."""
        if left == self.of(screen):
            return
        self._known[screen] = left
        if self._path is None:
            return
        if any(term.digits for term in parse(left.filter).terms):
            left = replace(left, filter="")
        content = self._read()
        content.pop(f"{self._database}|{screen}", None)
        if left != Remembered():
            content[f"{self._database}|{screen}"] = {
                "filter": left.filter, "sort": left.sort, "reverse": left.reverse, "by": left.by
            }  # fmt: skip
        with suppress(OSError):
            _write(self._path, dict(list(content.items())[-_MOST:]))

    def _read(self) -> dict[str, Any]:
        if self._path is None:
            return {}
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _remembered(found: object) -> Remembered:
    if not isinstance(found, dict):
        return Remembered()
    text, sort, by = found.get("filter"), found.get("sort"), found.get("by")
    return Remembered(
        text[:LONGEST] if isinstance(text, str) else "",
        sort if isinstance(sort, str) else None,
        found.get("reverse") is True,
        by if isinstance(by, str) else "",
    )


def _write(path: Path, content: dict[str, Any]) -> None:
    """In one step, so that a console that dies or another one leaves a whole file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".screens-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file)
        Path(name).replace(path)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise
