"""The month's figures equal SQL over the operator's own tables, in the database's zone."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.operations.repair_facts import Selection
from engine.operations.skip import Skip
from engine.recovery import recover
from engine.reports.month import BadMonth, By, MonthRow, month_of, month_report
from engine.store import Database
from tests.cli.conftest import Command
from tests.engine.steps import end, prepare, send_all, take
from tests.operations.repairs import repair
from tests.reports.conftest import Moves
from tests.world import World

pytestmark = pytest.mark.anyio

ZONE = "Asia/Kuala_Lumpur"
LAST_MINUTES = datetime.fromisoformat("2026-10-31T23:40:00+08:00")

FROM_MESSAGES = """
    SELECT m.user_id, q.name AS sequence, u.device_name AS device,
           count(*) FILTER (WHERE m.status = 'sent' AND m.sent_at >= %(a)s AND m.sent_at < %(b)s) AS sent,
           count(*) FILTER (WHERE m.status = 'failed' AND m.updated_at >= %(a)s AND m.updated_at < %(b)s) AS failed,
           count(*) FILTER (WHERE m.status = 'skipped' AND m.updated_at >= %(a)s AND m.updated_at < %(b)s) AS skipped,
           count(*) FILTER (WHERE m.status = 'unknown') AS in_doubt
    FROM broadcast_messages m
    JOIN user_devices u ON u.id = m.device_id LEFT JOIN sequences q ON q.id = m.sequence_id
    GROUP BY 1, 2, 3
