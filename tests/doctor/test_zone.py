"""The zone of naive times: declared or not, against what the data say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine import adoption
from engine.doctor import Finding, Report, examine
from engine.store import Access, Database
from tests.dirty import Defect, Wild, build

pytestmark = pytest.mark.anyio

KUALA_LUMPUR = "Asia/Kuala_Lumpur"


async def looked_at(dsn: str, zone: str = "") -> Report:
    async with Database.open(Access(dsn)) as database:
        return await examine(database, zone=zone, country="60", examples=1000)


def zone_of(report: Report) -> Finding:
    return next(f for f in report.findings if f.check.name == "zone")


@pytest.mark.parametrize(
    ("zone", "least"),
    [(KUALA_LUMPUR, KUALA_LUMPUR), ("Asia/Kolkata", "Asia/Kolkata"), ("UTC", "UTC")],
)
async def test_f85_the_zone_is_proposed_from_the_data(
    new_database: Callable[..., str], zone: str, least: str
) -> None:
    dsn = new_database(template="template0")
    planted = build(dsn, Wild(naive=True, zone=zone), [Defect.STUCK_ACTIVE])
    report = await looked_at(dsn)
    assert zone_of(report).examples[0].statement == f"seqconsole migrate --timezone {least}"
    assert "broadcast_messages.sent_at" in zone_of(report).examples[0].ids
    assert report.zone == least
    # The other checks read by it: eight hours off, these rows would not look stuck.
    stuck = next(f for f in report.findings if f.check.name == "stuck-rows")
    assert {each.ids[0] for each in stuck.examples} == planted[Defect.STUCK_ACTIVE].ids
    assert {f.check.name for f in report.findings} == {"zone", "stuck-rows"}


async def test_f85_a_declared_zone_that_the_data_contradict(
    new_database: Callable[..., str],
) -> None:
    dsn = new_database(template="template0")
    build(dsn, Wild(naive=True, zone=KUALA_LUMPUR))
    await adoption.migrate(Access(dsn), country="60", zone="UTC")
    found = zone_of(await looked_at(dsn))
    assert found.examples[0].statement == f"seqconsole migrate --timezone {KUALA_LUMPUR}"
    assert "declared is UTC" in str(found.examples[0].detail)
    await adoption.migrate(Access(dsn), country="60", zone=KUALA_LUMPUR)
    report = await looked_at(dsn)
    assert (report.findings, report.skipped, report.zone) == ((), (), KUALA_LUMPUR)


async def test_a_few_times_ahead_are_no_zone(new_database: Callable[..., str]) -> None:
    dsn = new_database(template="template0")
    planted = build(dsn, Wild(contacts=200, naive=True), [Defect.FUTURE_TIMES])
    [found] = (await looked_at(dsn, KUALA_LUMPUR)).findings[1:]
    assert found.check.name == "future-times"
    assert {each.ids[0] for each in found.examples} == planted[Defect.FUTURE_TIMES].ids


async def test_a_zone_given_by_hand_is_what_the_checks_read_by(
    new_database: Callable[..., str],
) -> None:
    dsn = new_database(template="template0")
    build(dsn, Wild(naive=True))
    report = await looked_at(dsn, KUALA_LUMPUR)
    assert report.zone == KUALA_LUMPUR
    assert [f.check.name for f in report.findings] == ["zone"]  # it is not declared yet
