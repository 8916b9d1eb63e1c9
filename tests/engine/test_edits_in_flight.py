"""What another application changes while a step is due, queued, in flight or in doubt: nothing is sent twice, too early or
to a held contact, and nothing is lost in silence."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest

from engine.alarms import find_unclaimable
from engine.gateways.protocol import Answer, Verdict
from engine.invariants import violations
from engine.operations.holds import pause
from engine.operations.model import Scope, Target
from engine.projection import project_people
from engine.recovery import expire, plan_ahead
from engine.rollup import roll_up_all
from engine.scheduling import schedule
from engine.store import Database
from tests.engine.steps import SENT, end, prepare, send_all, take
from tests.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PHONE = "60123456789"
RETRY = Answer(Verdict.RETRY, "503")
NOT_WRITTEN = Answer(Verdict.RETRY, "not written", written=False)
DOUBT = Answer(Verdict.UNKNOWN, "timeout")


def enrolled(world: World, delays: tuple[int, ...] = (0, 0)) -> tuple[list[UUID], UUID, list[UUID]]:
    """A sequence, a device, and the rows of one person of whom the first step is due."""
    now = world.freeze()
    world.engine()
    sequence, device = world.sequence(delays=delays), world.device()
    rows = world.contact(sequence, PHONE, device, statuses=("pending",) * len(delays), due=now)
    return sequence, device, rows


def insert_message(
    world: World, device: UUID, sequence: UUID, step: UUID, status: str, id: UUID | None = None
) -> None:
    """A message of another application for a step of the person; sent a while ago, if it says so."""
    world.run(
        "INSERT INTO broadcast_messages (id, device_id, sequence_id, sequence_stepid, recipient_phone, content, status, "
        "scheduled_at, sent_at) VALUES (coalesce(%s, gen_random_uuid()), %s, %s, %s, %s, 'x', %s, seqconsole.now(), "
        "CASE WHEN %s = 'sent' THEN seqconsole.now() - interval '2 hours' END)",
        id, device, sequence, step, PHONE, status, status,
    )  # fmt: skip


async def hold_until(world: World, database: Database, until: datetime) -> None:
    """A gateway holds the contact, with an end."""
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, until) VALUES ('contact', %s, 'gateway', %s)",
        PHONE,
        until,
    )
    async with database.transaction(writer="engine") as tx:
        await tx.run("session/lock_projection")
        await project_people(tx, [PHONE], now=await tx.now())


async def lose_device(world: World, database: Database, *, back: bool = True) -> None:
    """The device is deleted and, `back`, inserted again under its id; the feed is read each time."""
    [device] = world.run("DELETE FROM user_devices RETURNING id, user_id")
    await prepare(database)
    if back:
        world.run(
            "INSERT INTO user_devices (id, user_id, device_name, status, min_delay_seconds, max_delay_seconds) "
            "VALUES (%s, %s, 'one', 'online', 0, 0)",
            device["id"],
            device["user_id"],
        )
        await prepare(database)


async def test_a_message_replaced_in_flight_under_its_id_is_not_sent_beside_itself(
    world: World, database: Database
) -> None:
    sequence, device, _ = enrolled(world)
    await prepare(database)
    [claim] = await take(database)
    world.run("DELETE FROM broadcast_messages")
    insert_message(world, device, sequence[0], sequence[1], "pending", claim.message_id)
    await prepare(database)
    world.advance(seconds=155)
    assert await take(database) == []
    await end(database, [claim])
    world.advance(days=1)
    assert [c.step_id for c in await send_all(database)] == [sequence[2]]
    assert await violations(database) == {}


async def test_a_step_waits_for_the_latest_before_it_whatever_was_settled_in_advance(
    world: World, database: Database
) -> None:
    sequence, _, rows = enrolled(world, (0, 0, 24))
    world.run(
        "UPDATE sequence_contacts SET status = 'completed', completed_at = seqconsole.now() - interval '10 days' "
        "WHERE id = %s",
        rows[1],
    )
    assert [c.step_id for c in await send_all(database)] == [sequence[1]]
    world.advance(hours=23)
    assert await send_all(database) == []
    world.advance(hours=2)
    assert [c.step_id for c in await send_all(database)] == [sequence[3]]


async def test_a_step_waits_for_the_one_before_whose_row_was_cleaned_away(
    world: World, database: Database
) -> None:
    sequence, _, rows = enrolled(world, (0, 24))
    world.run("UPDATE sequence_contacts SET next_trigger_time = seqconsole.now()")
    assert len(await send_all(database)) == 1
    world.run("DELETE FROM sequence_contacts WHERE id = %s", rows[0])
    await prepare(database)
    world.advance(hours=23)
    assert await send_all(database) == []
    world.advance(hours=2)
    assert [c.step_id for c in await send_all(database)] == [sequence[2]]


@pytest.mark.parametrize("read", [False, True])
async def test_a_step_deleted_when_due_or_queued_leaves_nothing_behind_in_silence(
    world: World, database: Database, read: bool
) -> None:
    sequence, _, _ = enrolled(world)
    await roll_up_all(database)
    if read:
        await schedule(database)
    world.run("DELETE FROM sequence_steps WHERE id = %s", sequence[1])
    if not read:
        await schedule(database)
    await prepare(database)
    assert await violations(database) == {}
    why = world.value("SELECT detail ->> 'why' FROM seqconsole.findings")
    assert why == ("a step that its sequence has not" if read else None)
    assert world.value("SELECT count(*) FROM broadcast_messages") == (2 if read else 1)
    assert [c.step_id for c in await send_all(database)] == [sequence[2]]


@pytest.mark.parametrize("what", ["contact_phone = '60111111111'", "sequence_stepid = %(step)s"])
@pytest.mark.parametrize("when", ["due", "in flight"])
async def test_a_row_that_is_anothers_by_now_is_not_completed_for_what_was_sent_before(
    world: World, database: Database, what: str, when: str
) -> None:
    now = world.freeze()
    world.engine()
    sequence, device = world.sequence(delays=(0, 0)), world.device()
    [row] = world.contact(sequence, PHONE, device, due=now)
    await roll_up_all(database)
    claims = []
    if when == "in flight":
        await schedule(database)
        claims = await take(database)
    world.run(
        f"UPDATE sequence_contacts SET status = 'pending', {what.replace('%(step)s', '%s')} WHERE id = %s",
        *([sequence[2]] if "step" in what else []),
        row,
    )
    if when == "due":
        assert await schedule(database) == 0, "the feed is not read yet"
    await end(database, claims)
    for _ in range(3):
        claims += await send_all(database)
        world.advance(days=2)
    assert world.statuses() == {"completed": 1}
    assert len(claims) == (2 if when == "in flight" else 1), "its own person has its own step"
    assert await violations(database) == {}


@pytest.mark.parametrize(
    "edit", ["recipient_phone = '60111111111'", "sequence_stepid = gen_random_uuid()"]
)
async def test_a_campaign_in_doubt_stays_in_doubt_whatever_its_row_says(
    world: World, database: Database, edit: str
) -> None:
    world.freeze()
    world.engine()
    world.message(world.device(), PHONE)
    await prepare(database)
    claims = await take(database)
    await end(database, claims, DOUBT)
    world.run(f"UPDATE broadcast_messages SET {edit}")
    await prepare(database)
    assert world.value("SELECT state FROM seqconsole.progress") == "u"
    assert await violations(database) == {}
    await end(database, claims, SENT)
    assert world.value("SELECT count(*) FROM seqconsole.progress") == 0


@pytest.mark.parametrize(
    "act", ["TRUNCATE user_devices", "UPDATE user_devices SET id = gen_random_uuid()"]
)
async def test_nothing_is_claimed_for_a_device_that_went_unusually_and_an_alarm_says_so(
    world: World, database: Database, act: str
) -> None:
    enrolled(world)
    await prepare(database)
    world.run(act)
    await prepare(database)
    assert await take(database) == []
    await find_unclaimable(database)
    assert world.value("SELECT detail ->> 'scope' FROM seqconsole.findings") == "gone"


async def test_emptied_steps_send_nothing_more(world: World, database: Database) -> None:
    enrolled(world)
    await prepare(database)
    world.run("TRUNCATE sequence_steps")
    await prepare(database)
    assert await take(database) == []
    assert (
        world.value("SELECT count(*) FROM seqconsole.findings WHERE kind = 'unsendable message'")
        == 1
    )
    assert await violations(database) == {}


async def test_an_emptied_queue_is_a_finding_for_its_history_too(
    world: World, database: Database
) -> None:
    enrolled(world)
    await send_all(database)
    world.run("TRUNCATE broadcast_messages")
    await roll_up_all(database)
    assert world.value("SELECT kind FROM seqconsole.findings") == "emptied queue"
    assert await violations(database) == {}


async def test_a_device_that_comes_back_sends_nothing_to_a_paused_contact(
    world: World, database: Database
) -> None:
    enrolled(world)
    await prepare(database)
    await pause(database, "ops@test", Target(Scope.CONTACT, (PHONE,)), None)
    await lose_device(world, database)
    world.advance(hours=1)
    assert await take(database) == []
    assert world.value("SELECT gate FROM seqconsole.progress") == "hold"


async def test_a_device_that_comes_back_sends_nothing_of_a_duplicate_group(
    world: World, database: Database
) -> None:
    world.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
    sequence, device, _ = enrolled(world)
    await prepare(database)
    world.contact(sequence, PHONE, device)
    await prepare(database)
    await lose_device(world, database)
    world.advance(hours=1)
    assert await take(database) == []


@pytest.mark.parametrize("back", [False, True])
async def test_a_hold_that_ends_while_the_device_is_gone_strands_nobody(
    world: World, database: Database, back: bool
) -> None:
    enrolled(world)
    await prepare(database)
    await hold_until(
        world, database, world.value("SELECT seqconsole.now() + interval '30 minutes'")
    )
    await lose_device(world, database, back=back)
    assert await take(database) == []
    world.advance(hours=1)
    await prepare(database)
    assert len(await take(database)) == back
    await find_unclaimable(database)
    alarms = world.value("SELECT count(*) FROM seqconsole.findings WHERE kind = 'unclaimable'")
    assert alarms == (not back)


@pytest.mark.parametrize("held", ["for a while", "for ever"])
async def test_the_holds_of_new_contacts_and_of_one_contact_end_each_for_itself(
    world: World, database: Database, held: str
) -> None:
    _, device, _ = enrolled(world)
    await prepare(database)
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, cold_only) VALUES ('device', %s, 'timelock', true)",
        str(device),
    )
    await plan_ahead(database)
    end_at = "infinity" if held == "for ever" else "seqconsole.now() + interval '30 minutes'"
    until = world.value(
        f"SELECT {end_at!r}::timestamptz" if held == "for ever" else f"SELECT {end_at}"
    )
    await hold_until(world, database, until)
    if held == "for a while":
        world.advance(hours=1)
        assert await take(database) == [], "new contacts are still held"
    world.run("DELETE FROM seqconsole.holds WHERE holder = 'timelock'")
    await plan_ahead(database)
    await prepare(database)
    assert len(await take(database)) == (held == "for a while")


async def test_a_later_step_that_another_application_queued_waits_for_its_turn(
    world: World, database: Database
) -> None:
    sequence, device, _ = enrolled(world)
    await prepare(database)
    insert_message(world, device, sequence[0], sequence[2], "pending")
    await prepare(database)
    assert world.value("SELECT count(*) FROM seqconsole.findings") == 0
    assert [c.step_id for c in await send_all(database)] == [sequence[1]]
    world.advance(minutes=3)
    assert [c.step_id for c in await send_all(database)] == [sequence[2]]
    assert world.statuses() == {"completed": 2}


@pytest.mark.parametrize("answer", [RETRY, NOT_WRITTEN])
async def test_what_another_sender_sent_while_ours_was_in_flight_is_not_sent_again(
    world: World, database: Database, answer: Answer
) -> None:
    sequence, device, _ = enrolled(world)
    await prepare(database)
    claims = await take(database)
    insert_message(world, device, sequence[0], sequence[1], "sent")
    await prepare(database)
    await end(database, claims, answer)
    world.advance(days=1)
    assert [c.step_id for c in await send_all(database)] == [sequence[2]]
    assert await violations(database) == {}


@pytest.mark.parametrize("status", ["Pending", "PENDING"])
async def test_a_status_in_other_letters_is_the_same_status(
    world: World, database: Database, status: str
) -> None:
    world.freeze()
    world.engine()
    message = world.message(world.device(), PHONE)
    world.run("UPDATE broadcast_messages SET status = %s", status)
    assert [c.message_id for c in await send_all(database)] == [message]
    assert world.statuses("broadcast_messages") == {"sent": 1}


async def test_steps_over_their_validity_that_nobody_can_skip_starve_no_other(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sequence, device, _ = enrolled(world)
    world.setting("valid_for", "1 hour", "step", str(sequence[1]))
    await prepare(database)
    world.run("DELETE FROM broadcast_messages")
    await roll_up_all(database)
    world.advance(minutes=1)
    world.contact(sequence, "60123456700", device, due=world.now())
    await prepare(database)
    world.advance(hours=3)
    monkeypatch.setattr("engine.recovery.BATCH", 1)
    for _ in range(3):
        await expire(database)
    assert world.statuses("broadcast_messages") == {"skipped": 1}


async def test_a_doubt_comes_before_a_step_that_is_open_again(
    world: World, database: Database
) -> None:
    sequence, _, rows = enrolled(world)
    world.run("UPDATE sequence_contacts SET status = 'skipped' WHERE id = %s", rows[0])
    await prepare(database)
    world.advance(seconds=1)
    await prepare(database)
    claims = await take(database)
    assert [c.step_id for c in claims] == [sequence[2]]
    world.run("UPDATE sequence_contacts SET status = 'pending' WHERE id = %s", rows[0])
    await prepare(database)
    await end(database, claims, DOUBT)
    assert world.value("SELECT state FROM seqconsole.progress") == "u"
    assert "5_in_flight" not in await violations(database)
    world.advance(days=1)
    assert await send_all(database) == []
    await end(database, claims, SENT)
    assert [c.step_id for c in await send_all(database)] == [sequence[1]]


async def test_a_campaign_readdressed_in_flight_that_comes_back_is_a_finding(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    world.message(world.device(), PHONE)
    await prepare(database)
    claims = await take(database)
    world.run("UPDATE broadcast_messages SET recipient_phone = '60111111111'")
    await prepare(database)
    await end(database, claims, NOT_WRITTEN)
    await roll_up_all(database)
    assert world.value("SELECT kind FROM seqconsole.findings") == "unsendable message"
    assert await send_all(database) == []
