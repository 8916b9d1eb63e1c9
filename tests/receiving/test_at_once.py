"""Many webhooks at once, repeated and shuffled, beside the settle they are about: every one counts once."""

from __future__ import annotations

import asyncio
import random

import pytest

from engine.claiming import Claim
from engine.gateways.protocol import Answer, Verdict
from engine.receiving.events import Mark, Receipt, Reply
from engine.receiving.taking import Taker
from engine.store import Database
from tests.engine.steps import end, prepare, take
from tests.operations.scene import sound
from tests.receiving.scene import settle_all
from tests.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_webhooks_and_settles_at_once(world: World, database: Database, phone: str) -> None:
    rng = random.Random(4)
    sequence = world.sequence(f"S {phone}", (0, 24))
    for n in range(40):
        device = world.device(f"{phone} {n}")
        statuses = ("pending", "pending")
        world.contact(sequence, f"{phone}{n:02}", device, statuses=statuses, due=world.now())
    await prepare(database)
    claims = [c for c in await take(database, 1000) if c.phone.startswith(phone)]
    assert len(claims) == 40
    takers = [Taker(database) for _ in range(4)]

    async def settle(part: list[Claim]) -> None:
        for c in part:
            doubt = c.phone[-1] in "123"
            verdict = Verdict.UNKNOWN if doubt else Verdict.SENT
            await end(database, [c], Answer(verdict, "x", gateway_id=f"id {c.phone}"))

    events = [
        event
        for c in claims
        for event in (
            Receipt(f"id {c.phone}", Mark.DELIVERED, c.claimed_at),
            Receipt(f"id {c.phone}", Mark.READ, c.claimed_at),
            Reply(f"r {c.phone}", c.phone, text="stop" if c.phone[-1] in "09" else "hm"),
        )
    ] * 2
    rng.shuffle(events)
    parts = [events[n::4] for n in range(4)]

    async def receive(taker: Taker, part: list[Receipt | Reply]) -> None:
        for start in range(0, len(part), 7):
            await taker.take(part[start : start + 7])

    await asyncio.gather(
        settle(claims[::2]),
        settle(claims[1::2]),
        *(receive(t, p) for t, p in zip(takers, parts, strict=True)),
    )
    world.advance(minutes=5)
    await settle_all(database)
    phones = f"{phone}__"
    counted = world.run(
        "SELECT outcome, receipt, count(*) AS n FROM seqconsole.deliveries WHERE phone_key LIKE %s GROUP BY 1, 2",
        phones,
    )
    assert counted == [{"outcome": "s", "receipt": "r", "n": 40}]
    replies = "SELECT count(*) FROM seqconsole.replies WHERE phone_key LIKE %s AND sequence_id = %s"
    assert world.value(replies, phones, sequence[0]) == 40
    held = "SELECT count(*) FROM seqconsole.holds WHERE key LIKE %s AND holder = 'suppression'"
    assert world.value(held, phones) == 8
    stopped = "SELECT count(*) FROM seqconsole.operations WHERE verb = 'suppress' AND target::text LIKE %s"
    assert world.value(stopped, f"%{phone}%") <= 8
    waiting = "SELECT count(*) FROM seqconsole.receipts WHERE gateway_id LIKE %s"
    assert world.value(waiting, f"id {phone}%") == 0
    await sound(world, database)
    world.advance(days=2)
    await prepare(database)
    rest = {c.phone for c in await take(database, 1000) if c.phone.startswith(phone)}
    assert len(rest) == 32
    assert not [p for p in rest if p[-1] in "09"]