"""


async def two_months(world: World, database: Database) -> list[UUID]:
    """October: 3 sent, 1 failed, 1 in doubt, 1 skipped. November, 20 minutes later: 2 sent."""
    world.setting("timezone", ZONE)
    database.zone = ZONE
    world.freeze(LAST_MINUTES)
    world.engine()
    welcome = world.sequence("Welcome", delays=(0,))
    devices = [world.device("Sales 1"), world.device('=HYPERLINK("x")')]
    for n in range(2):
        world.contact(welcome, f"6012345000{n}", devices[n])
    await send_all(database)
    world.message(devices[0], "60123450010")
    await send_all(database)
    for n, answer in enumerate((Answer(Verdict.SUPPRESS, "INVALID_JID"), None)):
        world.message(devices[n], f"6012345002{n}")
        await prepare(database)
        if answer:
            await end(database, await take(database), answer)
        else:
            await take(database)
    skipped = world.message(devices[0], "60123450030")
    await prepare(database)
    await repair(database, Skip(), Selection(ids=(skipped,)))
    world.advance(minutes=20)
    await recover(database)
    for n in range(2):
        world.message(devices[0], f"6012345004{n}")
        await send_all(database)
    return devices


def by_sql(world: World, first: str, after: str) -> dict[Any, tuple[int, ...]]:
    rows = world.connection.execute(FROM_MESSAGES, {"a": first, "b": after}).fetchall()
    counted = {
        (r["user_id"], r["sequence"] or "(no sequence)", r["device"]): (
            r["sent"], r["failed"], r["skipped"],
        )
        for r in rows
    }  # fmt: skip
    return {key: figures for key, figures in counted.items() if any(figures)}


async def test_a_month_equals_sql(world: World, database: Database) -> None:
    await two_months(world, database)
    everything = (By.USER, By.SEQUENCE, By.DEVICE)
    for month, first, after in (
        ("2026-10", "2026-10-01 00:00+08", "2026-11-01 00:00+08"),
        ("2026-11", "2026-11-01 00:00+08", "2026-12-01 00:00+08"),
    ):
        report = await month_report(database, month, everything)
        shown = {
            (r.user_id, r.sequence_name, r.device_name): (r.sent, r.failed, r.skipped)
            for r in report.rows
            if r.sent or r.failed or r.skipped
        }
        assert shown == by_sql(world, first, after)
    october = (await month_report(database, "2026-10", ())).total
    assert (october.sent, october.failed, october.in_doubt, october.skipped) == (3, 1, 1, 1)
    assert october.attempts == 5  # 3 sent, 1 failed, 1 that nobody answered
    november = (await month_report(database, "this", ())).total
    assert (november.sent, november.in_doubt, november.attempts) == (2, 0, 2)
    [one, two] = (await month_report(database, "2026-10", (By.DEVICE, By.DAY))).rows
    assert {one.day, two.day} == {date(2026, 10, 31)}


@pytest.mark.slow
async def test_each_grouping_is_the_same_figures(world: World, database: Database) -> None:
    """By whatever columns: the groups of the finest one, added up, and the total is their sum."""
    await two_months(world, database)
    for month in ("2026-10", "2026-11"):
        finest = (await month_report(database, month, tuple(By))).rows
        for n in range(len(By) + 1):
            for by in combinations(By, n):
                report = await month_report(database, month, by)
                wanted: Counter[tuple[Any, ...]] = Counter()
                for row in finest:
                    for name, figure in zip(FIGURES, figures_of(row), strict=True):
                        wanted[(*group(row, by), name)] += figure
                shown = {
                    (*group(row, by), name): figure
                    for row in report.rows
                    for name, figure in zip(FIGURES, figures_of(row), strict=True)
                }
                assert {k: v for k, v in shown.items() if v} == {
                    k: v for k, v in wanted.items() if v
                }
                assert figures_of(report.total) == [
                    sum(f) for f in zip(*map(figures_of, finest), strict=True)
                ]


FIGURES = ("sent", "failed", "in_doubt", "skipped", "attempts")


def group(row: MonthRow, by: tuple[By, ...]) -> tuple[Any, ...]:
    named = {
        By.USER: row.user_id,
        By.SEQUENCE: (row.sequence_id, row.sequence_name),
        By.DEVICE: (row.device_id, row.device_name),
        By.DAY: row.day,
    }
    return tuple(named[b] for b in By if b in by)


def figures_of(row: MonthRow) -> list[int]:
    return [getattr(row, name) for name in FIGURES]


async def test_what_was_deleted_keeps_its_figures(world: World, database: Database) -> None:
    devices = await two_months(world, database)
    before = (await month_report(database, "2026-10", ())).total
    world.run("DELETE FROM sequence_steps")
    world.run("DELETE FROM user_devices WHERE id = %s", devices[0])
    world.run("DELETE FROM broadcast_messages WHERE sequence_id IS NOT NULL")
    report = await month_report(database, "2026-10", (By.USER, By.SEQUENCE, By.DEVICE))
    assert report.total == before
    assert {r.sequence_name for r in report.rows} == {"(deleted step)", "(no sequence)"}
    assert "(deleted device)" in {r.device_name for r in report.rows}
    assert {r.user_id for r in report.rows} == {world.user}  # the engine knows whose it was
    world.advance(days=120)
    old = await month_report(database, "2026-10", ())
    assert (old.attempts_kept, old.total.sent, old.total.attempts) == (False, 3, None)


def test_the_command(after: Callable[[Moves], Any], seqconsole: Command) -> None:
    after(two_months)
    said = seqconsole("report", "--month", "last", "--by", "user,sequence,device", "--csv")
    assert (said.code, said.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert sum(int(row["sent"]) for row in rows) == 3
    assert {row["month"] for row in rows} == {"2026-10"}
    assert {row["device_name"] for row in rows} == {"Sales 1", '\'=HYPERLINK("x")'}  # no formula
    shown = seqconsole("report", "--month", "2026-10", "--json").json
    assert (shown["first"], shown["zone"], shown["total"]["sent"]) == ("2026-10-01", ZONE, 3)
    plain = seqconsole("report", "--month", "--by", "device")
    assert "2026-11, days of Asia/Kuala_Lumpur" in plain.out
    assert seqconsole("report", "--month", "2019-01").is_one_line("nothing was sent", code=1)
    assert seqconsole("report", "--month", "2026-13").is_one_line("is no month")
    assert seqconsole("report", "--month", "--by", "phone").is_one_line("--by is of")
    assert seqconsole("report", "--month", "--csv", "--json").is_one_line("exclude each other")


def test_months_by_name() -> None:
    today = date(2026, 1, 31)
    assert month_of("this", today) == (date(2026, 1, 1), date(2026, 2, 1))
    assert month_of("last", today) == (date(2025, 12, 1), date(2026, 1, 1))
    assert month_of("2026-12", today) == (date(2026, 12, 1), date(2027, 1, 1))
    for wrong in ("2026-00", "26-1", "2026-1", "last ", "1999-12"):
        with pytest.raises(BadMonth):
            month_of(wrong, today)
