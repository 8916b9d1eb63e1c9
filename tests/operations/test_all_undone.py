"""Random operations on a dirty database, undone in reverse order: the operator's tables are as before, byte for byte."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from engine import adoption
from engine.invariants import violations
from engine.operations.decide_order import decide_order, preview_order
from engine.operations.holds import pause, resume
from engine.operations.keep_active import KeepActive
from engine.operations.limits import DEFAULTS, set_limits
from engine.operations.link_steps import LinkSteps
from engine.operations.mark_sent import MarkNotSent, MarkSent
from engine.operations.model import Done, OperationRefused, Scope, Target
from engine.operations.release import Release
from engine.operations.repair import Repair, apply_repair, preview_repair
from engine.operations.repair_facts import EVERYTHING, Selection
from engine.operations.resolve import preview_resolve, resolve
from engine.operations.retry import Retry
from engine.operations.skip import Skip
from engine.operations.stale import skip_stale
from engine.operations.targets import EVERYTHING as ALL
from engine.operations.undo import undo
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.dirty import DATA, Defect, Wild, build
from tests.operations.scene import ME, fingerprint, ledger, wrong_counters
from tests.world import World

pytestmark = pytest.mark.anyio

REPAIRS: tuple[Callable[[], Repair], ...] = (
    lambda: Retry(even_permanent=True),
    Skip,
    lambda: Skip(states=("waiting",)),
    lambda: MarkSent(ME),
    lambda: MarkSent(ME, ("failed", "pending")),
    lambda: MarkNotSent(ME),
    Release,
    lambda: Release(("paused", "sent", "sequence_failed", "active")),
    LinkSteps,
    KeepActive,
)


class Operator:
    """Does whatever comes to mind, a part at a time, and never the same way twice."""

    def __init__(self, world: World, database: Database, seed: int) -> None:
        self.database = database
        self.chance = random.Random(seed)
        self.phones = self._keys(world, "SELECT DISTINCT phone_key AS k FROM seqconsole.progress")
        self.sequences = self._keys(world, "SELECT id AS k FROM sequences")
        self.devices = self._keys(world, "SELECT id AS k FROM user_devices")
        self.did: Counter[str] = Counter()

    @staticmethod
    def _keys(world: World, sql: str) -> list[object]:
        return sorted((row["k"] for row in world.run(sql)), key=str)

    def part(self, keys: list[object]) -> tuple[object, ...]:
        return tuple(self.chance.sample(keys, self.chance.randint(1, len(keys))))

    def selection(self) -> Selection:
        match self.chance.randrange(5):
            case 0:
                return Selection(phones=self.part(self.phones))  # type: ignore[arg-type]
            case 1:
                return Selection(sequences=self.part(self.sequences))  # type: ignore[arg-type]
            case 2:
                return Selection(devices=self.part(self.devices))  # type: ignore[arg-type]
            case 3:
                return Selection(older=timedelta(hours=self.chance.choice((0, 1, 30))))
        return EVERYTHING

    async def repair(self) -> Done | None:
        what, selection = self.chance.choice(REPAIRS)(), self.selection()
        shown = await preview_repair(self.database, what, selection)
        if not shown.steps:
            return None
        done = await apply_repair(self.database, ME, what, selection, pinned=shown.pinned)
        assert done.n == shown.n
        self.did[what.verb] += 1
        return done

    async def resolve(self) -> Done | None:
        every = await preview_resolve(self.database, None)
        if not every.groups:
            return None
        keys = [str(k) for k in self.part([g.key for g in every.groups])]
        shown = await preview_resolve(self.database, keys)
        if not shown.n:
            return None
        self.did["resolve"] += 1
        return await resolve(self.database, ME, keys, pinned=shown.pinned)

    async def order(self) -> Done | None:
        sequence = self.chance.choice(self.sequences)
        assert isinstance(sequence, UUID)
        try:
            shown = await preview_order(self.database, sequence)
        except OperationRefused:
            return None
        order = list(shown.steps)
        self.chance.shuffle(order)
        shown = await preview_order(self.database, sequence, order)
        self.did["decide order"] += 1
        return await decide_order(self.database, ME, sequence, order, pinned=shown.pinned)

    async def hold(self) -> Done:
        target = Target(Scope.DEVICE, tuple(str(k) for k in self.part(self.devices)))
        act = self.chance.choice((pause, resume))
        self.did["hold"] += 1
        return await act(self.database, ME, target, None)

    async def limits(self) -> Done:
        self.did["limits"] += 1
        given = {"send_limit": str(self.chance.randint(1, 80))}
        return await set_limits(self.database, ME, DEFAULTS, given)

    async def stale(self) -> Done:
        self.did["skip stale"] += 1
        return await skip_stale(
            self.database, ME, ALL, timedelta(hours=self.chance.choice((1, 48)))
        )

    async def act(self) -> Done | None:
        acts: list[Callable[[], Awaitable[Done | None]]] = [
            *[self.repair] * 6, *[self.resolve] * 2, self.order, self.hold, self.limits, self.stale,
        ]  # fmt: skip
        if self.chance.random() < 0.3:
            await roll_up_all(self.database)
        return await self.chance.choice(acts)()


@pytest.mark.parametrize(
    "seeds", [range(1), pytest.param(range(1, 31), marks=pytest.mark.large)], ids=["one", "many"]
)
async def test_undone_in_reverse_order(new_database: Callable[..., str], seeds: range) -> None:
    did: Counter[str] = Counter()
    for seed in seeds:
        dsn = new_database(template="template0")
        naive = bool(seed % 2)
        build(dsn, Wild(contacts=12, campaigns=6, naive=naive, seed=seed), [*DATA, Defect.NO_KEY])
        zone = "Asia/Kuala_Lumpur" if naive else ""
        assert not (await adoption.migrate(Access(dsn), country="60", zone=zone)).unique_key
        world = World.at(dsn)
        async with Database.open(Access(dsn)) as database:
            await adoption.use_declared_zone(database)
            did += await do_and_undo(world, database, seed)
        world.close()
    if len(seeds) > 1:
        verbs = {"retry", "skip", "mark sent", "mark not sent", "release", "link steps", "resolve"}
        verbs |= {"keep active", "decide order", "hold", "limits", "skip stale"}
        assert {v for v in verbs if did[v] < 3} == set(), did


async def do_and_undo(world: World, database: Database, seed: int) -> Counter[str]:
    """Twelve operations, their undo, and that everything is as it was."""
    world.run(  # what another sender may still be at is refused
        "UPDATE sequence_contacts SET processing_started_at = processing_started_at - interval '1 hour'"
    )
    await roll_up_all(database)
    before, known = fingerprint(world), ledger(world)
    operator, done = Operator(world, database, seed), []
    for _ in range(24):
        did = await operator.act()
        if did is not None and did.operation_id is not None:
            done.append(did.operation_id)
            assert await violations(database) == {}, (seed, operator.did)
        if len(done) == 12:
            break
    assert len(done) >= 4, (seed, operator.did)
    assert fingerprint(world) != before
    for operation in reversed(done):
        back = await undo(database, ME, operation)
        assert back.refused == (), (seed, operation, operator.did)
    assert fingerprint(world) == before, seed
    assert ledger(world) == known, seed
    assert await wrong_counters(database) == 0
    assert await violations(database) == {}
    return operator.did
