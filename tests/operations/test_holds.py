"""Pause and resume: guarantee 4 of DESIGN 10, and the journal of both."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from engine.operations.holds import pause, resume
from engine.operations.model import OperationRefused, Scope, Target
from engine.operations.targets import EVERYTHING, find
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import prepare, take
from tests.operations.scene import ME, PHONE
from tests.world import World

pytestmark = pytest.mark.anyio


def holds(world: World) -> list[dict[str, object]]:
    return world.run(
        "SELECT scope, key, holder, reason, until, since FROM seqconsole.holds ORDER BY 1, 2, 3"
    )


async def two_devices(world: World, database: Database) -> tuple[str, str]:
    """Two devices with a due message each; the engine is on."""
    world.freeze()
    world.engine()
    keys = []
    for n, name in enumerate(("Alpha", "Beta")):
        device = world.device(name)
        world.message(device, f"6012345678{n}")
        keys.append(str(device))
    await prepare(database)
    return keys[0], keys[1]


async def test_a_paused_device_claims_nothing_while_others_go_on(
    world: World, database: Database
) -> None:
    alpha, beta = await two_devices(world, database)
    done = await pause(database, ME, await find(database, Scope.DEVICE, ["Alpha"]), "banned?")
    assert done.n == 1
    assert done.summary == "paused device Alpha; nothing is in flight"
    assert [str(c.device_id) for c in await take(database)] == [beta]
    row = world.run("SELECT who, verb, reason, n, summary, at FROM seqconsole.operations")
    assert row == [
        {
            "who": ME,
            "verb": "pause",
            "reason": "banned?",
            "n": 1,
            "summary": "paused device Alpha",
            "at": world.now(),
        }
    ]
    images = world.run(
        "SELECT unit, rel, row_id, before, after ->> 'until' AS until FROM seqconsole.operation_rows"
    )
    assert images == [
        {
            "unit": f"device|{alpha}",
            "rel": "seqconsole.holds",
            "row_id": f"device|{alpha}|operator",
            "before": None,
            "until": "infinity",
        }
    ]


async def test_fault_31_pause_names_what_is_in_flight(world: World, database: Database) -> None:
    alpha, _ = await two_devices(world, database)
    claims = await take(database)
    done = await pause(database, ME, Target(Scope.DEVICE, (alpha,), ("Alpha",)), None)
    lease = next(c.lease_until for c in claims if str(c.device_id) == alpha)
    assert [(str(f.device_id), f.device_name, f.until) for f in done.in_flight] == [
        (alpha, "Alpha", lease)
    ]
    assert done.summary == f"paused device Alpha; 1 in flight on Alpha, done by {lease:%H:%M:%S}"
    everything = await pause(database, ME, EVERYTHING, None)
    assert len(everything.in_flight) == 2


@pytest.mark.parametrize(
    "scope", [Scope.ALL, Scope.USER, Scope.HOST, Scope.DEVICE, Scope.SEQUENCE, Scope.CONTACT]
)
async def test_every_scope_stops_and_names_its_own(
    world: World, database: Database, scope: Scope
) -> None:
    now = world.freeze()
    world.engine()
    device = world.device()
    sequence = world.sequence()
    world.contact(sequence, PHONE, device, due=now)
    await prepare(database)
    world.run("UPDATE seqconsole.devices SET host = 'gw1'")
    key = {
        Scope.ALL: "",
        Scope.USER: str(world.user),
        Scope.HOST: "gw1",
        Scope.DEVICE: str(device),
        Scope.SEQUENCE: str(sequence[0]),
        Scope.CONTACT: PHONE,
    }[scope]
    target = Target(scope, (key,))
    await pause(database, ME, target, None)
    assert await take(database) == []
    await resume(database, ME, target, None, now=True)
    assert len(await take(database)) == 1
    assert len((await pause(database, ME, target, None)).in_flight) == 1
    assert (await pause(database, ME, Target(Scope.DEVICE, (str(uuid4()),)), None)).in_flight == ()


async def test_pausing_what_is_paused_changes_nothing(world: World, database: Database) -> None:
    alpha, _ = await two_devices(world, database)
    target = Target(Scope.DEVICE, (alpha,), ("Alpha",))
    await pause(database, ME, target, "first")
    before = holds(world)
    again = await pause(database, "bob@desk", target, "second")
    assert (again.n, again.operation_id) == (0, None)
    assert again.summary == "device Alpha: already paused; nothing is in flight"
    assert holds(world) == before
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 1


async def test_resume_waits_ten_seconds_and_z_takes_it_back_with_nothing_sent(
    world: World, database: Database
) -> None:
    alpha, beta = await two_devices(world, database)
    target = Target(Scope.DEVICE, (alpha, beta), ("Alpha", "Beta"))
    await pause(database, ME, target, "why")
    paused = holds(world)
    world.advance(minutes=5)
    done = await resume(database, ME, target, None)
    assert done.sends_from == world.now() + timedelta(seconds=10)
    assert done.n == 2
    world.advance(seconds=9)
    assert await take(database) == []
    back = await undo(database, ME, None)
    assert back.summary == f"undid operation {done.operation_id} (resumed 2 devices)"
    world.advance(hours=1)
    assert holds(world) == paused
    assert await take(database) == []


async def test_resume_sends_after_its_wait(world: World, database: Database) -> None:
    await two_devices(world, database)
    await pause(database, ME, EVERYTHING, None)
    done = await resume(database, ME, EVERYTHING, None)
    assert done.summary == f"resumed everything, sending from {done.sends_from:%H:%M:%S}"
    world.advance(seconds=10)
    assert len(await take(database)) == 2
    world.run("UPDATE seqconsole.holds SET reason = 'another'")
    with pytest.raises(OperationRefused, match="the hold on all was changed since"):
        await undo(database, ME, None)


async def test_fault_32_overlapping_holds_do_not_cancel_each_other(
    world: World, database: Database
) -> None:
    alpha, beta = await two_devices(world, database)
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, reason) VALUES ('device', %s, 'breaker', 'failures')",
        alpha,
    )
    target = Target(Scope.DEVICE, (alpha, beta), ("Alpha", "Beta"))
    await pause(database, ME, target, None)
    await pause(database, ME, EVERYTHING, None)
    first = await resume(database, ME, EVERYTHING, None, now=True)
    assert first.n == 1
    assert await take(database) == []
    second = await resume(database, ME, target, None, now=True)
    assert second.refused == ("Alpha by breaker: failures",)
    assert second.sends_from == world.now()
    assert [str(c.device_id) for c in await take(database)] == [beta]
    third = await resume(database, ME, Target(Scope.DEVICE, (alpha,), ("Alpha",)), None)
    assert (third.n, third.operation_id, third.sends_from) == (0, None, None)
    assert (
        third.summary
        == "device Alpha is not paused by an operator, but held: Alpha by breaker: failures"
    )


async def test_a_resume_with_its_wait_leaves_other_holders_alone(
    world: World, database: Database
) -> None:
    alpha, _ = await two_devices(world, database)
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder) VALUES ('device', %s, 'breaker')", alpha
    )
    target = Target(Scope.DEVICE, (alpha,), ("Alpha",))
    await pause(database, ME, target, None)
    done = await resume(database, ME, target, None)
    assert done.refused == ("Alpha by breaker",)
    world.advance(hours=1)
    assert alpha not in {str(c.device_id) for c in await take(database)}


async def test_resuming_under_a_wider_hold_says_so(world: World, database: Database) -> None:
    alpha, _ = await two_devices(world, database)
    target = Target(Scope.DEVICE, (alpha,), ("Alpha",))
    await pause(database, ME, EVERYTHING, None)
    await pause(database, ME, target, None)
    done = await resume(database, ME, target, None)
    assert done.refused == ("Alpha by operator (all hold)",)
    assert done.sends_from is None


async def test_an_expired_hold_is_gone(world: World, database: Database) -> None:
    alpha, _ = await two_devices(world, database)
    target = Target(Scope.DEVICE, (alpha,), ("Alpha",))
    await pause(database, ME, target, None)
    await resume(database, ME, target, None)
    world.advance(seconds=11)
    assert (await resume(database, ME, target, None)).summary == "device Alpha: not paused"
    assert (await pause(database, ME, target, None)).n == 1
    assert str((await take(database))[0].device_id) != alpha


async def test_a_countdown_can_be_paused_again_and_ended_at_once(
    world: World, database: Database
) -> None:
    alpha, _ = await two_devices(world, database)
    target = Target(Scope.DEVICE, (alpha,), ("Alpha",))
    await pause(database, ME, target, None)
    await resume(database, ME, target, None)
    assert (await resume(database, ME, target, None)).n == 0
    assert (await pause(database, ME, target, None)).n == 1
    assert holds(world)[0]["until"] == datetime.max.replace(tzinfo=world.now().tzinfo)
    await resume(database, ME, target, None)
    assert (await resume(database, ME, target, None, now=True)).n == 1
    assert holds(world) == []


async def test_a_contacts_pause_parks_its_rows_and_its_resume_counts_down(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    device = world.device()
    world.contact(world.sequence(), PHONE, device, due=now)
    world.message(world.device("two"), PHONE)
    await prepare(database)
    target = await find(database, Scope.CONTACT, ["+60 12-345 6789"])
    await pause(database, ME, target, None)
    parked = world.run("SELECT gate, at = 'infinity' AS parked FROM seqconsole.progress")
    assert parked == [{"gate": "hold", "parked": True}] * 2
    done = await resume(database, ME, target, None)
    assert done.summary.startswith("resumed contact +60***789, sending from")
    world.advance(seconds=9)
    assert await take(database) == []
    await undo(database, ME, None)
    world.advance(hours=1)
    assert await take(database) == []
    await resume(database, ME, target, None)
    world.advance(seconds=11)
    assert len(await take(database)) == 2
