"""Screen = SQL: counters plus unread deltas are what a GROUP BY says, at every moment."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from random import Random
from uuid import UUID

import pytest

from engine.reader import Reader
from engine.rollup import roll_up
from engine.store import Database
from tests.world import World

pytestmark = pytest.mark.anyio

CONTACT_STATES = ("pending", "active", "completed", "failed", "skipped")
CONTACT_STATUSES = (*CONTACT_STATES, "paused", "Completed", "", None)
MESSAGE_STATUSES = ("pending", "sending", "sent", "failed", "unknown", "skipped", "queued", None)


class Stranger:
    """Another application that does whatever it likes to the operator's tables."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.rng = Random(seed)
        world.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
        self.devices = [world.device(f"d{n}") for n in range(4)]
        self.sequences = [world.sequence(f"s{n}") for n in range(3)]
        self.acts: tuple[Callable[[], None], ...] = (
            self.enrol, self.enrol, self.queue, self.queue, self.restate, self.requeue,
            self.move, self.unlink, self.delete, self.delete_step, self.delete_device,
        )  # fmt: skip

    def act(self) -> None:
        self.rng.choice(self.acts)()

    def enrol(self) -> None:
        sequence = self.rng.choice(self.sequences)
        step = self.rng.choice([*sequence[1:], None])
        self.world.run(
            "INSERT INTO sequence_contacts (sequence_id, contact_phone, sequence_stepid, status) "
            "SELECT %s, '60120000' || (100 + i), %s, %s FROM generate_series(1, %s) i",
            self.rng.choice([sequence[0], sequence[0], None]),
            step,
            self.rng.choice(CONTACT_STATUSES),
            self.rng.randrange(1, 9),
        )

    def queue(self) -> None:
        self.world.run(
            "INSERT INTO broadcast_messages (device_id, recipient_phone, content, status, scheduled_at) "
            "SELECT %s, '60130000' || (100 + i), 'x', %s, now() FROM generate_series(1, %s) i",
            self.rng.choice([*self.devices, None]),
            self.rng.choice(MESSAGE_STATUSES),
            self.rng.randrange(1, 9),
        )

    def restate(self) -> None:
        self._some("sequence_contacts", "status = %s", self.rng.choice(CONTACT_STATUSES))

    def requeue(self) -> None:
        self._some("broadcast_messages", "status = %s", self.rng.choice(MESSAGE_STATUSES))

    def move(self) -> None:
        self._some("broadcast_messages", "device_id = %s", self.rng.choice([*self.devices, None]))

    def unlink(self) -> None:
        sequence = self.rng.choice(self.sequences)
        self._some(
            "sequence_contacts", "sequence_stepid = %s", self.rng.choice([sequence[1], None])
        )

    def delete(self) -> None:
        table = self.rng.choice(("sequence_contacts", "broadcast_messages"))
        self.world.run(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} ORDER BY id LIMIT 3)"
        )

    def delete_step(self) -> None:
        if self.rng.random() < 0.2:
            self.world.run("DELETE FROM sequence_steps WHERE id = %s", self.sequences[0][3])

    def delete_device(self) -> None:
        if self.rng.random() < 0.2:
            self.world.run("DELETE FROM user_devices WHERE id = %s", self.devices[3])

    def _some(self, table: str, change: str, value: object) -> None:
        self.world.run(
            f"UPDATE {table} SET {change} WHERE id IN "
            f"(SELECT id FROM {table} ORDER BY md5(id::text || %s) LIMIT %s)",
            value,
            str(self.rng.random()),
            self.rng.randrange(1, 12),
        )


def messages_by_sql(world: World) -> Counter[tuple[UUID | None, str]]:
    rows = world.run("SELECT device_id, status FROM broadcast_messages")
    known = MESSAGE_STATUSES[:6]
    return Counter((r["device_id"], s if (s := r["status"]) in known else "other") for r in rows)


def contacts_by_sql(world: World) -> Counter[tuple[UUID | None, UUID | None, str]]:
    rows = world.run("SELECT sequence_id, sequence_stepid, status FROM sequence_contacts")
    return Counter(
        (r["sequence_id"], r["sequence_stepid"], _contact_state(r["status"])) for r in rows
    )


def _contact_state(status: str | None) -> str:
    lower = (status or "").lower()
    return lower if lower in CONTACT_STATES else "other"


