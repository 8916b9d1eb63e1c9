"""The one error of the embedded server, and how its text is made."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

_TAIL = 1500  # characters of a log that an error carries


class EmbeddedError(RuntimeError):
    """The embedded server cannot be used; the first line says why, the rest is its log's tail."""


def log_error(what: str, log: str) -> EmbeddedError:
    """An error that names the gravest line of `log` and carries its tail."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    grave = [line for line in lines if any(w in line for w in ("FATAL:", "PANIC:", "error:"))]
    cause = (grave or lines or ["it said nothing"])[-1]
    for word in ("FATAL:", "PANIC:", "error:"):
        cause = cause.split(word, 1)[-1].strip()
    tail = log.strip()[-_TAIL:]
    return EmbeddedError(f"{what}: {cause}" + (f"\n{tail}" if tail else ""))


@contextlib.contextmanager
def clear_errors(root: Path) -> Iterator[None]:
    """Turn what the operating system refuses under `root` into one EmbeddedError."""
    try:
        yield
    except OSError as refused:
        where = refused.filename or root
        why = refused.strerror or str(refused)
        raise EmbeddedError(f"the embedded PostgreSQL cannot use {where}: {why}") from refused
