"""A real worker through each kind of gateway at once, whose hosts misbehave in every way: nothing is
sent twice, a doubt stays one, and no credential is anywhere afterwards."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from engine.gateways.fleet import Fleet
from engine.gateways.protocol import Platform
from engine.invariants import violations
from engine.rollup import roll_up_all
from engine.runtime import Worker, WorkerOptions
from engine.store import Access, Database
from tests.gateways.kinds import ALL, GOWA, META, NUMBER_ID, TOKEN, WABLAS_KIND, Kind
from tests.gateways.scripted import Act, Scripted, Seen, Step, host, reply
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    made = World.at(dsn)
    yield made
    made.close()


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    async with Database.open(Access(dsn, max_connections=8)) as opened:
        yield opened


def device_of(world: World, kind: Kind, n: int) -> UUID:
    device = world.device(f"{kind.platform} {n}")
    jid = f"{NUMBER_ID}{n}" if kind is META else f"{TOKEN}-{n}"
    world.run(
        "UPDATE user_devices SET platform = %s, jid = %s WHERE id = %s", kind.platform, jid, device
    )
    return device


def usual(kind: Kind) -> Step:
    """Sends; and says of its devices what a host of that kind says."""

    def answer(request: Seen) -> bytes:
        if request.method == "GET":
            return reply(200, {"code": "SUCCESS", "results": []})
        return reply(200, kind.proof)

    return answer


@asynccontextmanager
async def fleet() -> AsyncIterator[tuple[Fleet, dict[Platform, Scripted]]]:
    async with (
        host(usual(ALL[0])) as a,
        host(usual(ALL[1])) as b,
        host(usual(ALL[2])) as c,
        host(usual(ALL[3])) as d,
    ):
        there = {kind.platform: one for kind, one in zip(ALL, (a, b, c, d), strict=True)}
        yield (
            Fleet({k.platform: k.make(there[k.platform].url, deadline=2.0) for k in ALL}),
            there,
        )


@asynccontextmanager
async def at_work(database: Database, gateway: Fleet, tmp_path: Path) -> AsyncIterator[Worker]:
    stop = asyncio.Event()
    options = WorkerOptions("test", tmp_path / "journal", uuid4(), tick=0.02, device_poll=0.2)
    worker = Worker(database, gateway, options)
    running = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        await running
        await gateway.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


def sends(there: dict[Platform, Scripted]) -> Counter[tuple[Platform, str]]:
    """How often each phone was reached, by platform."""
    found: Counter[tuple[Platform, str]] = Counter()
    for platform, one in there.items():
        for seen in one.seen:
            if seen.method == "POST":
                fields = seen.fields
                found[platform, fields.get("phone") or fields.get("to") or fields["number"]] += 1
    return found


def everything_below(folder: Path) -> bytes:
    """The worker's journal and whatever else was written."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


DOUBTS: tuple[Step, ...] = (Act.CLOSE, Act.RESET, Act.SILENCE, reply(500, b""), reply(200, {}))


