"""Skip: what shall not be sent is passed over, and its undo."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.operations.repair_facts import Selection
from engine.operations.skip import Skip
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import end, prepare, send_all, take
from tests.operations.repairs import comes_back, preview, repair, state_of
from tests.operations.scene import ME, Copy, duplicates, queued, sound
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_queued_failed_and_waiting(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    now, later = world.sequence("Now", (0, 0)), world.sequence("Later", (48, 0))
    two = ("pending", "pending")
    failing = world.contact(now, "60111111111", world.device("a"), statuses=two)
    await prepare(database)
    await end(database, await take(database), Answer(Verdict.FAIL, "INVALID_JID"))
    due = world.contact(now, "60122222222", world.device("b"), statuses=two)
    waiting = world.contact(later, "60133333333", world.device("c"), statuses=two)
    campaign = world.message(world.device("d"), "60144444444")
    await prepare(database)
    shown = await preview(database, Skip("not any more"))
    assert dict(shown.kinds) == {"pending -> skipped": 3, "failed -> skipped": 1}
    assert shown.may_send == 3
    done = await comes_back(world, database, Skip("not any more"))
    assert done.n == 6
    firsts = [failing[0], due[0], waiting[0]]
    assert [state_of(world, row) for row in firsts] == ["skipped"] * 3
    why = "SELECT DISTINCT last_error FROM sequence_contacts WHERE status = 'skipped'"
    assert world.run(why) == [{"last_error": "not any more"}]
    assert world.value("SELECT status FROM broadcast_messages WHERE id = %s", campaign) == "skipped"
    gates = world.run("SELECT DISTINCT at, gate FROM seqconsole.progress")
    assert gates == [{"at": world.now() + timedelta(seconds=10), "gate": "countdown"}]
    world.advance(seconds=10)
    assert len(await send_all(database)) == 3
    await sound(world, database)


async def test_filters(world: World, database: Database) -> None:
    at = world.freeze()
    world.engine()
    device, other = world.device("one"), world.device("two")
    first, second = world.sequence("First"), world.sequence("Second")
    for n, (sequence, where, age) in enumerate([(first, device, 5), (second, other, 50)]):
        world.contact(sequence, f"6011111111{n}", where, due=at - timedelta(hours=age))
    await prepare(database)
    filters = {
        "60111111110": [
            Selection(devices=(device,)),
            Selection(sequences=(first[0],)),
            Selection(phones=("60111111110",)),
        ],
        "60111111111": [
            Selection(devices=(other,)),
            Selection(sequences=(second[0],)),
            Selection(older=timedelta(hours=24)),
        ],
    }
    for phone, selections in filters.items():
        row = world.value("SELECT id FROM sequence_contacts WHERE contact_phone = %s", phone)
        for selection in selections:
            done = await comes_back(world, database, Skip(), selection)
            assert (done.n, state_of(world, row)) == (2, "skipped")
            await undo(database, ME, done.operation_id)


async def test_states_alone(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    device = world.device()
    world.contact(world.sequence("Now"), "60111111111", device)
    world.contact(world.sequence("Later", (48,)), "60122222222", device)
    await prepare(database)
    for states, n in ((("waiting",), 1), (("pending",), 1), (("failed",), 0), (None, 2)):
        assert (await preview(database, Skip(states=states))).steps == n


async def test_what_is_refused(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    device = world.device()
    group = duplicates(world, Copy("pending"), Copy("active"), device=device)
    queued(world, group, device)
    (flying,) = world.contact(world.sequence(), "60111111111", device)
    await prepare(database)
    await take(database)
    shown = await preview(database, Skip(), Selection(ids=(*group.rows, flying)))
    text = " ".join(shown.refused)
    assert shown.n == 0
    assert "one of a duplicate group: resolve that first" in text
    assert "in flight: its outcome comes by itself" in text


async def test_a_surplus_message_goes_and_its_step_stays(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    device, sequence = world.device(), world.sequence()
    (row,) = world.contact(sequence, "60111111111", device)
    await prepare(database)
    surplus = world.value(
        "INSERT INTO broadcast_messages (device_id, sequence_id, sequence_stepid, recipient_phone, status, scheduled_at) "
        "VALUES (%s, %s, %s, '60111111111', 'pending', seqconsole.now()) RETURNING id",
        device,
        sequence[0],
        sequence[1],
    )
    await prepare(database)
    await comes_back(world, database, Skip(), Selection(ids=(surplus,)))
    assert state_of(world, row) == "active"
    assert world.statuses("broadcast_messages") == {"pending": 1, "skipped": 1}
    world.advance(seconds=10)
    assert len(await send_all(database)) == 1


async def test_portions_are_one_operation(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.operations.repair.PORTION", 3)
    monkeypatch.setattr("engine.operations.repair_judging.READ", 2)
    world.freeze()
    world.engine()
    device, sequence = world.device(), world.sequence()
    for n in range(10):
        world.contact(sequence, f"6011111111{n}", device)
    await prepare(database)
    done = await repair(database, Skip())
    assert (done.n, done.summary.startswith("skipped 10 steps")) == (20, True)
    assert world.run("SELECT n, summary FROM seqconsole.operations") == [
        {"n": 20, "summary": "skipped 10 steps"}
    ]
    await sound(world, database)


async def test_what_has_no_phone_number_is_skipped_too_and_its_finding_goes(
    world: World, database: Database
) -> None:
    """Nobody can be reached by it, so nothing is sent as a result; undo brings row, message and finding back."""
    findings = "SELECT key FROM seqconsole.findings WHERE kind = 'unsendable message' ORDER BY key"
    world.freeze()
    world.engine()
    device, sequence = world.device(), world.sequence()
    (row,) = world.contact(sequence, "12036304@g.us", device)
    messages = [world.message(device, phone) for phone in ("120363041234567890@g.us", "")]
    await prepare(database)
    assert [r["key"] for r in world.run(findings)] == sorted(str(m) for m in messages)
    asked = Selection(ids=(row, *messages))
    assert (await preview(database, Skip(), asked)).may_send == 0
    await comes_back(world, database, Skip(), asked)
    assert state_of(world, row) == "skipped"
    assert world.statuses("broadcast_messages") == {"skipped": 2}
    assert world.run(findings) == []
