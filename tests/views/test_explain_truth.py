"""Explain is the claim's own truth: each gate alone shuts, and opens when explain says (DESIGN 6)."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.projection import project_people
from engine.reader import Reader
from engine.recovery import plan_ahead, recover
from engine.store import Access, Database
from tests.engine.steps import end, prepare, take
from tests.world import World

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DRAWS = 100
SLACK = timedelta(seconds=2)


@dataclass
class Scene:
    """One contact that nothing holds but what a draw plants."""

    world: World
    database: Database
    chance: random.Random
    device: UUID
    sequence: list[UUID]
    phone: str
    row: UUID

    def later(self, most: int = 7200) -> datetime:
        return self.world.now() + timedelta(seconds=self.chance.randint(5, most))

    def hold(
        self, scope: str, key: object, *, holder: str = "operator", cold: bool = False
    ) -> None:
        self.world.run(
            "INSERT INTO seqconsole.holds (scope, key, holder, until, cold_only) VALUES (%s, %s, %s, %s, %s)",
            scope, str(key), holder, self.later(), cold,
        )  # fmt: skip

    def throttle(self, assignment: str, *values: object) -> None:
        self.world.run(
            f"UPDATE seqconsole.devices SET {assignment} WHERE device_id = %s",
            *values,
            self.device,
        )


async def contact_hold(s: Scene) -> None:
    s.hold("contact", s.phone)
    async with s.database.transaction(writer="engine") as tx:
        await tx.run("session/lock_projection")
        await project_people(tx, [s.phone], now=await tx.now())


async def in_flight(s: Scene) -> None:
    s.world.run("UPDATE seqconsole.progress SET at = at + interval '1 hour' WHERE state = 'r'")
    s.world.message(s.device, f"6099{s.chance.randint(10**7, 10**8 - 1)}")
    await prepare(s.database)
    await take(s.database)
    s.world.run("UPDATE seqconsole.progress SET at = at - interval '1 hour' WHERE state = 'r'")


async def retried(s: Scene) -> None:
    claims = await take(s.database)
    wait = timedelta(seconds=s.chance.randint(5, 3000))
    await end(s.database, claims, Answer(Verdict.RETRY, "BUSY", wait=wait))


async def written_to_before(s: Scene) -> None:
    s.world.setting("person_gap", "6 hours", "default")
    ago = s.world.now() - timedelta(seconds=s.chance.randint(5, 20_000))
    s.world.run(
        "INSERT INTO seqconsole.deliveries (phone_key, step_id, message_id, outcome, settled_at) "
        "VALUES (%s, gen_random_uuid(), gen_random_uuid(), 's', %s)",
        s.phone,
        ago,
    )


async def too_old(s: Scene) -> None:
    s.world.run(
        "UPDATE seqconsole.progress SET expires_at = seqconsole.now() - interval '1 second' WHERE contact_id = %s",
        s.row,
    )


Plant = Callable[[Scene], Awaitable[None]]


def plain(act: Callable[[Scene], object]) -> Plant:
    async def plant(s: Scene) -> None:
        act(s)

    return plant


def ring(s: Scene) -> None:
    ago = sorted(s.world.now() - timedelta(seconds=s.chance.randint(1, 3500)) for _ in range(80))
    s.throttle("ring = %s, slot_at = %s", ago, ago[0] + timedelta(hours=1))


BLOCKERS: dict[str, Plant] = {
    "engine": plain(lambda s: s.world.engine(False)),
    "hold: everything": plain(lambda s: s.hold("all", "")),
    "hold: user": plain(lambda s: s.hold("user", s.world.user)),
    "hold: host": plain(lambda s: (s.throttle("host = 'h'"), s.hold("host", "h"))),
    "hold: device": plain(lambda s: s.hold("device", s.device)),
    "hold: sequence": plain(lambda s: s.hold("sequence", s.sequence[0])),
    "hold: contact": contact_hold,
    "online": plain(lambda s: s.hold("device", s.device, holder="gateway")),
    "breaker": plain(lambda s: s.hold("device", s.device, holder="breaker")),
    "cold contacts": plain(
        lambda s: s.hold("device", s.device, holder="timelock", cold=True)
    ),
    "sequence active": plain(
        lambda s: s.world.run("UPDATE sequences SET status = 'paused' WHERE id = %s", s.sequence[0])
    ),
    "order decided": plain(
        lambda s: s.world.run(
            "UPDATE sequence_steps SET day_number = 1 WHERE sequence_id = %s", s.sequence[0]
        )
    ),
    "duplicate": plain(lambda s: s.world.contact(s.sequence, f"+{s.phone}", s.device)),
    "due time": plain(
        lambda s: s.world.run(
            "UPDATE seqconsole.progress SET at = %s WHERE contact_id = %s", s.later(), s.row
        )
    ),
    "one person": written_to_before,
    "validity": too_old,
    "gap": plain(lambda s: s.throttle("slot_at = %s", s.later())),
    "window": plain(ring),
    "daily cap": plain(
        lambda s: s.throttle("daily_cap = 3, day_sent = 3, day = seqconsole.now()::date")
    ),
    "quiet hours": plain(
        lambda s: s.throttle(
            "quiet_from = (seqconsole.now() - interval '1 min')::time, quiet_to = %s::time",
            s.later(40_000),
        )
    ),
    "lease": in_flight,
    "retry wait": retried,
}  # fmt: skip


@pytest.fixture
def chance() -> random.Random:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    return random.Random(seed)


async def scene(world: World, database: Database, chance: random.Random) -> Scene:
    """A new device and a queued first step; whatever earlier draws left is gone."""
    world.run(
        "DELETE FROM seqconsole.holds; DELETE FROM seqconsole.settings WHERE name = 'person_gap'; "
        "TRUNCATE sequence_contacts, broadcast_messages, user_devices CASCADE"
    )
    world.run(
        "TRUNCATE seqconsole.progress, seqconsole.changes, seqconsole.devices, seqconsole.attempts, "
        "seqconsole.deliveries, seqconsole.findings"
    )
    now = world.freeze(NOON + timedelta(seconds=chance.randint(0, 20_000)))
    world.engine()
    device = world.device(f"d{chance.random()}")
    sequence = world.sequence(f"s{chance.random()}", [0, 24])
    phone = f"601{chance.randint(10**8, 10**9 - 1)}"
    [row] = world.contact(sequence, phone, device, due=now)
    await prepare(database)
    await prepare(database)  # what the new sequence put into the feed
    return Scene(world, database, chance, device, sequence, phone, row)


async def claimed(s: Scene) -> bool:
    """What the engine does at this moment with the scene's own message."""
    await recover(s.database)
    await prepare(s.database)
    await plan_ahead(s.database)
    return s.phone in {c.phone for c in await take(s.database)}