async def check(world: World, reader: Reader) -> int:
    seen = await reader.snapshot()
    queue, contacts = messages_by_sql(world), contacts_by_sql(world)
    for device in seen.devices:
        for state in ("pending", "sending", "unknown", "failed"):
            assert getattr(device, state) == queue[device.id, state], (device.name, state)
    for state in ("pending", "sending", "unknown", "failed"):
        total = sum(n for (_, other), n in queue.items() if other == state)
        assert getattr(seen.overview, state) == total, state
    for step in seen.steps:
        for state in (*CONTACT_STATES, "other"):
            assert getattr(step, state) == contacts[step.sequence_id, step.step_id, state]
        own = [n for (q, s, _), n in contacts.items() if (q, s) == (step.sequence_id, step.step_id)]
        assert step.total == sum(own)
    linked = {(step.sequence_id, step.step_id) for step in seen.steps}
    for sequence in seen.sequences:
        mine = {key: n for key, n in contacts.items() if key[0] == sequence.id}
        assert sequence.total == sum(mine.values())
        assert sequence.unlinked == sum(n for (q, s, _), n in mine.items() if (q, s) not in linked)
        assert sequence.in_step == sum(n for key, n in mine.items() if key[2] == "active")
        assert sequence.total == sum(
            (sequence.pending, sequence.in_step, sequence.completed, sequence.failed,
             sequence.skipped, sequence.other)
        )  # fmt: skip
    return sum(queue.values()) + sum(contacts.values())


@pytest.mark.parametrize("rolled_up", [False, True], ids=["no engine", "rolled up"])
@pytest.mark.parametrize("seed", range(2))
async def test_figures_equal_a_group_by_after_foreign_edits(
    world: World, database: Database, reader: Reader, seed: int, rolled_up: bool
) -> None:
    stranger = Stranger(world, seed)
    most = 0
    for turn in range(90):
        stranger.act()
        if rolled_up and turn % 7 == 0:
            await roll_up(database)
        if turn % 15 == 14:
            most = max(most, await check(world, reader))
    assert most > 50  # else nothing was compared
    unread = world.value("SELECT count(*) FROM seqconsole.changes WHERE kind = 'counters'")
    rolled = world.value("SELECT count(*) FROM seqconsole.counters WHERE n <> 0")
    assert (rolled > 0) is rolled_up
    assert unread > 0


async def test_a_snapshot_is_of_one_instant(world: World, reader: Reader) -> None:
    """A writer moves all messages between two devices; no snapshot sees half of a move."""
    one, two = world.device("one"), world.device("two")
    for n in range(40):
        world.message(one, f"6012000{1000 + n}")
    stop = threading.Event()
    moves = [0]
    mover = World.at(world.connection.info.dsn)

    def move() -> None:
        while not stop.is_set():
            for device in (two, one):
                mover.run("UPDATE broadcast_messages SET device_id = %s", device)
                moves[0] += 1

    thread = threading.Thread(target=move)
    thread.start()
    try:
        for _ in range(30):
            seen = await reader.snapshot()
            pending = {device.id: device.pending for device in seen.devices}
            assert seen.overview.pending == 40
            assert sorted(pending.values()) == [0, 40]
    finally:
        stop.set()
        thread.join()
        mover.close()
    assert moves[0] > 3  # else nothing could have been seen


async def test_five_hundred_messages_of_a_stranger_show_at_once(
    world: World, reader: Reader
) -> None:
    device = world.device("busy")
    world.run(
        "INSERT INTO broadcast_messages (device_id, recipient_phone, content, status, scheduled_at) "
        "SELECT %s, '6012000' || (1000 + i), 'x', 'pending', now() FROM generate_series(1, 500) i",
        device,
    )
    [shown] = await reader.devices()
    assert (shown.pending, shown.due) == (500, 0)  # due once the engine's roll-up has judged them


@pytest.mark.smoke
async def test_a_duplicate_of_a_stranger_shows_after_one_roll_up(
    world: World, database: Database, reader: Reader
) -> None:
    sequence = world.sequence()
    device = world.device()
    world.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
    world.contact(sequence, "+60 12-345 6789", device, name="Aqil 2")
    world.contact(sequence, "0123456789", device, name="Aqil 2", statuses=("active",))
    while await roll_up(database):
        pass
    [group] = await reader.duplicates()
    assert (group.rows, group.phone_key, group.name) == (2, "60123456789", "Aqil 2")
    assert sorted(group.states) == ["active", "pending"]
    assert (group.sequence_id, group.step_id, group.day_number) == (sequence[0], sequence[1], 1)
    [shown] = await reader.sequences()
    assert shown.duplicates == 1
    assert (await reader.overview()).duplicates == 1
    assert await reader.duplicates(after=group.key) == []
