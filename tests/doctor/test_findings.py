"""Each defect, planted alone, is found as what it is, with its number and its ids, and nothing else is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import psycopg
import pytest

from engine import adoption
from engine.doctor import Report, examine
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.dirty import DATA, REFUSED_BY_MIGRATE, Defect, Planted, plant
from tests.doctor.conftest import WILD
from tests.doctor.expected import ALSO, MENDED, RECORDED, name_of

pytestmark = pytest.mark.anyio


async def looked_at(dsn: str, *, rolls_up: bool = False) -> Report:
    """What the doctor says, with all cases shown."""
    async with Database.open(Access(dsn)) as database:
        if rolls_up:
            await roll_up_all(database)
        return await examine(database, country="60", examples=1000)


def is_exactly(report: Report, planted: Planted) -> None:
    """The report has the finding of the defect, with its number and ids, and what comes with it."""
    wanted = name_of(planted.defect)
    assert {f.check.name for f in report.findings} == {wanted, *ALSO.get(planted.defect, ())}
    found = next(f for f in report.findings if f.check.name == wanted)
    assert {each for example in found.examples for each in example.ids} == planted.ids
    assert found.n == len(found.examples) == planted.n
    assert found.check.repair
    assert all(each.detail for each in found.examples)


async def test_a_sound_database_has_no_finding(wild: str) -> None:
    report = await looked_at(wild)
    assert (report.findings, report.skipped, report.adopted) == ((), (), False)


async def test_an_adopted_sound_database_has_no_finding(adopted: str) -> None:
    report = await looked_at(adopted)
    assert (report.findings, report.skipped, report.adopted) == ((), (), True)


def is_all_of(
    report: Report, planted: Mapping[Defect, Planted], recorded: frozenset[str] = frozenset()
) -> None:
    """Every defect is found, and no row that was not planted. `recorded`: what adopting noted of them."""
    wanted: dict[str, set[str]] = {}
    for each in planted.values():
        wanted.setdefault(name_of(each.defect), set()).update(each.ids)
    beside = set().union(*(ALSO.get(defect, set()) for defect in planted))
    found = {
        f.check.name: {each for example in f.examples for each in example.ids}
        for f in report.findings
    }
    assert found.keys() == wanted.keys() | beside | recorded
    for name, ids in wanted.items():
        assert found[name] >= ids if name in beside else found[name] == ids, name


async def test_all_at_once_before_migrate(wild: str) -> None:
    planted = plant(wild, DATA, WILD)
    is_all_of(await looked_at(wild), planted)


async def test_all_at_once_after_migrate(wild: str) -> None:
    planted = plant(wild, DATA, WILD)
    await adoption.migrate(Access(wild), country="60")
    left = {d: p for d, p in planted.items() if d not in MENDED}
    is_all_of(await looked_at(wild), left, frozenset({"unsendable-message"}))


def run_statements(dsn: str, report: Report) -> None:
    """Do what the report says, word for word."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for found in report.findings:
            for statement in dict.fromkeys(e.statement for e in found.examples if e.statement):
                connection.execute(statement.encode())


@pytest.mark.parametrize("defect", [each for each in Defect if each not in DATA])
async def test_the_tables_before_migrate(wild: str, defect: Defect) -> None:
    """Found as what it is, and mended by the statements that the doctor prints."""
    planted = plant(wild, [defect], WILD)[defect]
    report = await looked_at(wild)
    is_exactly(report, planted)
    run_statements(wild, report)
    assert (await looked_at(wild)).findings == ()


async def test_rows_are_mended_by_the_statements(wild: str) -> None:
    defects = [
        Defect.WRONG_DAY,
        Defect.NEGATIVE_DELAY,
        Defect.FOREIGN_DEVICE,
        Defect.MISSING_DEVICE,
        Defect.DUPLICATE_DEVICE_NAME,
    ]
    plant(wild, defects, WILD)
    report = await looked_at(wild)
    assert {f.check.name for f in report.findings} == {str(each) for each in defects}
    run_statements(wild, report)
    left = {f.check.name for f in (await looked_at(wild)).findings}
    assert left == {"no-device"}  # which the engine gives one when a step is due


@pytest.mark.large
@pytest.mark.parametrize("defect", DATA)
async def test_alone_before_migrate(wild: str, defect: Defect) -> None:
    planted = plant(wild, [defect], WILD)[defect]
    is_exactly(await looked_at(wild), planted)


@pytest.mark.large
@pytest.mark.parametrize("defect", sorted(set(Defect) - REFUSED_BY_MIGRATE))
async def test_alone_after_migrate(adopted: str, defect: Defect) -> None:
    planted = plant(adopted, [defect], WILD)[defect]
    report = await looked_at(adopted, rolls_up=True)
    recorded = RECORDED.get(defect, set())
    assert {f.check.name for f in report.findings} >= recorded
    if defect in MENDED:
        assert {f.check.name for f in report.findings} == recorded
        return
    others = tuple(f for f in report.findings if f.check.name not in recorded)
    is_exactly(replace(report, findings=others), planted)
