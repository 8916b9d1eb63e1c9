"""What only an adopted database can say: what the engine recorded, our triggers, the right to the phone key."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from engine.doctor import Finding, Report, examine
from engine.gateways.protocol import Answer, Verdict
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.engine.steps import SENT, end, prepare, send_all, take
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
def world(adopted: str) -> Iterator[World]:
    made = World.at(adopted)
    yield made
    made.close()


async def looked_at(dsn: str) -> Report:
    async with Database.open(Access(dsn)) as database:
        await roll_up_all(database)
        return await examine(database, examples=1000)


def only(report: Report) -> Finding:
    """The one finding there is."""
    assert len(report.findings) == 1, [f.check.name for f in report.findings]
    return report.findings[0]


def ids_of(found: Finding) -> set[str]:
    return {each for example in found.examples for each in example.ids}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("drift", "drift"),
        ("unreadable change", "unreadable-change"),
        ("another sender", "another-sender"),
        ("what nobody knows yet", "what-nobody-knows-yet"),
    ],
)
async def test_what_the_engine_recorded(adopted: str, world: World, kind: str, name: str) -> None:
    row = uuid4()
    world.run(
        "INSERT INTO seqconsole.findings (kind, key, ids, detail, since, version) "
        "VALUES (%s, 'k', %s, '{\"why\": \"so\"}', seqconsole.now(), nextval('seqconsole.version'))",
        kind,
        [row],
    )
    found = only(await looked_at(adopted))
    assert (found.check.name, found.n, ids_of(found)) == (name, 1, {str(row)})
    assert '"so"' in str(found.examples[0].detail)


async def test_f13_a_trigger_of_ours_that_was_lost_or_disabled(adopted: str, world: World) -> None:
    world.run("DROP TRIGGER seqconsole_guard ON broadcast_messages")
    world.run("ALTER TABLE sequence_contacts DISABLE TRIGGER seqconsole_feed_update")
    found = only(await looked_at(adopted))
    assert found.check.name == "our-triggers"
    assert ids_of(found) == {"seqconsole_guard", "seqconsole_feed_update"}
    [statement] = [e.statement for e in found.examples if e.statement]
    world.run(statement)
    assert only(await looked_at(adopted)).n == 1


async def test_the_phone_key_must_be_everybodys(adopted: str, world: World) -> None:
    world.run("REVOKE EXECUTE ON FUNCTION seqconsole.phone_key(text) FROM PUBLIC")
    found = only(await looked_at(adopted))
    assert (found.check.name, ids_of(found)) == (
        "phone-key-private",
        {"seqconsole.phone_key(text)"},
    )
    world.run(str(found.examples[0].statement))
    assert (await looked_at(adopted)).findings == ()


async def test_a_message_in_doubt(adopted: str, world: World) -> None:
    device, message = world.value("SELECT id FROM user_devices LIMIT 1"), uuid4()
    world.run(
        "INSERT INTO broadcast_messages (id, device_id, recipient_phone, status, scheduled_at) "
        "VALUES (%s, %s, '60123456789', 'unknown', now())",
        message,
        device,
    )
    found = only(await looked_at(adopted))
    assert (found.check.name, ids_of(found)) == ("in-doubt", {str(message)})


async def test_a_database_that_our_engine_works_is_sound(adopted: str, world: World) -> None:
    """Sends, failures, retries and what is in flight: none of it is a finding."""
    world.engine()
    world.freeze()
    device = world.device("Ours")
    steps = _sequence(world)
    for n in range(6):
        world.contact(
            steps, f"6019876{1000 + n}", device, statuses=("pending",) * 3, due=world.now()
        )
    async with Database.open(Access(adopted)) as database:
        await prepare(database)
        claims = await take(database)
        await end(database, claims[:1], SENT)
        await end(database, claims[1:2], Answer(Verdict.FAIL, "INVALID_JID"))
        await end(database, claims[2:3], Answer(Verdict.RETRY, "http_429"))
        await end(database, claims[3:], SENT)
        for _ in range(3):
            world.advance(hours=25)
            await send_all(database)
        await prepare(database)
        await take(database, 1)
        world.advance(hours=3)
    left = world.statuses("broadcast_messages")
    assert left["sending"] == 1
    assert min(left["pending"], left["failed"], left["sent"]) > 1
    assert (await looked_at(adopted)).findings == ()


def _sequence(world: World) -> list[UUID]:
    steps = world.sequence("Welcome")
    world.run("UPDATE sequences SET trigger = 'WELCOME' WHERE id = %s", steps[0])
    return steps
