"""A contact's steps go out one by one, in order, and each failure stays with its own contact."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.store import Database
from tests.engine.steps import end, prepare, send_all, take
from tests.world import World

pytestmark = pytest.mark.anyio

TWO = ("pending", "pending")


@pytest.mark.parametrize("earlier", [timedelta(hours=5), timedelta()])
async def test_f18_f19_f34_the_order_of_steps_decides_not_their_times(
    world: World, database: Database, earlier: timedelta
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    rows = world.contact(sequence, "60123456789", world.device(), statuses=TWO, due=now)
    world.run(
        "UPDATE sequence_contacts SET next_trigger_time = %s WHERE id = %s", now - earlier, rows[1]
    )
    await prepare(database)
    [claim] = await take(database)
    assert claim.step_id == sequence[1]
    world.advance(seconds=30)
    await prepare(database)
    assert await take(database) == [], "nothing while the first is in flight"
    assert world.statuses() == {"active": 1, "pending": 1}
    await end(database, [claim])
    world.advance(seconds=1)
    assert [c.step_id for c in await send_all(database)] == [sequence[2]]


async def test_f22_f23_completed_only_after_the_send(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    rows = world.contact(
        world.sequence(delays=(0, 0)), "60123456789", world.device(), statuses=TWO, due=now
    )
    first = "SELECT status FROM sequence_contacts WHERE id = %s"
    await prepare(database)
    assert world.value(first, rows[0]) == "active"
    claims = await take(database)
    assert world.value(first, rows[0]) == "active"
    await end(database, claims, Answer(Verdict.FAIL, "MEDIA_TOO_OLD", body="link expired"))
    assert world.value(first, rows[0]) == "failed"
    assert world.value("SELECT last_error FROM sequence_contacts WHERE status = 'failed'")
    world.advance(days=2)
    assert await send_all(database) == []


async def test_f24_f25_failures_stay_with_their_contacts(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    phones = [f"6012345678{n}" for n in range(5)]
    for phone in phones:
        world.contact(sequence, phone, world.device(phone), statuses=TWO, due=now)
    await prepare(database)
    claims = sorted(await take(database), key=lambda c: c.phone)
    await end(database, claims[:4], Answer(Verdict.FAIL, "INVALID_JID"))
    await end(database, claims[4:])
    world.advance(seconds=1)
    assert [c.phone for c in await send_all(database)] == [phones[4]]
    failed = world.run(
        "SELECT contact_phone, count(*) AS n FROM sequence_contacts WHERE status = 'failed' "
        "GROUP BY 1 ORDER BY 1"
    )
    assert failed == [{"contact_phone": phone, "n": 1} for phone in phones[:4]]
    assert world.statuses() == {"failed": 4, "pending": 4, "completed": 2}


@pytest.mark.parametrize(("delay", "wait"), [(0, 0), (None, 24), (3, 3)])
async def test_f30_no_delay_is_at_once_and_none_given_is_a_day(
    world: World, database: Database, delay: int | None, wait: int
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, delay))
    world.contact(sequence, "60123456789", world.device(), statuses=TWO, due=now)
    assert len(await send_all(database)) == 1
    if wait:
        world.advance(hours=wait, seconds=-1)
        assert await send_all(database) == []
    world.advance(seconds=2)
    assert [c.step_id for c in await send_all(database)] == [sequence[2]]


async def test_f17_f31_after_an_outage_the_steps_shift(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 24, 24))
    rows = world.contact(sequence, "60123456789", world.device(), statuses=(*TWO, "pending"))
    for day, row in enumerate(rows):
        due = now + timedelta(days=day)
        world.run("UPDATE sequence_contacts SET next_trigger_time = %s WHERE id = %s", due, row)
    world.advance(days=10)
    sent = []
    for hours in (0, 1, 22, 1, 23, 1):
        world.advance(hours=hours, seconds=1)
        sent.append([c.step_id for c in await send_all(database)])
    assert sent == [[sequence[1]], [], [], [sequence[2]], [], [sequence[3]]]


@pytest.mark.parametrize(("policy", "goes_on"), [("hold", 0), ("skip", 1)])
async def test_f26_what_follows_a_failure_is_the_sequences_policy(
    world: World, database: Database, policy: str, goes_on: int
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    world.setting("on_failure", policy, "sequence", str(sequence[0]))
    world.contact(sequence, "60123456789", world.device(), statuses=TWO, due=now)
    await prepare(database)
    await end(database, await take(database), Answer(Verdict.FAIL, "INVALID_JID"))
    world.advance(days=2)
    assert len(await send_all(database)) == goes_on


@pytest.mark.parametrize("rows", ["kept", pytest.param("deleted", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("lost", "why"),
    [
        ("", "a step that its sequence has not"),
        ("sequence_id = NULL", "a step without its sequence"),
        ("sequence_id = NULL, sequence_stepid = NULL", "its step was taken from it"),
    ],
)
async def test_f32_f33_a_deleted_sequence_leaves_nothing_unseen(
    world: World, database: Database, lost: str, why: str, rows: str
) -> None:
    """Its queued messages are not sent, whatever a foreign key leaves of them, and each is a finding."""
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    for n in range(2):
        device = world.device(f"d{n}")
        world.contact(sequence, f"6012345678{n}", device, statuses=TWO, due=now)
    await prepare(database)
    if rows == "deleted":
        world.run("DELETE FROM sequence_contacts")
    world.run("DELETE FROM sequence_steps")
    world.run("DELETE FROM sequences")
    if lost:
        world.run(f"UPDATE broadcast_messages SET {lost}")
    world.advance(days=1)
    assert await send_all(database) == []
    assert world.statuses("broadcast_messages") == {"pending": 2}
    found = world.run(
        "SELECT detail ->> 'why' AS why FROM seqconsole.findings WHERE kind = 'unsendable message'"
    )
    assert found == [{"why": why}] * 2


async def test_f92_a_step_that_is_added_is_for_who_comes_in_later(
    world: World, database: Database
) -> None:
    """Who is through, has failed or said stop gets no row for it, and nothing of it."""
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    for n in range(3):
        world.contact(sequence, f"6012345678{n}", world.device(f"d{n}"), due=now)
    await prepare(database)
    done, failed, stopped = await take(database)
    await end(database, [done])
    await end(database, [failed], Answer(Verdict.FAIL, "INVALID_JID"))
    await end(database, [stopped], Answer(Verdict.SUPPRESS, "131050"))
    world.run(
        "INSERT INTO sequence_steps (sequence_id, day_number, trigger_delay_hours, content) "
        "VALUES (%s, 2, 0, 'more')",
        sequence[0],
    )
    world.advance(days=3)
    assert await send_all(database) == []
    assert world.value("SELECT count(*) FROM sequence_contacts") == 3
