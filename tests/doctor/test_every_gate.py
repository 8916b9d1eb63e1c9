"""No step waits for ever in silence: whatever holds one without an end is a finding of the doctor, or a state that shows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from uuid import UUID

import pytest

from engine.alarms import find_unclaimable
from engine.doctor.looking import examine
from engine.gateways.protocol import Answer, Verdict
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.engine.steps import end, prepare, take
from tests.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PHONE = "60123456789"
Plant = Callable[[World, Database, list[UUID], list[UUID]], Awaitable[None]]


@pytest.fixture
def world(new_database: Callable[..., str]) -> Iterator[World]:
    made = World.at(new_database())
    made.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
    yield made
    made.close()


@pytest.fixture
async def database(world: World) -> AsyncIterator[Database]:
    async with Database.open(Access(world.connection.info.dsn)) as opened:
        yield opened


def edit(sql: str, *, queued: bool = False) -> Plant:
    """An edit of another application, before the step is queued or after; `%s` is the first row's id."""

    async def plant(
        world: World, database: Database, sequence: list[UUID], rows: list[UUID]
    ) -> None:
        if queued:
            await prepare(database)
        world.run(sql, *([rows[0]] if "%s" in sql else []))

    return plant


async def doubt(world: World, database: Database, sequence: list[UUID], rows: list[UUID]) -> None:
    await prepare(database)
    await end(database, await take(database), Answer(Verdict.UNKNOWN, "timeout"))


async def lost_doubt(
    world: World, database: Database, sequence: list[UUID], rows: list[UUID]
) -> None:
    await doubt(world, database, sequence, rows)
    world.run("DELETE FROM broadcast_messages")


async def refused(world: World, database: Database, sequence: list[UUID], rows: list[UUID]) -> None:
    world.run("ALTER TABLE broadcast_messages ADD CHECK (recipient_phone <> '60123456789')")


async def failed(world: World, database: Database, sequence: list[UUID], rows: list[UUID]) -> None:
    await prepare(database)
    await end(database, await take(database), Answer(Verdict.FAIL, "INVALID_JID"))


ROW = "UPDATE sequence_contacts SET {} WHERE id = %s"
GATES: dict[str, tuple[Plant, str, str]] = {
    "a twin": (
        edit(
            "INSERT INTO sequence_contacts (sequence_id, contact_phone, current_step, sequence_stepid, status) "
            "SELECT sequence_id, contact_phone, current_step, sequence_stepid, 'pending' FROM sequence_contacts WHERE id = %s"
        ),
        "duplicate",
        "duplicate-step",
    ),
    "two steps of a day": (
        edit("UPDATE sequence_steps SET day_number = 1"), "order", "undecided-order"),
    "a step without a day": (
        edit("UPDATE sequence_steps SET day_number = NULL WHERE day_number = 2"), "order", "undecided-order"),
    "a negative delay": (
        edit("UPDATE sequence_steps SET trigger_delay_hours = -1"), "delay", "negative-delay"),
    "a later step active": (
        edit("UPDATE sequence_contacts SET status = 'active' WHERE id <> %s"), "active", "held-back"),
    "active without a message": (edit(ROW.format("status = 'active'")), "stuck", "held-back"),
    "message deleted": (edit("DELETE FROM broadcast_messages", queued=True), "vanished", "held-back"),
    "message skipped": (
        edit("UPDATE broadcast_messages SET status = 'skipped'", queued=True), "skipped", "held-back"),
    "message readdressed": (
        edit("UPDATE broadcast_messages SET recipient_phone = '60111111111'", queued=True), "recipient", "held-back"),
    "row deleted": (edit("DELETE FROM sequence_contacts WHERE id = %s", queued=True), "contact", "held-back"),
    "an unknown state": (edit(ROW.format("status = 'paused'")), "state", "unknown-state"),
    "no state": (edit(ROW.format("status = NULL")), "state", "unknown-state"),
    "a doubt": (doubt, "unknown", "in-doubt"),
    "a doubt whose message was deleted": (lost_doubt, "unknown", "held-back"),
    "no device": (
        edit("DELETE FROM user_devices WHERE %s IS NOT NULL", queued=True), "device", "unclaimable"),
    "refused by the tables": (refused, "refused", "held-back"),
    "an incomplete text": (
        edit("UPDATE sequence_steps SET content = 'Hi {nothing}'"), "text", "unknown-placeholder"),
}  # fmt: skip


@pytest.mark.parametrize("name", GATES)
async def test_a_step_that_is_held_without_an_end_is_a_finding(
    world: World, database: Database, name: str
) -> None:
    plant, gate, check = GATES[name]
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    rows = world.contact(sequence, PHONE, world.device(), statuses=("pending",) * 2, due=now)
    await roll_up_all(database)
    await plant(world, database, sequence, rows)
    await prepare(database)
    world.advance(minutes=1)
    assert await take(database) == []
    await find_unclaimable(database)
    assert gate in {r["gate"] for r in world.run("SELECT gate FROM seqconsole.progress")}
    report = await examine(database)
    assert check in {f.check.name for f in report.findings}


async def test_a_step_that_failed_and_holds_the_next_shows_as_failed(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    rows = world.contact(sequence, PHONE, world.device(), statuses=("pending",) * 2, due=now)
    await failed(world, database, sequence, rows)
    await prepare(database)
    assert world.value("SELECT gate FROM seqconsole.progress") == "failed"
    assert world.statuses() == {"failed": 1, "pending": 1}
