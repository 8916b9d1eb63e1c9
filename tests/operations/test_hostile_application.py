"""An application that locks rows in any order, beside all of ours that writes: it never fails because of us."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import pytest

from engine.operations.mark_sent import MarkSent
from engine.operations.model import OperationRefused, Scope, Target
from engine.operations.reassign import Wanted, preview_reassign, reassign
from engine.operations.release import Release
from engine.operations.repair import Repair, apply_repair, preview_repair
from engine.operations.retry import Retry
from engine.operations.skip import Skip
from engine.operations.stale import skip_stale
from engine.operations.undo import undo
from engine.recovery import expire, recover
from engine.rollup import roll_up
from engine.scheduling import schedule
from engine.settling import Settlement, settle, settle_free
from engine.store import Busy, Database
from engine.verdicts import settlement
from tests.engine.steps import FAILED, SENT, prepare, take
from tests.operations.hostile import Hostile, working
from tests.operations.scene import ME, sound
from tests.world import World

pytestmark = pytest.mark.anyio

WANTED = {"scheduled": 5, "settled": 10, "held": 1, "rolled up": 5, "operations": 2}
PEOPLE = [f"601234567{n:02}" for n in range(40)]
REPAIRS: tuple[Repair, ...] = (Retry(), Release(), Skip(), MarkSent(ME))


class Ours:
    """Everything of ours that writes, in tasks of its own, until the time is over and enough was done."""

    def __init__(self, world: World, database: Database, seconds: float) -> None:
        self.world, self.database = world, database
        self.began, self.seconds = asyncio.get_running_loop().time(), seconds
        self.did: Counter[str] = Counter()
        self.waiting: list[Settlement] = []
        self.random = random.Random(3)

    async def all(self) -> None:
        tasks = (self.engine, self.engine, self.roll_up, self.other_loops, self.operator)
        await asyncio.gather(*(self._repeat(task) for task in tasks))

    async def _repeat(self, task: Callable[[], Awaitable[None]]) -> None:
        while self.goes_on():
            try:
                await task()
            except (Busy, OperationRefused) as why:
                self.did[f"{task.__name__}: {type(why).__name__}"] += 1
            await asyncio.sleep(0.01)

    def goes_on(self) -> bool:
        passed = asyncio.get_running_loop().time() - self.began
        return passed < self.seconds or (passed < 60 and self.lacks() != {})

    def lacks(self) -> dict[str, int]:
        return {what: n for what, n in WANTED.items() if self.did[what] < n}

    async def engine(self) -> None:
        self.did["scheduled"] += await schedule(self.database)
        claims = await take(self.database, 20)
        answers = [settlement(c, self.random.choice((SENT, FAILED)), chance=0) for c in claims]
        batch, self.waiting = answers + self.waiting, []
        done = await settle_free(self.database, batch)
        self.did["settled"] += len(done.recorded)
        self.did["held"] += len(done.held)
        self.waiting += done.held
        self.world.advance(seconds=20)

    async def roll_up(self) -> None:
        self.did["rolled up"] += await roll_up(self.database)

    async def other_loops(self) -> None:
        await recover(self.database)
        self.did["expired"] += await expire(self.database)

    async def operator(self) -> None:
        repair = self.random.choice(REPAIRS)
        match self.random.randint(0, 6):
            case 0:
                wanted = Wanted(f"d{self.random.randint(0, 7)}", ())
                plan = await preview_reassign(self.database, wanted)
                await reassign(self.database, ME, wanted, pinned=plan.pinned)
            case 1:
                await skip_stale(self.database, ME, Target(Scope.ALL, ()), timedelta(minutes=5))
            case 2:
                await undo(self.database, ME, None)
            case _:
                preview = await preview_repair(self.database, repair)
                await apply_repair(self.database, ME, repair, pinned=preview.pinned)
        self.did["operations"] += 1


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


def _people(world: World) -> None:
    devices = [world.device(f"d{n}") for n in range(8)]
    sequence = world.sequence(delays=(0,) * 12)
    offer = world.sequence("Offer", delays=(0,) * 12)
    for step in offer[1:]:
        world.setting("valid_for", "3 minutes", "step", str(step))
    for n, phone in enumerate(PEOPLE):
        world.contact(sequence, phone, devices[n % 8], statuses=("pending",) * 12)
        world.contact(offer, phone, devices[n % 8], statuses=("pending",) * 12)
        world.message(devices[n % 8], phone)


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.large)])
@pytest.mark.slow
async def test_it_never_fails_because_of_us(
    world: World, database: Database, dsn: str, role: str, seconds: float
) -> None:
    world.freeze()
    world.engine()
    _people(world)
    await prepare(database)
    applications = [Hostile(dsn, role, PEOPLE[n::2], n) for n in range(2)]
    with working(applications):
        ours = Ours(world, database, seconds)
        await ours.all()
    assert [error for one in applications for error in one.errors] == []
    assert ours.lacks() == {}, ours.did
    assert min(one.done for one in applications) > 5 * seconds
    await settle(database, ours.waiting)
    await sound(world, database)
