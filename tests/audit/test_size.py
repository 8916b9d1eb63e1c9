"""What the measurement fills is what the audit finds, at any size."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable

import pytest

from tests.audit.__main__ import ask, fill
from tests.audit.psql import psql
from tests.audit.wild import firing

FOUND = {"sent_twice": 7, "duplicate_rows": 7}


def answered(dsn: str, rows: int) -> dict[str, int]:
    fill(dsn, rows, planted=7)
    return firing({result.check.name: result for result in asyncio.run(ask(dsn))})


def test_a_small_one(new_database: Callable[..., str]) -> None:
    dsn = new_database("template0")
    assert answered(dsn, 2000) == FOUND
    assert psql(dsn, "fix_sequence_duplicates", country="60", zone="UTC").after("this run")[0][
        1:
    ] == ["7", "0", "0"]


@pytest.mark.large
def test_two_million_rows_of_each(new_database: Callable[..., str]) -> None:
    """Nothing grows with the size but the time: the process stays small."""
    assert answered(new_database("template0"), 2_000_000) == FOUND
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 200 * 1024
