"""`seqconsole journal --export`: the journal with its rows, as lines of JSON."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final, TextIO

from engine.operations.journal_export import entries
from engine.store import Database
from seqconsole.cli.output import plain
from seqconsole.text import mask_phone

PHONES: Final = frozenset({"phone", "phone_key", "contact_phone", "recipient_phone", "jid"})
_NUMBER: Final = re.compile(
    r"(?<![\w:./-])(?!\d{4}-\d\d-\d\d)\+?[0-9](?:[ \u00a0()-]{0,2}[0-9]){7,14}(?![\w:-])"
)
"""A phone number in a text, in the spellings that people use; no id, date or time."""


async def export(
    database: Database, file: str, operation: int | None, *, phones: bool
) -> tuple[int, int]:
    """Write operations and rows to a file that only its owner reads (`-`: standard output).

    Returns how many of each. The file appears whole or not at all. Phones are masked unless `phones`.
    """
    found = entries(database, operation)
    if file == "-":
        return await _write(found, sys.stdout, phones)
    path = Path(file)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with _private(new) as out:
            written = await _write(found, out, phones)
        if written[0]:
            new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    return written


def _private(path: Path) -> TextIO:
    return os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    )


async def _write(
    found: AsyncIterator[tuple[str, dict[str, Any]]], out: TextIO, phones: bool
) -> tuple[int, int]:
    operations = rows = 0
    async for kind, entry in found:
        shown = plain(entry, phones=True)
        if not phones:
            shown = without_phones(shown)
        out.write(json.dumps({kind: shown}, ensure_ascii=False) + "\n")
        operations += kind == "operation"
        rows += kind == "row"
    return operations, rows


def without_phones(value: Any, name: str = "") -> Any:
    """The same with every phone number masked: those of columns, and those inside of texts and keys."""
    if isinstance(value, dict):
        return {key: without_phones(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [without_phones(item, name) for item in value]
    if not isinstance(value, str):
        return value
    if name in PHONES:
        return mask_phone(value)
    return _NUMBER.sub(lambda m: mask_phone(m[0]), value)
