"""The files of `sql/by_hand`, as a DBA runs them: by psql."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from seqconsole.embedded import binaries
from tests.postgres import BIN_VARIABLE

BY_HAND = Path(__file__).parents[2] / "sql" / "by_hand"


@dataclass(frozen=True)
class Answer:
    """What psql said; `rows` are the cells of all its results."""

    code: int
    rows: list[list[str]]
    err: str

    def after(self, title: str) -> list[list[str]]:
        """The rows of the result that follows a line of text."""
        start = self.rows.index([title]) + 1
        ends = [n for n, row in enumerate(self.rows) if n >= start and len(row) == 1]
        return self.rows[start : min(ends, default=len(self.rows))]


def psql(dsn: str, file: str, seconds: float = 60, **variables: object) -> Answer:
    """Run one file, without anybody's settings."""
    named = os.environ.get(BIN_VARIABLE)
    folder = binaries.find(Path(named) if named else None, None).folder
    given = [f"--set={name}={value}" for name, value in variables.items()]
    done = subprocess.run(
        [folder / "psql", "-X", "-q", "-A", "-t", "-F", "\t", *given, "-f", BY_HAND / f"{file}.sql", dsn],
        capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return Answer(done.returncode, rows, done.stderr)
