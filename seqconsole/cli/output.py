"""What the commands print: JSON with stable keys, or plain columns made harmless."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from engine.store import FOREVER
from seqconsole.text import NOTHING, harmless, mask_phone

PHONES = frozenset({"phone", "phone_key"})


def plain(value: Any, *, phones: bool = False) -> Any:
    """A value as JSON can hold it: ids as text, times in ISO 8601 (never: `infinity`), spans in
    seconds.

    Phones are masked unless `phones` (DESIGN 7).
    """
    if is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return {
            str(name): mask_phone(item)
            if name in PHONES and isinstance(item, str) and not phones
            else plain(item, phones=phones)
            for name, item in value.items()
        }
    if isinstance(value, Enum):
        return value.value
    if value == FOREVER:
        return "infinity"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, phones=phones) for item in value]
    return value


def print_json(value: Any, *, phones: bool = False) -> None:
    """One JSON document on standard output."""
    json.dump(plain(value, phones=phones), sys.stdout, indent=2)
    sys.stdout.write("\n")


def print_line(text: str = "") -> None:
    """One line on standard output; the text may come from the database."""
    sys.stdout.write(harmless(text, 2000) + "\n")


def print_table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Columns as wide as their content; figures to the right. None is a dash."""
    cells = [[_cell(value) for value in row] for row in rows]
    right = [_is_figures([row[at] for row in cells]) for at in range(len(heads))]
    widths = [max(len(head), *(len(row[at]) for row in cells), 0) for at, head in enumerate(heads)]
    for row in [[head.upper() for head in heads], *cells]:
        parts = (
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(row, widths, right, strict=True)
        )
        sys.stdout.write("  ".join(parts).rstrip() + "\n")


def complain(text: str) -> None:
    """The one clear line on standard error; a terminal that is gone is no reason to stop."""
    with suppress(OSError):
        sys.stderr.write(f"seqconsole: {harmless(' '.join(text.split()), 2000)}\n")


def _cell(value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return harmless(value, 60)


def _is_figures(column: Sequence[str]) -> bool:
    shown = [text for text in column if text != NOTHING]
    return bool(shown) and all(text.replace("/", "").isdigit() for text in shown)
