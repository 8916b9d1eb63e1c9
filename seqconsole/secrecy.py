"""Files that hold credentials: only their owner may read them."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

SECRET_NAMES: Final = frozenset(
    {"password", "token", "tokens", "secret", "secrets", "metrics_token"}
)
"""Names of settings whose values are credentials."""

LONGEST: Final = 4096


class Exposed(ValueError):
    """A file with credentials that others can read, or one that cannot be used; the text says which."""


def holds_secret(values: Any) -> bool:
    """Whether a settings file holds a credential, at any depth."""
    if isinstance(values, list):
        return any(holds_secret(value) for value in values)
    if not isinstance(values, Mapping):
        return False
    return any(
        (name in SECRET_NAMES and bool(value)) or holds_secret(value)
        for name, value in values.items()
    )


def check_file(path: Path) -> None:
    """Raises Exposed unless the file is ours, or root's, and closed to everybody else."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise Exposed(f"{path} holds a credential and is no ordinary file")
    if found.st_uid not in (os.getuid(), 0):
        raise Exposed(f"{path} holds a credential and belongs to another account")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise Exposed(f"{path} holds a credential and others can read it: chmod 600 {path}")


def secret_in(path: Path) -> str:
    """The one line of a file. Raises Exposed where it is missing, open to others or no line."""
    path = path.expanduser()
    try:
        check_file(path)
        with path.open(encoding="utf-8") as file:
            text = file.read(LONGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise Exposed(f"{path} cannot be read: {type(error).__name__}") from None
    line = text.strip()
    if not line or len(text) > LONGEST or len(line.splitlines()) != 1:
        raise Exposed(f"{path} must hold one line: the credential")
    return line
