"""Nothing belongs to the session: all of it works through PgBouncer in transaction mode (DESIGN 3)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from engine.invariants import violations
from engine.operations.holds import pause, resume
from engine.operations.model import Scope, Target
from engine.reader import Reader
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.engine import pooler
from tests.engine.inprocess import RecordingGateway, until, working
from tests.postgres import TestServer
from tests.world import World

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(pooler.PROGRAM is None, reason="no pgbouncer program on this machine"),
]

EVERYTHING = Target(Scope.ALL)


async def test_two_workers_and_the_operator_share_three_connections(
    server: TestServer, dsn: str, world: World, tmp_path: Path
) -> None:
    world.engine()
    devices = [world.device(f"d{n}") for n in range(4)]
    sequence = world.sequence(delays=(0, 0))
    for n in range(8):
        due = world.now()
        world.contact(
            sequence, f"6012345678{n}", devices[n % 4], statuses=("pending",) * 2, due=due
        )
    gateway = RecordingGateway()
    with pooler.pgbouncer(server, dsn, 3) as through:
        async with (
            Database.open(Access(through)) as one,
            Database.open(Access(through)) as two,
            Database.open(Access(through)) as operator,
            working(one, gateway, tmp_path),
            working(two, gateway, tmp_path),
        ):
            await until(lambda: len(gateway.sent) == 16, 30)
            await until(lambda: world.statuses() == {"completed": 16})
            assert (await pause(operator, "me", EVERYTHING, None)).n == 1
            for n in range(20):
                world.message(devices[n % 4], f"601234567{n:02}")
            await until(lambda: not world.value("SELECT count(*) FROM seqconsole.changes"))
            assert len(gateway.sent) == 16
            assert (await Reader(operator).overview()).pending == 20
            await resume(operator, "me", EVERYTHING, None, now=True)
            await until(lambda: world.statuses("broadcast_messages") == {"sent": 36}, 30)
            await roll_up_all(operator)
            assert await violations(operator) == {}
            servers = world.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
    assert servers <= 3
    sent = Counter((message.phone, message.content) for message, _ in gateway.sent)
    assert len(sent) == 36
    assert set(sent.values()) == {1}
