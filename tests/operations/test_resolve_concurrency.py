"""Resolving while an engine sends and another application writes: nobody deadlocks, nothing is sent twice or lost."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest

from engine.operations.model import OperationRefused
from engine.operations.resolve import preview_resolve, resolve
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import end, prepare, take
from tests.operations.scene import Copy, adopt, duplicates, queued, settle_feed, sound
from tests.world import World

pytestmark = pytest.mark.anyio


class Application:
    """Another application under its own role, with no right on our schema, that locks rows in any order.

    It ends by itself: what it writes must be read, by engines that share the machine with it.
    """

    def __init__(self, dsn: str, role: str, sequence: UUID, step: UUID, phones: list[str]) -> None:
        self.dsn, self.role, self.sequence, self.step = dsn, role, sequence, step
        self.phones = phones
        self.stopped = threading.Event()
        self.done = 0
        self.errors: list[str] = []
        self.thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        chance = random.Random(7)
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(f"SET SESSION AUTHORIZATION {self.role}")  # type: ignore[call-overload]
            while self.done < 8 * len(self.phones) and not self.stopped.is_set():
                try:
                    with connection.transaction():
                        self._edit(connection, chance)
                    self.done += 1
                except psycopg.Error as error:
                    self.errors.append(str(error))

    def _edit(self, connection: psycopg.Connection, chance: random.Random) -> None:
        """Rows of several people, contact rows and messages, in an order of its own."""
        for _ in range(6):
            phone = chance.choice(self.phones)
            if chance.random() < 0.5:
                connection.execute(
                    "UPDATE sequence_contacts SET last_error = 'touched' WHERE sequence_id = %s AND contact_phone = %s",
                    (self.sequence, phone),
                )
            else:
                connection.execute(
                    "UPDATE broadcast_messages SET recipient_name = 'touched' WHERE recipient_phone = %s",
                    (phone,),
                )
        if chance.random() < 0.3:
            phone = chance.choice(self.phones)
            connection.execute(
                "INSERT INTO sequence_contacts (sequence_id, contact_phone, current_step, sequence_stepid, status) "
                "VALUES (%s, %s, 1, %s, 'pending')",
                (self.sequence, phone, self.step),
            )

    @contextmanager
    def working(self) -> Iterator[None]:
        self.thread.start()
        try:
            yield
        finally:
            self.stopped.set()
            self.thread.join(30)


@pytest.fixture
def role(world: World) -> Iterator[str]:
    name = f"app_{world.value('SELECT current_database()')}"
    world.run(f"CREATE ROLE {name}")
    world.run(
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON sequence_contacts, broadcast_messages TO {name}"
    )
    yield name
    world.run(f"DROP OWNED BY {name}")
    world.run(f"DROP ROLE {name}")


@pytest.mark.large
@pytest.mark.parametrize(("people", "rounds"), [(20, 10), (90, 90)])
async def test_with_the_engine_and_another_application(
    world: World, database: Database, dsn: str, role: str, people: int, rounds: int
) -> None:
    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    devices = [world.device(f"d{n}") for n in range(8)]
    phones = [f"601234567{n:02}" for n in range(people)]
    for n, phone in enumerate(phones):
        device = devices[n % len(devices)]
        states = ("pending", "active") if n % 3 else ("pending", "completed")
        group = duplicates(
            world, *(Copy(s, phone) for s in states), sequence=sequence, device=device
        )
        if n % 3 == 1:
            queued(world, group, device)
        world.contact(
            [sequence[0], sequence[2]], phone, device
        )  # the second step, which nobody doubles
    await adopt(database, world)
    other = Application(dsn, role, sequence[0], sequence[1], phones)
    resolved = undone = 0
    sent: list[tuple[str, UUID]] = []

    chance = random.Random(11)

    async def engine() -> None:
        for turn in range(rounds * 20):
            if turn >= rounds and min(resolved, undone) >= 5:
                break
            world.advance(seconds=4)
            await prepare(database)
            claims = await take(database)
            sent.extend((c.phone, c.step_id) for c in claims)
            await asyncio.sleep(0)
            await end(database, claims)

    async def operator(who: str, working: asyncio.Task[None]) -> None:
        nonlocal resolved, undone
        while not working.done():
            try:
                preview = await preview_resolve(database, None)
                done = await resolve(database, who, None, pinned=preview.pinned)
                resolved += done.n
                if chance.random() < 0.3:
                    undone += (await undo(database, who, None)).n
            except OperationRefused:
                pass
            await asyncio.sleep(0.01)

    with other.working():
        working = asyncio.create_task(engine())
        await asyncio.gather(working, operator("ana", working), operator("bob", working))
    assert other.errors == []
    assert len(sent) == len(set(sent))
    completed = set(phones[::3])
    assert not {phone for phone, step in sent if step == sequence[1]} & completed
    await settle_feed(database)
    preview = await preview_resolve(database, None)
    if preview.n:
        await resolve(database, "ana", None, pinned=preview.pinned)
    await sound(world, database)
    proofs = world.run("SELECT phone_key, step_id FROM seqconsole.deliveries WHERE outcome = 's'")
    assert {(r["phone_key"], r["step_id"]) for r in proofs} >= set(sent) | {
        (phone, sequence[1]) for phone in completed
    }
    happened = {"resolved": resolved, "undone": undone, "sent": len(sent), "edits": other.done}
    assert min(happened.values()) >= 5, happened
