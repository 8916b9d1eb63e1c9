"""Batches: what comes at once is taken together, and one bad webhook spoils no other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from engine.receiving import batching
from engine.receiving.batching import Batching
from engine.receiving.events import Event, Mark, Receipt
from engine.store import DatabaseUnavailable, Rejected

pytestmark = pytest.mark.anyio


def receipts(*ids: str) -> list[Event]:
    return [Receipt(found, Mark.READ) for found in ids]


async def test_what_comes_meanwhile_is_one_batch() -> None:
    taken: list[int] = []

    async def take(events: Sequence[Event]) -> None:
        taken.append(len(events))
        await asyncio.sleep(0)

    of = Batching(take)
    await asyncio.gather(*(of.take(receipts(str(n))) for n in range(50)))
    assert sum(taken) == 50
    assert len(taken) <= 2


async def test_a_batch_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "MOST", 5)
    taken: list[int] = []

    async def take(events: Sequence[Event]) -> None:
        taken.append(len(events))

    of = Batching(take)
    await asyncio.gather(
        *(of.take(receipts("a", "b")) for _ in range(7)), of.take(receipts(*"0123456789"))
    )
    assert sorted(taken) == [2, 4, 4, 4, 10]


async def test_one_bad_webhook_spoils_no_other() -> None:
    taken: list[str] = []

    async def take(events: Sequence[Event]) -> None:
        ids = [e.gateway_id for e in events if isinstance(e, Receipt)]
        if "bad" in ids:
            raise Rejected("no")
        taken.extend(ids)

    of = Batching(take)
    ends = await asyncio.gather(
        *(of.take(receipts(name)) for name in ("a", "bad", "b")), return_exceptions=True
    )
    assert sorted(taken) == ["a", "b"]
    assert [type(end) for end in ends] == [type(None), Rejected, type(None)]


async def test_a_database_that_is_away_is_told_to_all_and_the_next_goes_on() -> None:
    away = True

    async def take(events: Sequence[Event]) -> None:
        if away:
            raise DatabaseUnavailable("away")

    of = Batching(take)
    ends = await asyncio.gather(*(of.take(receipts("a")) for _ in range(3)), return_exceptions=True)
    assert {type(end) for end in ends} == {DatabaseUnavailable}
    away = False
    await of.take(receipts("a"))


async def test_who_gave_up_waiting_stops_no_other() -> None:
    go = asyncio.Event()
    taken: list[int] = []

    async def take(events: Sequence[Event]) -> None:
        await go.wait()
        taken.append(len(events))

    of = Batching(take)
    gone, stays = (asyncio.create_task(of.take(receipts("a"))) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    go.set()
    await stays
    assert sum(taken) >= 1
