"""An outcome that comes when the world has moved on: the device sends another, the contact is paused."""

from __future__ import annotations

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.invariants import violations
from engine.operations.holds import pause
from engine.operations.model import Scope, Target
from engine.recovery import recover
from engine.store import Database
from tests.engine.steps import SENT, end, prepare, send_all, take
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("answer", [None, SENT])
async def test_the_end_of_an_expired_lease_never_frees_a_busy_device(
    world: World, database: Database, answer: Answer | None
) -> None:
    world.freeze()
    world.engine()
    device = world.device()
    for n in range(3):
        world.message(device, f"6012345678{n}")
    await prepare(database)
    first = await take(database)
    world.advance(seconds=151)
    assert len(await take(database)) == 1, "the lease of the first is over"
    if answer is None:
        assert await recover(database) == 1
    else:
        await end(database, first, answer)
    assert await take(database) == []


@pytest.mark.parametrize(
    "answer", [Answer(Verdict.RETRY, "503"), Answer(Verdict.RETRY, "not written", written=False)]
)
async def test_a_campaign_message_that_comes_back_waits_for_its_paused_contact(
    world: World, database: Database, answer: Answer
) -> None:
    world.freeze()
    world.engine()
    world.message(world.device(), "60123456789")
    await prepare(database)
    claims = await take(database)
    done = await pause(database, "ops@test", Target(Scope.CONTACT, ("60123456789",)), None)
    assert [f.message_id for f in done.in_flight] == [c.message_id for c in claims]
    await end(database, claims, answer)
    world.advance(hours=2)
    assert await send_all(database) == []


@pytest.mark.parametrize("answer", [SENT, Answer(Verdict.UNKNOWN, "timeout")])
async def test_a_message_deleted_in_flight_does_not_stay_in_flight(
    world: World, database: Database, answer: Answer
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    world.contact(sequence, "60123456789", world.device(), statuses=("pending",) * 2, due=now)
    await prepare(database)
    claims = await take(database)
    world.run("DELETE FROM broadcast_messages")
    await end(database, claims, answer)
    await prepare(database)
    assert world.value("SELECT count(*) FROM seqconsole.progress WHERE state = 's'") == 0
    world.advance(seconds=200)
    sent = await send_all(database)
    assert [c.step_id for c in sent] == ([sequence[2]] if answer is SENT else [])


@pytest.mark.parametrize("status", ["sent", "processing", "skipped"])
async def test_a_message_taken_by_another_application_is_not_claimed_before_the_feed_is_read(
    world: World, database: Database, status: str
) -> None:
    world.engine()
    world.message(world.device(), "60123456789")
    await prepare(database)
    world.run("UPDATE broadcast_messages SET status = %s", status)
    assert await take(database) == []
    assert world.statuses("broadcast_messages") == {status: 1}


@pytest.mark.parametrize("status", ["completed", "skipped"])
async def test_a_doubt_stays_open_whatever_another_application_says_of_its_contact_row(
    world: World, database: Database, status: str
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    [first, _] = world.contact(
        sequence, "60123456789", world.device(), statuses=("pending",) * 2, due=now
    )
    await prepare(database)
    assert len(await take(database)) == 1
    world.run("UPDATE sequence_contacts SET status = %s WHERE id = %s", status, first)
    world.advance(seconds=151)
    await recover(database)
    await prepare(database)
    assert world.run("SELECT step_id, state, gate FROM seqconsole.progress") == [
        {"step_id": sequence[1], "state": "u", "gate": "unknown"}
    ]
    assert await violations(database) == {}
    world.advance(days=2)
    assert await send_all(database) == []


@pytest.mark.parametrize("when", ["in flight", "in doubt"])
async def test_a_doubt_whose_contact_row_was_deleted_stays_open_and_holds_the_next_step(
    world: World, database: Database, when: str
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    [first, _] = world.contact(
        sequence, "60123456789", world.device(), statuses=("pending",) * 2, due=now
    )
    await prepare(database)
    claims = await take(database)
    if when == "in flight":
        world.run("DELETE FROM sequence_contacts WHERE id = %s", first)
        await prepare(database)
    world.advance(seconds=151)
    assert await recover(database) == 1
    if when == "in doubt":
        world.run("DELETE FROM sequence_contacts WHERE id = %s", first)
    await prepare(database)
    assert world.run("SELECT step_id, state, gate FROM seqconsole.progress") == [
        {"step_id": sequence[1], "state": "u", "gate": "unknown"}
    ]
    assert await violations(database) == {}
    world.advance(days=2)
    assert await send_all(database) == [], "nobody knows yet whether the first step went out"
    await end(database, claims)
    assert [c.step_id for c in await send_all(database)] == [sequence[2]]


@pytest.mark.parametrize("when", ["in flight", "in doubt"])
@pytest.mark.parametrize("gone", ["step", "step and row", "whole sequence"])
async def test_a_doubt_whose_step_was_deleted_stays_open_and_holds_the_next_step(
    world: World, database: Database, when: str, gone: str
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    [row, _] = world.contact(
        sequence, "60123456789", world.device(), statuses=("pending",) * 2, due=now
    )
    await prepare(database)
    claims = await take(database)

    def delete() -> None:
        if gone != "step":
            world.run("DELETE FROM sequence_contacts WHERE id = %s", row)
        if gone == "whole sequence":
            world.run("DELETE FROM sequence_contacts WHERE sequence_id = %s", sequence[0])
            world.run("DELETE FROM sequence_steps WHERE sequence_id = %s", sequence[0])
            world.run("DELETE FROM sequences WHERE id = %s", sequence[0])
        else:
            world.run("DELETE FROM sequence_steps WHERE id = %s", sequence[1])

    if when == "in flight":
        delete()
        await prepare(database)
    world.advance(seconds=151)
    await recover(database)
    if when == "in doubt":
        delete()
    await prepare(database)
    assert world.run("SELECT step_id, state, gate FROM seqconsole.progress") == [
        {"step_id": sequence[1], "state": "u", "gate": "unknown"}
    ]
    assert await violations(database) == {}
    world.advance(days=2)
    assert await send_all(database) == [], "nobody knows yet whether the first step went out"
    await end(database, claims)
    rest = [] if gone == "whole sequence" else [sequence[2]]
    assert [c.step_id for c in await send_all(database)] == rest
    assert await violations(database) == {}


async def test_what_never_went_out_and_is_told_after_its_lease_leaves_the_gap_of_what_was_sent_since(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    device = world.device(gap=(5, 5), limit=2)
    for n in range(3):
        world.message(device, f"6012345678{n}")
    await prepare(database)
    lost = await take(database)
    world.advance(seconds=156)
    sent = await take(database)
    assert len(sent) == 1, "the lease of the first is over"
    await end(database, sent)
    await end(database, lost, Answer(Verdict.RETRY, "not written", written=False))
    world.advance(seconds=4)
    assert await take(database) == []
    world.advance(seconds=1)
    assert len(await take(database)) == 1, "and not later: what never went out is not charged"
