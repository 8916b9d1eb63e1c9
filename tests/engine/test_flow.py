"""From a due step to a completed row, and every way an attempt can end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.recovery import recover
from engine.store import Database
from tests.engine.steps import end, prepare, send_all, take
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.mark.smoke
async def test_a_contact_walks_through_its_sequence_in_order_and_in_time(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    device = world.device()
    sequence = world.sequence(delays=(0, 24, 0))
    world.contact(sequence, "012-345 6789", device, statuses=("pending",) * 3, due=now)
    sent = []
    for hours in (0, 1, 22, 1, 0, 0):
        world.advance(hours=hours, seconds=1)
        sent.append([c.step_id for c in await send_all(database)])
    assert sent == [[sequence[1]], [], [], [sequence[2]], [sequence[3]], []]
    assert world.statuses() == {"completed": 3}
    assert world.statuses("broadcast_messages") == {"sent": 3}
    assert world.value("SELECT count(*) FROM seqconsole.progress") == 0
    phones = world.run("SELECT DISTINCT recipient_phone FROM broadcast_messages")
    assert phones == [{"recipient_phone": "60123456789"}]


async def test_the_engine_switch_is_part_of_the_gate(world: World, database: Database) -> None:
    now = world.freeze()
    device = world.device()
    world.contact(world.sequence(), "60123456789", device, due=now)
    world.message(device, "60123456780")
    await prepare(database)
    assert await take(database) == []
    world.engine()
    await prepare(database)
    assert len(await take(database)) == 1


async def test_a_failure_is_recorded_with_its_reason_and_holds_the_sequence(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    rows = world.contact(
        world.sequence(delays=(0, 0)),
        "60123456789",
        world.device(),
        statuses=("pending",) * 2,
        due=now,
    )
    await prepare(database)
    await end(
        database, await take(database), Answer(Verdict.FAIL, "INVALID_JID", body="not on whatsapp")
    )
    world.advance(hours=100)
    assert await send_all(database) == []
    first = world.run("SELECT * FROM sequence_contacts WHERE id = %s", rows[0])[0]
    assert (first["status"], first["last_error"]) == ("failed", "not on whatsapp")
    assert world.value("SELECT gate FROM seqconsole.progress") == "failed"


async def test_a_retry_waits_longer_each_time_and_ends_as_failed(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    world.contact(world.sequence(), "60123456789", world.device(), due=now)
    await prepare(database)
    waits = []
    for _ in range(5):
        [claim] = await take(database)
        await end(database, [claim], Answer(Verdict.RETRY, "DEVICE_MANAGER_UNAVAILABLE"))
        at = world.value("SELECT at FROM seqconsole.progress")
        waits.append((at - world.now()) if at.year < 9999 else None)
        world.run("DELETE FROM seqconsole.holds")
        world.advance(hours=1)
    assert waits[:4] == [timedelta(seconds=s) for s in (15, 30, 60, 120)]
    assert world.statuses("broadcast_messages") == {"failed": 1}
    assert world.statuses() == {"failed": 1}


async def test_silence_is_unknown_and_is_never_sent_again(world: World, database: Database) -> None:
    now = world.freeze()
    world.engine()
    rows = world.contact(
        world.sequence(delays=(0, 0)),
        "60123456789",
        world.device(),
        statuses=("pending",) * 2,
        due=now,
    )
    await prepare(database)
    [claim] = await take(database)
    world.advance(seconds=149)
    assert await recover(database) == 0
    world.advance(seconds=2)
    assert await recover(database) == 1
    world.advance(days=9)
    assert await send_all(database) == []
    assert world.statuses("broadcast_messages") == {"unknown": 1}
    assert world.value("SELECT status FROM sequence_contacts WHERE id = %s", rows[0]) == "active"
    # a late proof upgrades the doubt, and the contact goes on
    assert len(await end(database, [claim])) == 1
    assert world.value("SELECT status FROM sequence_contacts WHERE id = %s", rows[0]) == "completed"
    world.advance(seconds=1)
    assert len(await send_all(database)) == 1


async def test_a_late_report_never_overwrites_a_settled_attempt(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    world.contact(world.sequence(), "60123456789", world.device(), due=now)
    await prepare(database)
    [first] = await take(database)
    await end(database, [first], Answer(Verdict.RETRY, "refused", written=False))
    world.advance(minutes=5)
    [second] = await take(database)
    assert await end(database, [first]) == []
    assert world.statuses("broadcast_messages") == {"sending": 1}
    assert len(await end(database, [second])) == 1
    assert await end(database, [second], Answer(Verdict.FAIL, "late")) == []
    assert world.statuses("broadcast_messages") == {"sent": 1}


async def test_a_campaign_message_is_sent_once(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    world.message(world.device(), "+60 12-345 6789")
    [claim] = await send_all(database)
    assert claim.phone == "60123456789"
    world.advance(hours=2)
    assert await send_all(database) == []
    assert world.statuses("broadcast_messages") == {"sent": 1}
    assert world.value("SELECT count(*) FROM seqconsole.progress") == 0


async def test_a_person_gets_a_step_once_over_spellings_and_deleted_rows(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    device, sequence = world.device(), world.sequence()
    world.contact(sequence, "60123456789", device, due=now)
    assert len(await send_all(database)) == 1
    world.run("DELETE FROM sequence_contacts")
    world.run("DELETE FROM broadcast_messages")
    world.contact(sequence, "012-345 6789", device, due=world.now())
    world.advance(hours=2)
    assert await send_all(database) == []
    assert world.statuses() == {"completed": 1}
    assert (
        world.value("SELECT count(*) FROM seqconsole.findings WHERE kind = 'vanished message'") == 1
    )


async def test_a_contact_without_a_device_gets_one_of_its_user(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    devices = {world.device(f"d{n}") for n in range(3)}
    sequence = world.sequence()
    for n in range(6):
        world.contact(sequence, f"6012345678{n}", None, due=now)
    await prepare(database)
    placed = world.run("SELECT device_id, count(*) AS n FROM broadcast_messages GROUP BY 1")
    assert {row["device_id"]: row["n"] for row in placed} == dict.fromkeys(devices, 2)


async def test_nobody_can_send_it_is_said_and_mended_by_a_device(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    world.contact(world.sequence(), "60123456789", None, due=now)
    await prepare(database)
    assert world.value("SELECT gate FROM seqconsole.progress") == "device"
    world.device()
    assert len(await send_all(database)) == 1


async def test_devices_whose_only_work_is_held_never_starve_the_others(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    held = world.sequence("Held")
    for n in range(10):
        world.contact(held, f"6012345678{n}", world.device(f"held {n}"), due=now)
    await prepare(database)
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder) VALUES ('sequence', %s, 'operator')",
        str(held[0]),
    )
    free = world.message(world.device("free"), "60123456799")
    await prepare(database)
    assert [c.message_id for c in await take(database, 3)] == [free]


@pytest.mark.parametrize(
    ("verdict", "tries"), [(Verdict.RETRY, 1), (Verdict.HOLD_DEVICE, 0), (Verdict.SLOW_DEVICE, 0)]
)
async def test_only_a_retry_of_the_message_itself_counts_as_a_try(
    world: World, database: Database, verdict: Verdict, tries: int
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    world.contact(sequence, "60123456789", world.device(), due=now)
    await prepare(database)
    await end(database, await take(database), Answer(verdict, "X", wait=timedelta(minutes=1)))
    assert world.run("SELECT tries, state FROM seqconsole.progress") == [
        {"tries": tries, "state": "r"}
    ]
    assert world.value("SELECT coalesce(retry_count, 0) FROM sequence_contacts") == tries


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{"code": "INVALID_JID", "message": "Phone is not on whatsapp"}', "INVALID_JID: Phone is not on whatsapp"),
        ('{"message": "a\\u0000b \\ud800"}', "INVALID_JID: a\ufffdb ?"),
        ("<html>no</html>", "<html>no</html>"),
        ('["message"]', '["message"]'),
        ("", "INVALID_JID"),
    ],
)  # fmt: skip
async def test_why_it_failed_is_told_in_words(
    world: World, database: Database, body: str, shown: str
) -> None:
    world.freeze()
    world.engine()
    world.message(world.device(), "60123456789")
    await prepare(database)
    await end(database, await take(database), Answer(Verdict.FAIL, "INVALID_JID", body=body))
    assert world.value("SELECT error_message FROM broadcast_messages") == shown
    assert world.value("SELECT body FROM seqconsole.attempts") == body