async def test_mixed_devices_send_once_and_doubts_stay(
    world: World, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    each = 8
    phones: dict[str, Kind] = {}
    for kind in ALL:
        for n in range(each):
            phones[f"6012{ALL.index(kind)}0000{n:02}"] = kind
            world.message(device_of(world, kind, n), f"6012{ALL.index(kind)}0000{n:02}", f"no. {n}")
    world.engine()
    await roll_up_all(database)
    async with fleet() as (gateway, there):
        for kind in ALL:
            one = there[kind.platform]
            if kind is not GOWA:
                one.script += DOUBTS
        async with at_work(database, gateway, tmp_path):
            await until(
                lambda: (
                    world.statuses("broadcast_messages").get("pending", 0) == 0
                    and "sending" not in world.statuses("broadcast_messages")
                )
            )
    assert world.statuses("broadcast_messages") == {
        "sent": 4 * each - 3 * len(DOUBTS),
        "unknown": 3 * len(DOUBTS),
    }
    reached = sends(there)
    assert set(reached.values()) == {1}, "each phone once"
    assert {phone: platform for platform, phone in reached} == {
        phone: kind.platform for phone, kind in phones.items()
    }
    hosts = world.run("SELECT DISTINCT host FROM seqconsole.devices WHERE host IS NOT NULL")
    assert {row["host"] for row in hosts} == {"meta", "wablas", "whacenter"}
    # A second worker finds the doubts, and leaves them alone.
    async with fleet() as (gateway, again), at_work(database, gateway, tmp_path):
        world.message(device_of(world, GOWA, 99), "60129999999", "the last")
        await until(lambda: world.statuses("broadcast_messages").get("sent") == 4 * each - 14)
    assert list(sends(again)) == [(Platform.GOWA, "60129999999")]
    assert world.statuses("broadcast_messages")["unknown"] == 3 * len(DOUBTS)
    await roll_up_all(database)
    assert await violations(database) == {}
    assert b"canary" not in everything_below(tmp_path)
    assert "canary" not in caplog.text
    for table in ("attempts", "deliveries", "holds", "findings", "operations", "changes"):
        assert "canary" not in str(world.run(f"SELECT * FROM seqconsole.{table}"))


async def test_refusals_of_each_kind_hold_what_they_concern(
    world: World, database: Database, tmp_path: Path
) -> None:
    """A token of one device, a token of an account, an opted-out contact, a template that is none."""
    devices = {kind.platform: device_of(world, kind, 0) for kind in ALL}
    phones = {kind.platform: f"6013{n}0000000" for n, kind in enumerate(ALL)}
    for kind in (META, WABLAS_KIND):
        world.message(devices[kind.platform], phones[kind.platform])
    other = device_of(world, META, 1)
    world.message(other, "60139999999")
    template = world.message(device_of(world, META, 2), "60138888888", "not a template")
    world.run("UPDATE broadcast_messages SET message_type = 'template' WHERE id = %s", template)
    world.engine()
    await roll_up_all(database)
    opted_out = reply(400, {"error": {"code": 131050, "message": f"stopped {TOKEN}"}})
    expired = reply(401, {"error": {"code": 190, "message": "expired"}})
    async with fleet() as (gateway, there):

        def judge(request: Seen) -> bytes:
            return opted_out if request.fields["to"] == phones[Platform.META] else expired

        there[Platform.META].usual = judge
        there[Platform.WABLAS].usual = reply(200, {"status": False, "message": "token invalid"})
        async with at_work(database, gateway, tmp_path):
            await until(lambda: len(world.run("SELECT * FROM seqconsole.holds")) == 3)
            await until(lambda: world.statuses("broadcast_messages").get("failed") == 2)
            await until(lambda: world.statuses("broadcast_messages") == {"failed": 2, "pending": 2})
    holds = world.run("SELECT scope, key, holder, reason FROM seqconsole.holds ORDER BY scope")
    assert [tuple(hold.values()) for hold in holds] == [
        ("contact", phones[Platform.META], "suppression", "131050"),
        ("device", str(devices[Platform.WABLAS]), "breaker", "TOKEN_REFUSED"),
        ("host", "meta", "breaker", "190"),
    ]
    found = world.run("SELECT recipient_phone, status, error_message FROM broadcast_messages")
    by_phone = {row["recipient_phone"]: (row["status"], row["error_message"]) for row in found}
    assert by_phone[phones[Platform.META]][0] == "failed"
    assert by_phone["60138888888"][0] == "failed"
    assert "first line must be the template's name" in by_phone["60138888888"][1]
    assert by_phone["60139999999"][0] == "pending"
    assert by_phone[phones[Platform.WABLAS]][0] == "pending"
    assert "canary" not in str(found)


async def test_a_reach_out_timelock_holds_new_contacts_until_its_end(
    world: World, database: Database, tmp_path: Path
) -> None:
    """Whom the device has written to before goes on; new ones wait, with the end in sight."""
    device = device_of(world, GOWA, 0)
    sequence = world.sequence(delays=(0, 0))
    world.contact(sequence, "60121111111", device, statuses=("pending",) * 2, due=world.now())
    world.engine()
    await roll_up_all(database)
    timelock = reply(
        429, {"code": "WA_REACHOUT_TIMELOCK", "message": "error 463"}, Retry_After="3600"
    )

    async with fleet() as (gateway, there):

        def answer(request: Seen) -> bytes:
            if request.method == "POST" and request.fields["phone"] != "60121111111":
                return timelock
            return usual(GOWA)(request)  # type: ignore[operator]

        there[Platform.GOWA].usual = answer
        async with at_work(database, gateway, tmp_path):
            await until(lambda: world.statuses().get("completed", 0) >= 1)
            world.message(device, "60122222222")
            await until(lambda: bool(world.run("SELECT 1 FROM seqconsole.holds")))
            world.message(device, "60123333333")
            world.message(device, "60121111111", "to somebody known")
            await until(lambda: sends(there)[Platform.GOWA, "60121111111"] == 3)
    [hold] = world.run("SELECT holder, cold_only, until - since AS span FROM seqconsole.holds")
    assert (hold["holder"], hold["cold_only"]) == ("timelock", True)
    assert 3590 < hold["span"].total_seconds() <= 3600
    reached = sends(there)
    assert reached[Platform.GOWA, "60122222222"] == 1
    assert reached[Platform.GOWA, "60123333333"] == 0
    world.setting("clock_offset", "61 minutes")
    async with fleet() as (gateway, there), at_work(database, gateway, tmp_path):
        await until(lambda: sends(there)[Platform.GOWA, "60123333333"] == 1)
        await until(lambda: sends(there)[Platform.GOWA, "60122222222"] == 1)
