"""Faults 10 to 13: connections that end, that are cut, that hang, that are slow. The gateway is the oracle."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from functools import partial
from pathlib import Path

import anyio
import pytest

from engine.invariants import violations
from engine.reader import Reader
from engine.rollup import roll_up_all
from engine.store import Access, Database, StoreError
from engine.store import deadline as deadlines
from tests.engine.inprocess import RecordingGateway, until, working
from tests.faults.proxy import Mode, Proxy
from tests.world import World

pytestmark = pytest.mark.anyio


def fill(world: World, devices: int, each: int) -> int:
    world.engine()
    for d in range(devices):
        device = world.device(f"d{d}")
        for n in range(each):
            world.message(device, f"6012{d:03}{n:04}")
    return devices * each


async def all_sent_once(
    world: World, database: Database, gateway: RecordingGateway, n: int, seconds: float = 20
) -> None:
    await until(lambda: world.statuses("broadcast_messages") == {"sent": n}, seconds)
    await roll_up_all(database)
    assert await violations(database) == {}
    assert set(Counter(message.message_id for message, _ in gateway.sent).values()) == {1}


async def swallowed(database: Database, proxy: Proxy) -> None:
    async with database.transaction(statement_timeout="300ms") as tx:
        proxy.mode = Mode.BLACKHOLE
        await tx.now()


async def test_fault_10_each_connection_is_terminated_in_turn(
    dsn: str, world: World, database: Database, tmp_path: Path
) -> None:
    n = fill(world, 4, 10)
    gateway = RecordingGateway()
    async with (
        Database.open(Access(dsn, application="victim")) as theirs,
        working(theirs, gateway, tmp_path, listen=True),
    ):
        for _ in range(3):
            sent = len(gateway.sent)
            world.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await until(partial(gateway.has_sent, min(sent + 4, n)))
        await all_sent_once(world, database, gateway, n)


@pytest.mark.slow
async def test_fault_11_reset_and_refused_connections(
    world: World, database: Database, proxy: Proxy, tmp_path: Path
) -> None:
    n = fill(world, 4, 10)
    gateway = RecordingGateway()
    async with (
        Database.open(Access(proxy.dsn)) as theirs,
        working(theirs, gateway, tmp_path, listen=True) as worker,
    ):
        await until(lambda: gateway.sent)
        proxy.mode = Mode.REFUSE
        proxy.reset()
        await until(lambda: worker.sender.error)
        sent = len(gateway.sent)
        await anyio.sleep(0.5)
        assert len(gateway.sent) <= sent + 4, "what was claimed before, and no more"
        proxy.mode = Mode.PASS
        await all_sent_once(world, database, gateway, n)


async def test_fault_12_a_half_open_connection_is_cut(
    world: World, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing comes back and nothing is closed: TCP itself is content, so only a deadline helps."""
    async with Database.open(Access(proxy.dsn, max_connections=1)) as theirs:
        async with theirs.transaction() as tx:
            await tx.now()
        monkeypatch.setattr("engine.store.database.GRACE", 0.2)
        monkeypatch.setattr("engine.store.database.CHECK_LIMIT", 0.5)
        started = time.monotonic()
        with pytest.raises(StoreError):
            await swallowed(theirs, proxy)
        assert 0.4 < time.monotonic() - started < 5
        proxy.mode = Mode.PASS
        async with theirs.transaction() as tx:
            await tx.now()
        # now while it rests in the pool: the check before its use is never answered
        monkeypatch.setattr("engine.store.database.FRESH", 0.0)
        proxy.mode = Mode.BLACKHOLE
        asyncio.get_running_loop().call_later(0.2, setattr, proxy, "mode", Mode.PASS)
        async with theirs.transaction() as tx:
            await tx.now()
    assert 10 + deadlines.GRACE < 15, "a claim, whose own limit is 10 s"


@pytest.mark.slow
async def test_fault_12_a_worker_behind_a_half_open_connection_goes_on(
    world: World, database: Database, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.store.database.GRACE", -8.0)  # the claim's 10 s become 2
    monkeypatch.setattr("engine.store.database.CHECK_LIMIT", 0.5)
    n = fill(world, 2, 15)
    gateway = RecordingGateway()
    async with (
        Database.open(Access(proxy.dsn, max_connections=8)) as theirs,
        working(theirs, gateway, tmp_path, listen=True) as worker,
    ):
        await until(lambda: gateway.sent)
        proxy.mode = Mode.BLACKHOLE
        await until(lambda: worker.error or worker.sender.error, 15)
        proxy.mode = Mode.PASS
        proxy.reset()
        await all_sent_once(world, database, gateway, n)


@pytest.mark.slow
async def test_fault_13_a_slow_database_makes_no_storm_of_claims(
    world: World, database: Database, proxy: Proxy, tmp_path: Path
) -> None:
    n = fill(world, 3, 1)
    gateway = RecordingGateway()
    async with Database.open(Access(proxy.dsn)) as theirs:
        accepted = proxy.accepted
        proxy.delay = 0.05
        async with working(theirs, gateway, tmp_path) as worker:
            await all_sent_once(world, database, gateway, n, 30)
            assert worker.sender.error is None
            proxy.delay = 0.0
    assert proxy.accepted - accepted <= 4, "the pool's own, and none beside it"
    assert (await Reader(database).overview()).sending == 0
