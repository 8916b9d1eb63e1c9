"""Devices, contact rows, messages, journal and workers as the screens get them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from engine.operations.holds import pause
from engine.operations.model import Scope, Target
from engine.reader import NIL, Reader
from engine.rollup import roll_up
from engine.store import Database
from engine.views import DeviceCondition, DeviceView
from tests.world import World

pytestmark = pytest.mark.anyio


def hold(world: World, scope: str, key: object, holder: str, *, minutes: int | None = None) -> None:
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, reason, until) VALUES "
        "(%s, %s, %s, %s, coalesce(seqconsole.now() + make_interval(mins => %s), 'infinity'))",
        scope,
        str(key),
        holder,
        f"{holder} says so",
        minutes,
    )


async def settled(database: Database) -> None:
    """Let the feed be read, as an engine does each second."""
    while await roll_up(database):
        pass


async def one(reader: Reader, device: UUID) -> DeviceView:
    return next(d for d in await reader.devices() if d.id == device)


async def test_the_worst_reason_is_a_devices_condition(
    world: World, database: Database, reader: Reader
) -> None:
    now = world.freeze()
    device = world.device("one", limit=2)
    await settled(database)
    assert (await one(reader, device)).condition is DeviceCondition.IDLE

    message = world.message(device, "60123456789")
    await settled(database)
    assert (await one(reader, device)).condition is DeviceCondition.READY

    world.run("UPDATE seqconsole.progress SET state = 's' WHERE message_id = %s", message)
    assert (await one(reader, device)).condition is DeviceCondition.SENDING

    world.run(
        "UPDATE seqconsole.devices SET ring = %s, slot_at = %s",
        [now - timedelta(minutes=61), now - timedelta(minutes=50), now - timedelta(minutes=1)],
        now + timedelta(minutes=10),
    )
    shown = await one(reader, device)
    assert (shown.sent_in_window, shown.send_limit) == (2, 2)
    assert (shown.condition, shown.slot_at) == ("throttled", now + timedelta(minutes=10))

    hold(world, "device", device, "gateway")
    assert (await one(reader, device)).condition is DeviceCondition.OFFLINE

    hold(world, "device", device, "breaker", minutes=3)
    shown = await one(reader, device)
    assert (shown.condition, shown.hold) == ("breaker", "breaker says so")
    assert shown.held_until == now + timedelta(minutes=3)

    hold(world, "user", world.user, "operator")
    shown = await one(reader, device)
    assert (shown.condition, shown.held_until) == ("paused", None)
    assert shown.hold == "operator says so (all devices of its user)"
    assert shown.condition.__class__ is DeviceCondition


async def test_a_hold_on_everything_is_no_devices_condition(
    world: World, database: Database, reader: Reader
) -> None:
    now = world.freeze()
    device = world.device()
    await settled(database)
    hold(world, "all", "", "operator")
    assert (await one(reader, device)).condition is DeviceCondition.IDLE
    overview = await reader.overview()
    assert (overview.everything_held, overview.held_until) == ("operator says so", None)
    assert overview.now == now
    hold(world, "device", device, "operator", minutes=-1)  # over
    assert (await reader.overview()).paused_devices == 0


async def test_a_device_that_no_engine_has_seen_yet_is_shown(world: World, reader: Reader) -> None:
    device = world.device("new")
    shown = await one(reader, device)
    assert (shown.condition, shown.send_limit, shown.sent_in_window) == ("idle", 80, 0)


async def test_pages_hold_every_contact_row_once(world: World, reader: Reader) -> None:
    sequence = world.sequence()
    other = world.sequence("Other")
    for n in range(7):
        world.contact(sequence, f"+60 12 000 {1000 + n}", None, statuses=("completed", "active"))
    for phone in ("group@g.us", "no phone", "abc"):
        world.contact(sequence, phone, None)
    world.contact([sequence[0], other[1]], "60129999999", None)  # a step of another sequence
    world.contact(other, "60121111111", None)
    seen: list[UUID] = []
    after = None
    while page := await reader.contacts(sequence[0], after=after, limit=3):
        seen += [row.id for row in page]
        after = page[-1]
    wanted = world.run("SELECT id FROM sequence_contacts WHERE sequence_id = %s", sequence[0])
    assert len(seen) == len(set(seen)) == 18
    assert set(seen) == {row["id"] for row in wanted}

    second = await reader.contacts(sequence[0], step_id=sequence[2])
    assert [row.day_number for row in second] == [2] * 7
    active = await reader.contacts(sequence[0], state="active")
    assert {row.id for row in active} == {row.id for row in second}
    assert [r.phone_key for r in await reader.contacts(sequence[0], step_id=NIL)] == ["60129999999"]


async def test_a_story_crosses_spellings_and_sequences(
    world: World, database: Database, reader: Reader
) -> None:
    welcome, offer = world.sequence("Welcome"), world.sequence("Offer")
    device = world.device("sender")
    world.contact(welcome, "+60 12-345 6789", device, statuses=("completed", "pending"))
    world.contact(offer, "012-345 6789", device)
    world.contact(offer, "60120000000", device)
    [gone] = world.contact([uuid4(), uuid4()], "60123456789", device)
    [lost] = world.contact(offer, "60123456789", device)
    world.run("UPDATE sequence_contacts SET sequence_id = NULL WHERE id = %s", lost)
    await settled(database)
    story = await reader.contact_story("60123456789")
    told = [(row.sequence_name, row.day_number, row.status) for row in story]
    assert ("Welcome", 1, "completed") in told
    assert ("Welcome", 2, "pending") in told
    assert ("Offer", 1, "pending") in told
    assert {gone, lost} < {row.id for row in story}
    assert len(story) == 5
    waiting = next(row for row in story if (row.sequence_name, row.day_number) == ("Welcome", 2))
    assert (waiting.open_state, waiting.device_name) == ("waiting", "sender")
    assert waiting.at is not None


async def test_the_queue_shows_doubt_first(
    world: World, database: Database, reader: Reader
) -> None:
    now = world.freeze()
    one, two = world.device("one"), world.device("two")
    late = [
        world.message(device, "60123456789", str(n)) for n, device in enumerate((one, two, one))
    ]
    for n, message in enumerate(late):
        world.run(
            "UPDATE broadcast_messages SET scheduled_at = %s WHERE id = %s",
            now - timedelta(hours=n),
            message,
        )
    named = {}
    for status in ("unknown", "failed", "sent", "sending", "strange"):
        named[status] = world.message(two, "60123450000", status)
        world.run("UPDATE broadcast_messages SET status = %s WHERE id = %s", status, named[status])
    homeless = world.message(None, "60123451111")
    world.run("UPDATE broadcast_messages SET scheduled_at = NULL WHERE id = %s", homeless)

    shown = [m.id for m in await reader.messages()]
    head = [named["unknown"], named["sending"], named["failed"]]
    assert shown == [*head, late[2], late[1], late[0], homeless]
    assert [m.id for m in await reader.messages(device_id=one)] == [late[2], late[0]]
    assert [m.id for m in await reader.messages(state="sent")] == [named["sent"]]
    assert [m.id for m in await reader.messages(state="other")] == [named["strange"]]
    assert [m.id for m in await reader.messages(limit=2)] == head[:2]
    first = (await reader.messages(device_id=one))[0]
    assert (first.device_name, first.phone_key, first.status) == ("one", "60123456789", "pending")


async def test_infinite_and_absurd_times_are_no_fault(
    world: World, database: Database, reader: Reader
) -> None:
    sequence = world.sequence()
    device = world.device()
    [row] = world.contact(sequence, "60123456789", device)
    world.run("UPDATE sequence_contacts SET next_trigger_time = 'infinity' WHERE id = %s", row)
    message = world.message(device, "60123456789")
    world.run(
        "UPDATE broadcast_messages SET scheduled_at = '-infinity', sent_at = '12000-01-01' WHERE id = %s",
        message,
    )
    await settled(database)
    [contact] = await reader.contacts(sequence[0])
    [shown] = await reader.messages()
    assert (contact.next_trigger_time, shown.scheduled_at, shown.sent_at) == (None, None, None)
    assert await reader.explain_contact(row)
    assert await reader.explain_message(message)


async def test_workers_and_versions(world: World, reader: Reader) -> None:
    now = world.freeze()
    for version, age in (("1.0", 1), ("1.1", 14), ("0.9", 16), ("0.1", 90_000)):
        world.run(
            "INSERT INTO seqconsole.workers (id, host, pid, version, started_at, ticked_at, lag) "
            "VALUES (gen_random_uuid(), 'h', 1, %s, %s, %s, '3 s')",
            version,
            now,
            now - timedelta(seconds=age),
        )
    assert [(w.version, w.alive) for w in await reader.workers()] == [
        ("1.0", True), ("1.1", True), ("0.9", False),
    ]  # fmt: skip
    seen = await reader.overview()
    assert (seen.workers, seen.versions, seen.lag) == (2, 2, timedelta(seconds=3))


@pytest.mark.parametrize("scope", ["all", "device", "user"])
async def test_a_wait_before_a_send_is_counted_down(
    world: World, database: Database, reader: Reader, scope: str
) -> None:
    """The figure is the messages that go out at its end, not the holds."""
    now = world.freeze()
    one, two = world.device("one"), world.device("two")
    for device in (one, one, two):
        world.message(device, "60123456789")
    await settled(database)
    assert (await reader.overview()).countdown == 0
    key = {"all": "", "device": str(one), "user": str(world.user)}[scope]
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, until) VALUES (%s, %s, 'operator', %s)",
        scope,
        key,
        now + timedelta(seconds=10),
    )
    seen = await reader.overview()
    assert seen.countdown == {"all": 3, "device": 2, "user": 3}[scope]
    assert seen.countdown_until == now + timedelta(seconds=10)
    world.advance(seconds=11)
    assert (await reader.overview()).countdown_until is None


async def test_a_devices_sends_by_hour_count_each_message_once_also_those_of_others(
    world: World, reader: Reader
) -> None:
    now = world.freeze()
    device = world.device("one", gap=(5, 15))
    for minutes in (10, 70, 70, 25 * 60):
        at = now - timedelta(minutes=minutes)
        world.run(
            "INSERT INTO broadcast_messages (device_id, recipient_phone, status, scheduled_at, sent_at) "
            "VALUES (%s, '60123456789', 'sent', %s, %s)",
            device,
            at,
            at,
        )
    world.run(
        "INSERT INTO seqconsole.attempts (id, claimed_at, message_id, phone_key, step_id, device_id,"
        " worker_id, lease_until, outcome, evidence, settled_at) "
        "SELECT gen_random_uuid(), sent_at, id, '60123456789', id, device_id, gen_random_uuid(),"
        " sent_at, 'sent', 'gateway', sent_at FROM broadcast_messages ORDER BY sent_at DESC LIMIT 1"
    )
    found = await reader.device_detail(device)
    assert found is not None
    assert found.hours[-2:] == [2, 1]
    assert sum(found.hours) == 3
    assert await reader.device_detail(uuid4()) is None


async def test_a_devices_journal_has_what_names_it(
    world: World, database: Database, reader: Reader
) -> None:
    one, two = world.device("one"), world.device("two")
    for device in (one, two):
        await pause(database, "ops", Target(Scope.DEVICE, (str(device),)), None)
    [line] = await reader.device_journal(one)
    assert (line.verb, line.who) == ("pause", "ops")


async def test_one_persons_messages_are_found_in_any_spelling(world: World, reader: Reader) -> None:
    one, two = world.device("one"), world.device("two")
    world.message(one, "60123456789")
    world.message(two, "+60 12-345 6789")
    world.message(one, "60198765432")
    for spelling in ("60123456789", "+60 12-345 6789"):
        found = await reader.messages(phone=spelling)
        assert {message.device_name for message in found} == {"one", "two"}
        assert {message.phone_key for message in found} == {"60123456789"}
    assert len(await reader.messages(phone="60123456789", device_id=one)) == 1
    assert await reader.messages(state="sent", phone="60123456789") == []
    assert await reader.messages(phone="1") == []
