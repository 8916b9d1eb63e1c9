"""The soak as a test: twenty seconds every day, half an hour where it is asked for."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.soak.harness import Soak
from tests.soak.plan import Plan, short
from tests.soak.report import Report


@pytest.fixture
def root() -> Iterator[Path]:
    """A short path: a unix socket lies in it."""
    made = Path(tempfile.mkdtemp(prefix="soak-", dir="/tmp"))
    yield made
    shutil.rmtree(made)


def ran(plan: Plan, root: Path) -> Report:
    print(f"seed {plan.seed}")
    return Soak(plan, root, print).run()


@pytest.mark.slow
def test_a_short_soak_is_clean(root: Path) -> None:
    """The floors keep a run in which nothing happened from passing."""
    report = ran(short(random.randrange(1_000_000)), root)
    assert report.violated_in_the_database == {}
    assert report.violated_on_the_wire == {}
    assert report.left_in_flight == 0
    assert report.worker_kills >= 6, report
    assert report.postgresql_kills >= 1, report
    assert report.on_the_wire >= 100, report
    assert report.between_claim_and_settle_percent > 0, report
    assert report.unknown + report.attempts.get("never_sent", 0) >= 1, report


@pytest.mark.soak
def test_half_an_hour_of_kills(root: Path) -> None:
    report = ran(replace(Plan(1800, random.randrange(1_000_000)), long_stop=170.0), root)
    assert report.clean, report
    assert report.worker_kills >= 600, report
    assert report.postgresql_kills >= 30, report
    assert report.between_claim_and_settle_percent >= 30, report
    assert report.recovery["max"] < 10, report
