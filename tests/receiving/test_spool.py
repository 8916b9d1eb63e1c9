"""A stop that comes while the database is away is kept on disk, and obeyed as soon as it is back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.receiving import gowa
from engine.receiving.events import Event, Reply
from engine.store import DatabaseUnavailable, Rejected
from seqconsole.webhooks import spool as spooling
from seqconsole.webhooks.hooks import Hook
from seqconsole.webhooks.spool import Spool
from tests.receiving.http import SECRET, ack, client, door, message, signed

pytestmark = pytest.mark.anyio


def suffixes(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir())


def tear(folder: Path) -> None:
    """The first of them, as a broken disk leaves it."""
    min(folder.iterdir()).write_bytes(b"{torn")


class Away:
    """A database that is away until told."""

    def __init__(self) -> None:
        self.error: Exception | None = DatabaseUnavailable("away")
        self.taken: list[Event] = []

    async def take(self, events: Sequence[Event]) -> None:
        if self.error is not None:
            raise self.error
        self.taken += events

    @property
    def hooks(self) -> dict[str, Hook]:
        return {"main": Hook("main", SECRET, gowa.events, self.take)}


async def test_nobody_waits_for_a_database_that_just_failed(tmp_path: Path) -> None:
    away, spool = Away(), Spool(tmp_path)
    asked = 0

    async def take(events: Sequence[Event]) -> None:
        nonlocal asked
        asked += 1
        await away.take(events)

    async with client(door(take, spool=spool)) as http:
        for name in "ABCDE":
            body = ack("read", name)
            answer = await http.post("/hook/main", content=body, headers=signed(body))
            assert answer.status_code == 200
    assert (asked, spool.waiting) == (1, 5)


async def post(away: Away, spool: Spool, body: bytes) -> int:
    async with client(door(away.take, spool=spool)) as http:
        answer = await http.post("/hook/main", content=body, headers=signed(body))
    return answer.status_code


async def test_what_the_database_can_not_take_waits_on_disk(tmp_path: Path) -> None:
    away = Away()
    folder = tmp_path / "webhooks"
    spool = Spool(folder)
    assert await post(away, spool, message("STOP")) == 200
    assert await post(away, spool, ack("read", "A")) == 200
    assert folder.stat().st_mode & 0o077 == 0
    assert [path.stat().st_mode & 0o077 for path in folder.iterdir()] == [0, 0]
    again = Spool(folder)  # as after a restart
    assert again.waiting == 2
    with pytest.raises(DatabaseUnavailable):
        await again.hand_over(away.hooks)
    assert again.waiting == 2
    away.error = None
    assert await again.hand_over(away.hooks) == 2
    assert [e.text for e in away.taken if isinstance(e, Reply)] == ["STOP"]
    assert suffixes(folder) == []
    assert again.waiting == 0
    assert await again.hand_over(away.hooks) == 0


async def test_a_forged_webhook_never_reaches_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    body = message("STOP")
    async with client(door(Away().take, spool=spool)) as http:
        await http.post("/hook/main", content=body, headers=signed(body, b"guessed"))
        await http.post("/hook/main", content=b"{", headers=signed(b"{"))
    assert suffixes(tmp_path) == []


async def test_the_disk_is_bounded_and_may_be_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away, spool = Away(), Spool(tmp_path)
    monkeypatch.setattr(spooling, "MOST", 1)
    assert await post(away, spool, ack("read", "A")) == 200
    assert await post(away, spool, ack("read", "B")) == 503
    monkeypatch.setattr(spooling, "MOST", 10)
    monkeypatch.setattr(os, "fsync", _full)
    assert await post(away, spool, ack("read", "B")) == 503
    assert suffixes(tmp_path) == [".json"]


def _full(handle: int) -> None:
    raise OSError(28, "no space left")


async def test_one_that_can_not_be_taken_stops_no_other(tmp_path: Path) -> None:
    away, spool = Away(), Spool(tmp_path)
    for name in ("A", "B"):
        assert await post(away, spool, ack("read", name)) == 200
    tear(tmp_path)
    away.error = None
    assert await spool.hand_over(away.hooks) == 1
    assert suffixes(tmp_path) == [".bad"]
    away.error = Rejected("no")
    spool.keep("main", ack("read", "C"))
    assert await spool.hand_over(away.hooks) == 0
    assert suffixes(tmp_path) == [".bad", ".bad"]
