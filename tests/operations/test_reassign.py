"""Moving a device's future: what moves, what stays, that nothing goes out twice, and undo."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import anyio
import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.operations.model import Done, OperationRefused
from engine.operations.reassign import Wanted, preview_reassign, reassign
from engine.operations.reassign_write import lock
from engine.operations.targets import NotFound
from engine.operations.undo import undo
from engine.recovery import recover
from engine.store import Database
from tests.engine.steps import end, prepare, send_all, take
from tests.operations.scene import ME, fingerprint, hours, ledger, settle_feed, sound
from tests.world import World

pytestmark = pytest.mark.anyio

WAIT = timedelta(seconds=10)
OLD_WORK = "SELECT state, count(*) AS n FROM seqconsole.progress WHERE device_id = %s GROUP BY 1"


def phone(n: int) -> str:
    return f"60123456{n:04}"


async def scene(world: World, database: Database, people: int = 4) -> dict[str, UUID]:
    """Old has sent each contact the first of three steps; the second is queued, one campaign message too."""
    world.freeze()
    world.engine()
    devices = {name: world.device(name) for name in ("Old", "New", "Other")}
    sequence = world.sequence(delays=(0, 1, 24))
    for n in range(people):
        world.contact(sequence, phone(n), devices["Old"], statuses=("pending",) * 3)
    for _ in range(people):
        await send_all(database)
        world.advance(seconds=1)
    world.advance(hours=2)
    world.message(devices["Old"], phone(people))
    await prepare(database)
    return devices


async def moved(database: Database, *to: str, **options: Any) -> Done:
    wanted = Wanted(options.pop("device", "Old"), to, **options)
    preview = await preview_reassign(database, wanted)
    return await reassign(database, ME, wanted, pinned=preview.pinned)


def work(world: World, device: UUID) -> dict[str, int]:
    return {row["state"]: row["n"] for row in world.run(OLD_WORK, device)}


async def test_the_future_moves_and_the_past_stays(world: World, database: Database) -> None:
    devices = await scene(world, database)
    preview = await preview_reassign(database, Wanted("Old", ("New",)))
    assert preview.n == 5
    assert preview.lines[0] == "5 contacts move: 5 queued, 0 waiting for a later step, 0 parked."
    assert preview.lines[1].startswith("4 of them have had a message from this number")
    assert preview.lines[2].startswith("New: 5 contacts, 5 queued then, sent by about ")
    done = await moved(database, "New")
    assert done.n == 5
    assert done.refused == ()
    assert done.sends_from == world.now() + WAIT
    assert (work(world, devices["Old"]), work(world, devices["New"])) == ({}, {"r": 5})
    sent = "SELECT DISTINCT device_id AS d FROM broadcast_messages WHERE status = %s"
    assert world.run(sent, "sent") == [{"d": devices["Old"]}]
    assert world.run(sent, "pending") == [{"d": devices["New"]}]
    rows = "SELECT status, assigned_device_id AS d FROM sequence_contacts GROUP BY 1, 2 ORDER BY 1"
    assert world.run(rows) == [
        {"status": "active", "d": devices["New"]},
        {"status": "completed", "d": devices["Old"]},
        {"status": "pending", "d": devices["New"]},
    ]
    assert await take(database) == []
    await sound(world, database)
    world.advance(seconds=11)
    assert {c.device_id for c in await take(database)} == {devices["New"]}


async def test_each_person_is_sent_everything_once(world: World, database: Database) -> None:
    devices = await scene(world, database)
    await moved(database)
    for _ in range(12):
        world.advance(hours=5)
        await send_all(database)
    assert world.statuses() == {"completed": 12}
    assert world.statuses("broadcast_messages") == {"sent": 13}
    by = world.run(
        "SELECT count(DISTINCT a.device_id) AS n FROM seqconsole.attempts a "
        "WHERE a.device_id <> %s GROUP BY a.phone_key",
        devices["Old"],
    )
    assert {row["n"] for row in by} == {1}
    await sound(world, database)


async def test_what_is_in_flight_in_doubt_or_given_up_stays(
    world: World, database: Database
) -> None:
    devices = await scene(world, database)
    await take(database)
    world.advance(seconds=200)
    await recover(database)
    await end(database, await take(database), Answer(Verdict.FAIL, "INVALID_JID"))
    [flying] = await take(database)
    done = await moved(database, "New")
    assert done.n == 2
    assert [line.split(",")[0] for line in done.refused] == ["1 stays"] * len(done.refused)
    assert any("in flight" in line for line in done.refused)
    assert any("in doubt" in line for line in done.refused)
    assert work(world, devices["New"]) == {"r": 2}
    assert "r" not in work(world, devices["Old"])
    await end(database, [flying])
    assert (
        world.value("SELECT device_id FROM broadcast_messages WHERE id = %s", flying.message_id)
        == (devices["Old"])
    )
    await sound(world, database)


async def test_undo_within_the_wait_restores_exactly(world: World, database: Database) -> None:
    await scene(world, database)
    places = "SELECT track, phone_key, device_id, state, message_id FROM seqconsole.progress ORDER BY 1, 2"
    before = fingerprint(world), ledger(world), world.run(places)
    done = await moved(database, "New", "Other")
    assert (fingerprint(world), ledger(world), world.run(places)) != before
    world.advance(seconds=5)
    back = await undo(database, ME, None)
    assert back.refused == ()
    assert (fingerprint(world), ledger(world), world.run(places)) == before
    assert back.sends_from == world.now() + WAIT
    assert await take(database) == []
    assert world.value(
        "SELECT undone_by FROM seqconsole.operations WHERE id = %s", done.operation_id
    )
    await sound(world, database)


async def test_undo_leaves_what_went_on(world: World, database: Database) -> None:
    devices = await scene(world, database)
    done = await moved(database, "New")
    world.advance(seconds=11)
    await end(database, await take(database))
    back = await undo(database, ME, done.operation_id)
    assert len(back.refused) == 1
    assert work(world, devices["Old"]) == {"r": 4}
    await sound(world, database)


async def test_what_waits_moves_with_its_later_steps(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    old, new = world.device("Old"), world.device("New")
    sequence = world.sequence(delays=(0, 0))
    due = world.now() + hours(3)
    world.contact(sequence, phone(1), old, statuses=("pending",) * 2, due=due)
    await prepare(database)
    before = world.run("SELECT * FROM seqconsole.progress")
    done = await moved(database, "New")
    assert world.value("SELECT at FROM seqconsole.progress") == due
    assert world.run("SELECT DISTINCT assigned_device_id AS d FROM sequence_contacts") == [
        {"d": new}
    ]
    await undo(database, ME, done.operation_id)
    assert world.run("SELECT * FROM seqconsole.progress") == before
    await moved(database, "New")
    world.advance(hours=4)
    for _ in range(2):
        await send_all(database)
        world.advance(seconds=1)
    assert world.run("SELECT DISTINCT device_id AS d FROM seqconsole.attempts") == [{"d": new}]


async def test_undo_is_refused_for_what_was_queued_since(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    old, _ = world.device("Old"), world.device("New")
    sequence = world.sequence(delays=(0,))
    world.contact(sequence, phone(1), old, due=world.now() + hours(3))
    await prepare(database)
    done = await moved(database, "New")
    world.advance(hours=4)
    await prepare(database)
    with pytest.raises(OperationRefused, match="went on with its new device since"):
        await undo(database, ME, done.operation_id)


async def test_balance_gives_more_to_the_device_that_is_free_first(
    world: World, database: Database
) -> None:
    devices = await scene(world, database, people=0)
    world.setting("send_limit", 40, "device", str(devices["New"]))
    world.run("UPDATE seqconsole.devices SET send_limit = 40 WHERE device_id = %s", devices["New"])
    held = world.device("Held")
    for n in range(29):
        world.message(devices["Old"], phone(100 + n))
    await prepare(database)
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, until) VALUES ('device', %s, 'operator', %s)",
        str(held),
        world.now() + hours(1),
    )
    await moved(database)
    assert work(world, devices["Old"]) == work(world, held) == {}
    assert (work(world, devices["New"]), work(world, devices["Other"])) == ({"r": 10}, {"r": 20})


async def test_one_person_gets_one_new_number(world: World, database: Database) -> None:
    devices = await scene(world, database, people=0)
    sequences = [world.sequence(f"s{n}", delays=(0,)) for n in range(3)]
    for n in range(6):
        for sequence in sequences:
            world.contact(sequence, phone(n), devices["Old"])
    await prepare(database)
    await moved(database)
    per_person = world.run(
        "SELECT count(DISTINCT device_id) AS n FROM seqconsole.progress GROUP BY phone_key"
    )
    assert {row["n"] for row in per_person} == {1}
    assert len(world.run("SELECT DISTINCT device_id FROM seqconsole.progress")) == 2


async def test_a_sequence_and_a_limit(world: World, database: Database) -> None:
    devices = await scene(world, database)
    sequence = world.value("SELECT id FROM sequences")
    done = await moved(database, "New", sequence=sequence, limit=3)
    assert done.n == 3
    assert (work(world, devices["Old"]), work(world, devices["New"])) == ({"r": 2}, {"r": 3})


async def test_what_is_refused(world: World, database: Database) -> None:
    devices = await scene(world, database)
    stranger = world.device("Stranger")
    world.run("UPDATE user_devices SET user_id = gen_random_uuid() WHERE id = %s", stranger)
    await settle_feed(database)
    for to, why in (
        (("Stranger",), "'Stranger': of another user than 'Old'"),
        (("Old",), "can't take over from itself"),
    ):
        with pytest.raises(OperationRefused, match=why):
            await preview_reassign(database, Wanted("Old", to))
    with pytest.raises(NotFound):
        await preview_reassign(database, Wanted("Nobody", ("New",)))
    with pytest.raises(OperationRefused, match="no other device of the same user"):
        await preview_reassign(database, Wanted("Stranger"))
    preview = await preview_reassign(database, Wanted("Old", ("New",)))
    world.message(devices["Old"], phone(77))
    await settle_feed(database)
    with pytest.raises(OperationRefused, match="look again"):
        await reassign(database, ME, Wanted("Old", ("New",)), pinned=preview.pinned)
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0


async def test_a_device_that_is_gone(world: World, database: Database) -> None:
    devices = await scene(world, database)
    world.run("DELETE FROM user_devices WHERE id = %s", devices["Old"])
    await settle_feed(database)
    gates = world.run("SELECT DISTINCT gate, at FROM seqconsole.progress WHERE state = 'r'")
    assert [row["gate"] for row in gates] == ["device"]
    done = await moved(database, "New", device=str(devices["Old"]))
    assert done.n == 5
    assert world.run("SELECT DISTINCT gate, at FROM seqconsole.progress") == [
        {"gate": "countdown", "at": world.now() + WAIT}
    ]
    world.advance(seconds=11)
    assert [c.device_id for c in await take(database)] == [devices["New"]]
    await sound(world, database)


async def test_what_the_old_device_kept_back_is_due_on_the_new_one(
    world: World, database: Database
) -> None:
    """Cold contacts parked on the old device; parked work of other gates stays parked."""
    devices = await scene(world, database, people=0)
    world.message(devices["Old"], phone(50))
    await prepare(database)
    rows = world.run("SELECT track FROM seqconsole.progress ORDER BY track")
    for row, gate in zip(rows, ("cold", "overdue"), strict=True):
        world.run(
            "UPDATE seqconsole.progress SET at = 'infinity', gate = %s WHERE track = %s",
            gate,
            row["track"],
        )
    await moved(database, "New")
    gates = world.run(
        "SELECT gate FROM seqconsole.progress WHERE device_id = %s ORDER BY track", devices["New"]
    )
    assert [row["gate"] for row in gates] == ["countdown", "overdue"]


async def test_what_waits_for_a_gone_device_keeps_the_next_one(
    world: World, database: Database
) -> None:
    """Its steps choose another device by themselves when they are due, and stay with it."""
    world.freeze()
    world.engine()
    old = world.device("Old")
    for n in range(3):
        world.device(f"New {n}")
    sequence = world.sequence(delays=(0, 0))
    world.contact(sequence, phone(1), old, statuses=("pending",) * 2, due=world.now() + hours(1))
    await prepare(database)
    world.run("DELETE FROM user_devices WHERE id = %s", old)
    await settle_feed(database)
    world.advance(hours=2)
    for _ in range(2):
        await send_all(database)
        world.advance(seconds=1)
    assert world.statuses() == {"completed": 2}
    [row] = world.run("SELECT DISTINCT device_id AS d FROM seqconsole.attempts")
    assert row["d"] != old
    await sound(world, database)


async def test_a_derivation_anew_changes_nothing_of_what_was_moved(
    world: World, database: Database
) -> None:
    await scene(world, database)
    await moved(database)
    rows = "SELECT * FROM seqconsole.progress ORDER BY track, phone_key"
    before = world.run(rows)
    world.run("UPDATE sequence_contacts SET contact_name = 'seen by the feed'")
    world.run("UPDATE broadcast_messages SET recipient_name = 'seen by the feed'")
    await settle_feed(database)
    assert world.run(rows) == before


@pytest.mark.slow
async def test_a_device_is_emptied_while_engines_work(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Portions, claims, settles and edits of another application at once: each message once, by one device."""
    monkeypatch.setattr("engine.operations.reassign.PORTION", 5)
    devices = await scene(world, database, people=10)

    async def engine() -> None:
        for _ in range(12):
            world.advance(seconds=1)
            await prepare(database)
            await end(database, await take(database))

    async def mover() -> None:
        for to in ("New", "Other"):
            with contextlib.suppress(OperationRefused):  # the engine took one since the preview
                await moved(database, to, device="Old")
            with contextlib.suppress(OperationRefused):
                await moved(database, "Old", device=to)

    async with anyio.create_task_group() as tasks:
        for work_of in (engine, mover, engine, mover):
            tasks.start_soon(work_of)
    await moved(database, "New")
    assert "r" not in work(world, devices["Old"])
    for _ in range(32):
        world.advance(hours=2)
        await send_all(database)
    assert world.statuses("broadcast_messages") == {"sent": 31}
    assert world.statuses() == {"completed": 30}
    assert world.value("SELECT count(*) FROM seqconsole.attempts WHERE outcome = 'sent'") == 31
    await sound(world, database)


async def test_what_is_claimed_after_the_plan_stays(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = await scene(world, database)
    claimed: list[UUID] = []

    async def claim_first(*args: Any) -> Any:
        if not claimed:
            claimed.extend(c.message_id for c in await take(database))
        return await lock(*args)

    monkeypatch.setattr("engine.operations.reassign_write.lock", claim_first)
    done = await moved(database, "New")
    assert (done.n, done.refused) == (4, ("1 open step moved on meanwhile",))
    assert world.run("SELECT id, device_id FROM broadcast_messages WHERE status = 'sending'") == [
        {"id": claimed[0], "device_id": devices["Old"]}
    ]
    await sound(world, database)
