"""docs/failures.md and docs/faults.md have a row for each, and the tests that they name exist and are run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
NAMED = re.compile(r"`([a-z_/0-9]+\.py)::(test_\w+)`(\*?)")


def rows_of(page: str) -> list[list[str]]:
    """The cells of a page's table."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (TESTS.parent / "docs" / page).read_text().splitlines()
        if re.match(r"\| \d+ \|", line)
    ]


@pytest.fixture
def rows() -> list[list[str]]:
    return rows_of("failures.md")


def test_each_failure_has_its_row(rows: list[list[str]]) -> None:
    assert [int(row[0]) for row in rows] == list(range(1, 96))
    silent = [row[0] for row in rows if not NAMED.search(row[3]) and "not built" not in row[2]]
    assert silent == []


def test_each_fault_has_its_row() -> None:
    rows = rows_of("faults.md")
    assert [int(row[0]) for row in rows] == list(range(1, 55))
    assert [row[0] for row in rows if not NAMED.search(row[3])] == []


@pytest.mark.parametrize("page", ["failures.md", "faults.md"])
def test_the_tests_that_are_named_exist(page: str) -> None:
    named = [found for row in rows_of(page) for found in NAMED.findall(row[3])]
    assert len(named) > 80
    missing = [
        f"{file}::{test}"
        for file, test, _ in named
        if not re.search(rf"def {test}\(", (TESTS / file).read_text())
    ]
    assert missing == []


def test_a_test_with_a_number_is_in_the_row_of_that_number(rows: list[list[str]]) -> None:
    for file in TESTS.rglob("test_*.py"):
        for test in re.findall(r"def (test_f\d\d\w*)\(", file.read_text()):
            for number in re.findall(r"(?<=_f)\d\d(?=_)", test):
                assert test in rows[int(number) - 1][3], f"{test} in row {number}"


ON_DEMAND_ALONE = {"15"}
"""Faults that only a test of minutes injects."""


@pytest.mark.parametrize(("page", "but"), [("failures.md", set()), ("faults.md", ON_DEMAND_ALONE)])
def test_each_row_has_a_test_that_runs_every_time(page: str, but: set[str]) -> None:
    """What only runs on demand proves nothing of today."""
    rare = {
        row[0]
        for row in rows_of(page)
        if (named := NAMED.findall(row[3])) and all(_on_demand(f, t) for f, t, _ in named)
    }
    assert rare == but


def test_what_runs_on_demand_is_marked() -> None:
    for row in rows_of("faults.md"):
        for file, test, star in NAMED.findall(row[3]):
            assert _on_demand(file, test) is bool(star), f"{test} in row {row[0]}"


def _on_demand(file: str, test: str) -> bool:
    source = (TESTS / file).read_text()
    of_module = re.findall(r"^pytestmark.*", source, re.M)
    decorators = re.split(rf"(?:async )?def {test}\(", source)[0].split("\n\n")[-1]
    return bool(re.search(r"mark\.(large|soak|bench)\b", " ".join([*of_module, decorators])))
