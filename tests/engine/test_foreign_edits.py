"""What another application does to its own tables never sends twice, never stops us, never goes unseen."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest

from engine import sending
from engine.gateways.protocol import Answer, Verdict
from engine.invariants import violations
from engine.journal import Journal
from engine.operations.holds import pause
from engine.operations.model import Scope, Target
from engine.recovery import recover
from engine.rollup import hold_for_another_sender, roll_up_all
from engine.store import Database
from tests.engine.steps import end, prepare, send_all, take
from tests.world import World

pytestmark = pytest.mark.anyio


def findings(world: World) -> set[str]:
    return {row["kind"] for row in world.run("SELECT DISTINCT kind FROM seqconsole.findings")}


def step_message(world: World, device: UUID, sequence: list[UUID], phone: str, status: str) -> UUID:
    message: UUID = world.value(
        "INSERT INTO broadcast_messages (device_id, sequence_id, sequence_stepid, recipient_phone, content, status, "
        "scheduled_at, sent_at) VALUES (%s, %s, %s, %s, 'x', %s, seqconsole.now(), "
        "CASE WHEN %s = 'sent' THEN seqconsole.now() END) RETURNING id",
        device,
        sequence[0],
        sequence[1],
        phone,
        status,
        status,
    )
    return message


async def test_a_claim_whose_answer_is_late_is_not_taken_for_lost(
    world: World, database: Database, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.engine()
    world.message(world.device(), "60123456789")
    await prepare(database)
    committed, answered = asyncio.Event(), asyncio.Event()
    real = sending.claim

    async def late(*args: object, **named: object) -> object:
        found = await real(*args, **named)  # type: ignore[arg-type]
        committed.set()
        await answered.wait()
        return found

    monkeypatch.setattr(sending, "claim", late)
    worker = uuid4()
    journal = Journal.open(tmp_path, worker)  # type: ignore[arg-type]
    sender = sending.Sender(database, None, journal, worker)  # type: ignore[arg-type]
    claiming = asyncio.create_task(sender._claim(10))
    await committed.wait()
    giving_back = asyncio.create_task(sender.give_back_lost())
    done, _ = await asyncio.wait({giving_back}, timeout=1)
    assert not done, "it waits until the claim is known"
    answered.set()
    assert len(await claiming) == 1
    assert await giving_back == 0
    assert world.statuses("broadcast_messages") == {"sending": 1}
    journal.close()


@pytest.mark.parametrize("state", ["pending", "sending"])
async def test_a_readdressed_message_stops_nobody_and_is_not_sent_to_the_new_number(
    world: World, database: Database, state: str
) -> None:
    world.freeze()
    world.engine()
    moved = world.message(world.device("one"), "60123456789")
    await prepare(database)
    claims = await take(database) if state == "sending" else []
    world.run("UPDATE broadcast_messages SET recipient_phone = '60123456700' WHERE id = %s", moved)
    other = world.message(world.device("two"), "60123456701")
    await prepare(database)
    assert [c.message_id for c in await take(database)] == [other]
    await end(database, claims)
    assert world.statuses("broadcast_messages")["sending"] == 1


async def test_a_readdressed_message_is_not_claimed_before_the_feed_is_read(
    world: World, database: Database
) -> None:
    world.engine()
    message = world.message(world.device(), "60123456789")
    await prepare(database)
    world.run(
        "UPDATE broadcast_messages SET recipient_phone = '60123456700' WHERE id = %s", message
    )
    assert await take(database) == []
    assert world.value("SELECT gate FROM seqconsole.progress") == "message"


@pytest.mark.parametrize("deleted", [False, True])
async def test_a_sent_or_doubtful_campaign_set_back_is_not_sent_again(
    world: World, database: Database, deleted: bool
) -> None:
    world.freeze()
    world.engine()
    device = world.device()
    message = world.message(device, "60123456789")
    if deleted:
        await prepare(database)
        await take(database)
        world.advance(seconds=200)
        await recover(database)
        world.run("DELETE FROM broadcast_messages")
        world.run(
            "INSERT INTO broadcast_messages (id, device_id, recipient_phone, status) "
            "VALUES (%s, %s, '60123456789', 'pending')",
            message,
            device,
        )
    else:
        await send_all(database)
        world.run("UPDATE broadcast_messages SET status = 'pending'")
    world.advance(hours=2)
    assert await send_all(database) == []


async def test_what_another_sender_sent_is_not_sent_by_us(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    device, sequence = world.device(), world.sequence(delays=(0, 0))
    world.contact(sequence, "60123456789", device, statuses=("pending",) * 2, due=now)
    await prepare(database)
    step_message(world, device, sequence, "012-345 6789", "sent")
    await roll_up_all(database)
    assert world.statuses("broadcast_messages") == {"sent": 1, "skipped": 1}
    assert world.statuses() == {"completed": 1, "pending": 1}
    world.advance(seconds=1)
    [claim] = await send_all(database)
    assert claim.step_id == sequence[2]


async def test_a_paused_sequence_holds_its_messages_without_a_step(
    world: World, database: Database
) -> None:
    world.engine()
    sequence, device = world.sequence(), world.device()
    message = world.message(device, "60123456789")
    world.run("UPDATE broadcast_messages SET sequence_id = %s WHERE id = %s", sequence[0], message)
    await prepare(database)
    await pause(database, "ops@test", Target(Scope.SEQUENCE, (str(sequence[0]),)), None)
    assert await take(database) == []


async def test_an_opt_out_stops_the_person_everywhere(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    devices = [world.device(f"d{n}") for n in range(2)]
    world.message(devices[0], "60123456789")
    world.contact(world.sequence(), "012-345 6789", devices[1], due=now)
    await prepare(database)
    [first, *_] = await take(database, 1)
    await end(database, [first], Answer(Verdict.SUPPRESS, "131050"))
    world.advance(days=2)
    assert await send_all(database) == []
    assert world.value("SELECT count(*) FROM seqconsole.progress WHERE gate = 'hold'") == 1


async def test_a_contact_is_sent_when_its_hold_has_ended(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    device, sequence = world.device(), world.sequence()
    world.contact(sequence, "60123456789", device, due=now)
    await prepare(database)
    until = world.value("SELECT seqconsole.now() + interval '10 minutes'")
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, until) VALUES ('contact', '60123456789', 'gateway', %s)",
        until,
    )
    world.run("UPDATE sequence_contacts SET contact_name = 'B'")
    await prepare(database)
    assert await take(database) == []
    world.advance(minutes=11)
    assert len(await send_all(database)) == 1


async def test_another_sender_holds_everything_while_it_is_seen(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    device = world.device(limit=3)
    messages = [world.message(device, f"6012345678{n}") for n in range(5)]
    await prepare(database)
    world.run(
        "UPDATE broadcast_messages SET status = 'sent', sent_at = seqconsole.now() WHERE id = ANY(%s)",
        messages[:2],
    )
    await prepare(database)
    assert await hold_for_another_sender(database) == 1
    assert await take(database) == []
    world.advance(minutes=11)
    assert await hold_for_another_sender(database) == 0
    assert len(await send_all(database)) == 1
    assert await send_all(database) == [], "its two sends are charged"


async def test_rows_that_cannot_be_queued_starve_nobody(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    device, sequence = world.device(), world.sequence()
    for n in range(5):
        world.contact(sequence, f"6012345678{n}", device, due=now)
    world.contact(sequence, "60123456799", device, due=world.advance(seconds=1))
    world.run("UPDATE sequence_contacts SET status = 'Pending' WHERE contact_phone = '60123456780'")
    await roll_up_all(database)
    from engine.scheduling import schedule

    with psycopg.connect(world.connection.info.dsn) as other:
        other.execute(
            "SELECT FROM sequence_contacts WHERE contact_phone LIKE '6012345678_' FOR UPDATE"
        )
        assert await schedule(database, 5) == 0
        assert await schedule(database, 5) == 1
    world.advance(minutes=1)
    assert await schedule(database, 100) == 5


async def test_a_row_that_the_tables_refuse_is_set_aside(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    device, sequence = world.device(), world.sequence()
    world.contact(sequence, "60123456780", device, due=now)
    world.contact(sequence, "60123456781", device, due=world.advance(seconds=1))
    world.run("UPDATE sequence_contacts SET user_id = NULL WHERE contact_phone = '60123456780'")
    world.run("UPDATE sequences SET user_id = NULL")
    world.run("ALTER TABLE broadcast_messages ALTER user_id SET NOT NULL")
    await prepare(database)
    assert world.statuses("broadcast_messages") == {"pending": 1}
    assert world.value("SELECT count(*) FROM seqconsole.progress WHERE gate = 'refused'") == 1


async def test_an_emptied_table_is_counted_again(world: World, database: Database) -> None:
    world.engine()
    world.message(world.device(), "60123456789")
    world.contact(world.sequence(delays=(24,)), "60123456788", None)
    await prepare(database)
    world.run("TRUNCATE broadcast_messages, sequence_contacts")
    await roll_up_all(database)
    assert world.value("SELECT coalesce(sum(n), 0) FROM seqconsole.counters") == 0
    assert (
        world.run("SELECT state, gate, track = message_id AS campaign FROM seqconsole.progress")
        == []
    )
    assert "vanished message" in findings(world)
    assert await violations(database) == {}


async def test_a_queued_message_whose_contact_is_gone_or_readdressed_is_held(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence()
    rows = [
        world.contact(sequence, f"6012345678{n}", world.device(f"d{n}"), due=now)[0]
        for n in range(2)
    ]
    await prepare(database)
    world.run("DELETE FROM sequence_contacts WHERE id = %s", rows[0])
    world.run("UPDATE sequence_contacts SET contact_phone = '60123456700' WHERE id = %s", rows[1])
    await prepare(database)
    assert await take(database) == []
    gates = world.run("SELECT gate FROM seqconsole.progress ORDER BY gate")
    assert [row["gate"] for row in gates] == ["contact", "contact", "stuck"]


async def test_a_pending_message_that_nobody_will_send_is_a_finding(
    world: World, database: Database
) -> None:
    world.engine()
    world.message(world.device(), "12036304@g.us")
    await roll_up_all(database)
    assert "unsendable message" in findings(world)


async def test_foreign_writers_never_wait_for_each_other_in_our_triggers(
    dsn: str, world: World, database: Database
) -> None:
    device = world.device()
    first, second = world.message(device, "60123456789"), world.message(device, "60123456788")
    with psycopg.connect(dsn) as one, psycopg.connect(dsn) as two:
        one.execute("UPDATE broadcast_messages SET status = 'sent' WHERE id = %s", [first])
        two.execute("SET lock_timeout = '2s'")
        two.execute("UPDATE broadcast_messages SET status = 'sent' WHERE id = %s", [second])
    await roll_up_all(database)
    assert "another sender" in findings(world)
    assert await violations(database) == {}


async def test_a_late_proof_of_an_old_doubt_never_frees_a_busy_device(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    device = world.device()
    for n in range(3):
        world.message(device, f"6012345678{n}")
    await prepare(database)
    old = await take(database)
    world.advance(seconds=160)
    await recover(database)
    world.advance(seconds=60)
    assert len(await take(database)) == 1
    await end(database, old, Answer(Verdict.RETRY, "never written", written=False))
    assert await take(database) == [], "one message at a time"
