"""The throttle beyond the window: daily cap, quiet hours, warm-up; fairness: weight, validity, one person's cap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.recovery import expire, plan_ahead
from engine.store import Database
from tests.engine.steps import end, prepare, take
from tests.world import World

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)  # 12:00 in Kuala Lumpur


@pytest.fixture(autouse=True)
def engine_on(world: World) -> None:
    world.engine()


async def sync(database: Database) -> None:
    """What an operation on limits does last."""
    async with database.transaction() as tx:
        await tx.run("engine/sync_devices", ids=None, now=await tx.now())


async def sends_until_closed(database: Database, world: World, most: int = 50) -> int:
    """Send as fast as the gates allow, a second apart; how many went before nothing was claimable."""
    for sent in range(most):
        claims = await take(database)
        if not claims:
            return sent
        await end(database, claims)
        world.advance(seconds=1)
    return most


def slot(world: World, device: UUID) -> datetime:
    moment: datetime = world.value(
        "SELECT slot_at FROM seqconsole.devices WHERE device_id = %s", device
    )
    return moment


async def test_a_daily_cap_ends_at_local_midnight(database: Database, world: World) -> None:
    world.freeze(NOON)
    world.setting("daily_cap", 3, "default")
    world.setting("timezone", "Asia/Kuala_Lumpur", "default")
    device = world.device()
    for n in range(5):
        world.message(device, f"6012345678{n}")
    await prepare(database)

    assert await sends_until_closed(database, world) == 3
    midnight = datetime(2026, 11, 24, 16, tzinfo=UTC)
    assert slot(world, device) == midnight
    world.freeze(midnight - timedelta(seconds=1))
    assert await take(database) == []
    world.advance(seconds=1)
    assert await sends_until_closed(database, world) == 2


async def test_a_send_that_was_never_made_gives_the_days_place_back(
    database: Database, world: World
) -> None:
    world.freeze(NOON)
    world.setting("daily_cap", 1, "default")
    device = world.device()
    world.message(device, "60123456780")
    world.message(device, "60123456781")
    await prepare(database)

    await end(
        database, await take(database), Answer(Verdict.RETRY, "connect_failed", written=False)
    )
    assert world.value("SELECT day_sent FROM seqconsole.devices WHERE device_id = %s", device) == 0
    assert await sends_until_closed(database, world) == 1


async def test_an_attempt_over_midnight_counts_on_both_days(
    database: Database, world: World
) -> None:
    world.freeze(datetime(2026, 11, 24, 23, 59, 50, tzinfo=UTC))
    world.setting("daily_cap", 2, "default")
    device = world.device()
    for n in range(5):
        world.message(device, f"6012345678{n}")
    await prepare(database)

    claims = await take(database)
    world.advance(seconds=20)  # past midnight: it may have gone out before or after it
    await end(database, claims)
    assert await sends_until_closed(database, world) == 1


async def test_quiet_hours_stop_and_open_by_the_devices_own_clock(
    database: Database, world: World
) -> None:
    world.setting("quiet_hours", "22:00-08:00", "default")
    world.freeze(datetime(2026, 11, 24, 13, 59, 59, tzinfo=UTC))  # 21:59:59 in Kuala Lumpur
    malay, paris = world.device("kl"), world.device("paris")
    world.setting("timezone", "Asia/Kuala_Lumpur", "device", str(malay))
    world.setting("timezone", "Europe/Paris", "device", str(paris))
    for n in range(3):
        world.message(malay, f"6012345678{n}")
        world.message(paris, f"6013345678{n}")
    await prepare(database)
    await sync(database)

    assert {c.device_id for c in await take(database)} == {malay, paris}
    world.run("UPDATE seqconsole.devices SET slot_at = seqconsole.now(), ring = '{}'")
    world.advance(seconds=1)
    assert {c.device_id for c in await take(database)} == {paris}
    await plan_ahead(database)
    assert slot(world, malay) == datetime(2026, 11, 25, 0, tzinfo=UTC)


def test_quiet_hours_over_a_change_of_the_clock_are_one_span(world: World) -> None:
    """Fault 27: a local time that does not exist, and one that exists twice, is one instant."""
    ends = "SELECT seqconsole.quiet_until(%s::timestamptz, 'Europe/Paris', %s::time, %s::time)"
    # 29 March 2026: 02:00 becomes 03:00; 02:30 does not exist.
    assert world.value(ends, "2026-03-29 00:59:59+00", "22:00", "02:30") == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )
    assert world.value(ends, "2026-03-29 01:30:00+00", "22:00", "02:30") is None
    # 25 October 2026: 02:30 exists twice; the span ends once and does not begin again.
    end_ = world.value(ends, "2026-10-24 23:00:00+00", "22:00", "02:30")
    assert world.value(ends, end_.isoformat(), "22:00", "02:30") is None
    assert world.value(ends, (end_ + timedelta(minutes=59)).isoformat(), "22:00", "02:30") is None
    # Lord Howe moves by half an hour; the span of a whole day is never closed for ever.
    assert world.value(
        "SELECT bool_and(seqconsole.quiet_until(at, 'Australia/Lord_Howe', '22:00', '08:00') > at) "
        "FROM generate_series('2026-01-01'::timestamptz, '2027-01-01', '17 min') AS at "
        "WHERE seqconsole.quiet_until(at, 'Australia/Lord_Howe', '22:00', '08:00') IS NOT NULL"
    )


async def test_a_device_that_warms_up_sends_less(database: Database, world: World) -> None:
    world.freeze(NOON)
    world.setting("warm_up", "3:2,7:4", "default")
    device = world.device(limit=6)
    world.setting("warm_from", NOON.isoformat(), "device", str(device))
    for n in range(30):
        world.message(device, f"601234567{n:02}")
    await prepare(database)
    await sync(database)

    assert await sends_until_closed(database, world) == 2
    world.advance(days=3)
    assert await sends_until_closed(database, world) == 4
    world.advance(days=5)
    assert await sends_until_closed(database, world) == 6


async def test_a_changed_limit_counts_at_once(database: Database, world: World) -> None:
    world.freeze(NOON)
    device = world.device(limit=2)
    for n in range(9):
        world.message(device, f"6012345678{n}")
    await prepare(database)
    assert await sends_until_closed(database, world) == 2

    world.setting("send_limit", 5, "device", str(device))
    await sync(database)
    assert await sends_until_closed(database, world) == 3
    world.setting("send_limit", 1, "device", str(device))
    await sync(database)
    assert await take(database) == []


async def test_lanes_share_a_device_by_weight(database: Database, world: World) -> None:
    world.freeze(NOON)
    device = world.device()
    light, heavy = world.sequence("promotion", [0]), world.sequence("follow-up", [0])
    world.setting("weight", 3, "sequence", str(heavy[0]))
    for n in range(40):
        world.contact(light, f"601234567{n:02}", device)
        world.contact(heavy, f"601334567{n:02}", device)
    await prepare(database)

    lanes = []
    for _ in range(20):
        claims = await take(database)
        lanes.append(claims[0].step_id)
        await end(database, claims)
    assert lanes.count(heavy[1]) == 15


async def test_f59_campaigns_and_sequences_take_turns(database: Database, world: World) -> None:
    """A campaign of thousands, queued first, leaves a sequence its turn, and the other way round."""
    world.freeze(NOON)
    device, sequence = world.device(), world.sequence("follow-up", [0])
    campaign = {world.message(device, f"601234567{n:02}") for n in range(20)}
    world.advance(hours=1)
    for n in range(5):
        world.contact(sequence, f"601334567{n:02}", device)
    await prepare(database)
    first = []
    for _ in range(10):
        claims = await take(database)
        first += [c.message_id in campaign for c in claims]
        await end(database, claims)
    assert (first.count(True), first.count(False)) == (5, 5)


async def test_a_step_past_its_validity_is_skipped_and_the_next_one_goes_on(
    database: Database, world: World
) -> None:
    now = world.freeze(NOON)
    device = world.device(limit=1)
    offer = world.sequence("offer", [0, 24])
    world.setting("valid_for", "1 hour", "step", str(offer[1]))
    for n in range(3):
        world.contact(offer, f"6012345678{n}", device, statuses=["pending", "pending"], due=now)
    await prepare(database)
    await end(database, await take(database))
    world.advance(minutes=60)

    assert await take(database) == []  # its window is open, its validity is over
    assert await expire(database) == 2
    assert world.statuses("broadcast_messages") == {"sent": 1, "skipped": 2}
    assert world.run(
        "SELECT DISTINCT c.status, c.last_error FROM sequence_contacts c "
        "WHERE sequence_stepid = %s AND status <> 'completed'",
        offer[1],
    ) == [{"status": "skipped", "last_error": "expired"}]
    assert world.value("SELECT count(*) FROM seqconsole.progress WHERE step_id = %s", offer[2]) == 3


async def test_a_person_gets_one_message_in_so_long_over_all_sequences(
    database: Database, world: World
) -> None:
    now = world.freeze(NOON)
    world.setting("person_gap", "24 hours", "default")
    one, two = world.device("one"), world.device("two")
    a, b = world.sequence("a", [0]), world.sequence("b", [0])
    world.contact(a, "60123456789", one, due=now)
    world.contact(b, "+60 12-345 6789", two, due=now)
    await prepare(database)

    claims = await take(database)  # both devices are free, both heads are this person's
    assert len(claims) == 1
    assert await take(database) == []  # the other one waits while this one is in flight
    await end(database, claims)
    world.advance(seconds=151)
    assert await take(database) == []
    assert world.run("SELECT at, gate FROM seqconsole.progress WHERE state = 'r'") == [
        {"at": now + timedelta(hours=24), "gate": "frequency"}
    ]
    world.freeze(now + timedelta(hours=24))
    assert len(await take(database)) == 1


async def test_a_hold_of_cold_contacts_lets_known_ones_go_on(
    database: Database, world: World
) -> None:
    world.freeze(NOON)
    device = world.device()
    known, cold = "60123456781", "60123456782"
    world.message(device, known)
    await prepare(database)
    await end(database, await take(database))
    for n in range(10):
        world.message(device, f"601234560{n:02}")
    world.message(device, cold)
    world.advance(seconds=1)
    last = world.message(device, known, "again")
    await prepare(database)
    timelock = Answer(
        Verdict.HOLD_DEVICE, "WA_REACHOUT_TIMELOCK", wait=timedelta(hours=2), cold_only=True
    )
    await end(database, await take(database), timelock)

    await plan_ahead(database)
    world.advance(minutes=5)
    assert [c.message_id for c in await take(database)] == [last]
    world.advance(hours=2)
    assert len(await take(database)) == 1


async def test_a_contact_without_a_device_gets_the_earliest_free_slot(
    database: Database, world: World
) -> None:
    now = world.freeze(NOON)
    slow, fast = world.device("slow", limit=10), world.device("fast", limit=80)
    for n in range(4):
        world.message(fast, f"6013345678{n}")
    sequence = world.sequence("homeless", [0])
    for n in range(20):
        world.contact(sequence, f"601234567{n:02}", None, due=now)
    await prepare(database)

    homes = world.run(
        "SELECT device_id, count(*) AS n FROM broadcast_messages WHERE sequence_id = %s GROUP BY 1",
        sequence[0],
    )
    # 4 + 17 at 45 s and 3 at 6 min are about even; round robin would give the slow one 10.
    assert {h["device_id"]: h["n"] for h in homes} == {slow: 3, fast: 17}


@pytest.mark.parametrize("limit", ["daily_cap", "warm_up"])
async def test_the_claim_itself_asks_again_where_the_slot_was_planned_wrongly(
    database: Database, world: World, limit: str
) -> None:
    """The slot is a plan; whoever moves it does not open the throttle."""
    world.freeze(NOON)
    world.setting(limit, {"daily_cap": 1, "warm_up": "3:1"}[limit], "default")
    device = world.device()
    world.setting("warm_from", NOON.isoformat(), "device", str(device))
    for n in range(3):
        world.message(device, f"6012345678{n}")
    await prepare(database)
    await sync(database)
    assert await sends_until_closed(database, world) == 1
    world.run("UPDATE seqconsole.devices SET slot_at = seqconsole.now()")
    assert await take(database) == []