async def draw(s: Scene, name: str) -> None:
    reader = Reader(s.database)
    assert [g.name for g in await reader.explain_contact(s.row) if g.passes is False] == []
    await BLOCKERS[name](s)
    await prepare(s.database)
    shut = [g for g in await reader.explain_contact(s.row) if g.passes is False]
    assert [g.name for g in shut] == [name]
    opens = shut[0].opens_at
    if opens is None:
        s.world.advance(seconds=s.chance.randint(1, 100_000))
        assert not await claimed(s)
        return
    s.world.freeze(opens - SLACK)
    assert not await claimed(s)
    s.world.freeze(opens + SLACK)
    assert await claimed(s)


@pytest.fixture
async def database(world: World, dsn: str) -> AsyncIterator[Database]:
    async with Database.open(Access(dsn, max_connections=4)) as opened:
        yield opened


@pytest.mark.parametrize("name", BLOCKERS)
async def test_each_gate_alone_opens_when_explain_says(
    world: World, database: Database, chance: random.Random, name: str
) -> None:
    await draw(await scene(world, database, chance), name)


@pytest.mark.large
@pytest.mark.parametrize("name", BLOCKERS)
async def test_each_gate_alone_a_hundred_times(
    world: World, database: Database, chance: random.Random, name: str
) -> None:
    for _ in range(DRAWS):
        await draw(await scene(world, database, chance), name)
