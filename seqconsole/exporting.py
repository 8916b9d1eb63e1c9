"""`ctrl+s`: what a screen shows as a file that a spreadsheet opens, and the screen as a picture."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from seqconsole.text import harmless
from seqconsole.widgets.columns import Column

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins with one of these is a formula to a spreadsheet."""

CELL: Final = 10_000
"""Characters kept of a cell."""


def as_csv(columns: Sequence[Column[Any]], rows: Iterable[Any]) -> str:
    """All columns of a screen, also those that found no room. Text is harmless, and never a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.label for column in columns])
    for row in rows:
        writer.writerow([cell(column.text(row)) for column in columns])
    return out.getvalue()


def cell(text: str) -> str:
    """A cell's text as a spreadsheet may have it."""
    shown = harmless(text, CELL).strip()
    return f"'{shown}" if shown.startswith(FORMULA) else shown


def write_new(folder: Path, name: str, at: datetime, contents: dict[str, str]) -> list[Path]:
    """New files `name-20261124-104545.csv`, by suffix, for this account alone. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem = f"{name.lower().replace(' ', '-')}-{at:%Y%m%d-%H%M%S}"
    made = []
    for suffix, content in contents.items():
        path, number = folder / f"{stem}.{suffix}", 1
        while True:
            try:
                opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                number += 1
                path = folder / f"{stem}-{number}.{suffix}"
            else:
                break
        with os.fdopen(opened, "w", encoding="utf-8", newline="") as file:
            file.write(content)
        made.append(path)
    return made
