"""docs/failures.md has a row for each failure, and the tests that it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
NAMED = re.compile(r"`([a-z_/0-9]+\.py)::(test_\w+)`")


@pytest.fixture
def rows() -> list[list[str]]:
    """The cells of the page's table."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (TESTS.parent / "docs" / "failures.md").read_text().splitlines()
        if re.match(r"\| \d+ \|", line)
    ]


def test_each_failure_has_its_row(rows: list[list[str]]) -> None:
    assert [int(row[0]) for row in rows] == list(range(1, 96))
    silent = [row[0] for row in rows if not NAMED.search(row[3]) and "not built" not in row[2]]
    assert silent == []


def test_the_tests_that_are_named_exist(rows: list[list[str]]) -> None:
    named = [found for row in rows for found in NAMED.findall(row[3])]
    assert len(named) > 80
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not re.search(rf"def {test}\(", (TESTS / file).read_text())
    ]
    assert missing == []


def test_a_test_with_a_number_is_in_the_row_of_that_number(rows: list[list[str]]) -> None:
    for file in TESTS.rglob("test_*.py"):
        for test in re.findall(r"def (test_f\d\d\w*)\(", file.read_text()):
            for number in re.findall(r"(?<=_f)\d\d(?=_)", test):
                assert test in rows[int(number) - 1][3], f"{test} in row {number}"


def test_each_row_has_a_test_that_runs_every_time(rows: list[list[str]]) -> None:
    """What only runs on demand proves nothing of today."""
    rare = [
        row[0]
        for row in rows
        if (named := NAMED.findall(row[3])) and all(_on_demand(*one) for one in named)
    ]
    assert rare == []


def _on_demand(file: str, test: str) -> bool:
    before = (TESTS / file).read_text().partition(f"def {test}(")[0]
    decorators = re.split(r"\n\n", before)[-1]
    return bool(re.search(r"mark\.(large|soak|bench)\b", decorators))
