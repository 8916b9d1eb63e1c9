"""Each checker of DESIGN 10 is quiet on a database that the engine worked, and fires on a planted violation."""

from __future__ import annotations

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.invariants import violations
from engine.recovery import recover
from engine.rollup import roll_up_all
from engine.store import Database
from engine.store.sqlfiles import names_in, text
from tests.engine.steps import end, prepare, send_all, take
from tests.world import World

pytestmark = pytest.mark.anyio


async def worked(world: World, database: Database) -> None:
    """Contacts in every state: sent, failed, in doubt, in flight, waiting."""
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0, 24))
    devices = [world.device(f"d{n}", limit=8) for n in range(3)]
    for n in range(12):
        world.contact(
            sequence, f"6012345670{n:02}", devices[n % 3], statuses=("pending",) * 3, due=now
        )
    world.message(devices[0], "60198765432")
    for _ in range(5):
        await send_all(database)
        world.advance(seconds=1)
    await prepare(database)
    await end(database, await take(database, 1), Answer(Verdict.FAIL, "INVALID_JID"))
    world.advance(seconds=1)
    await prepare(database)
    await take(database, 1)
    world.advance(seconds=200)
    await recover(database)
    await prepare(database)
    assert await take(database, 1)
    await roll_up_all(database)


PLANTED: dict[str, str] = {
    "1_one_send": "INSERT INTO seqconsole.attempts SELECT (jsonb_populate_record(a, jsonb_build_object("
    "'id', gen_random_uuid()))).* FROM seqconsole.attempts a WHERE outcome = 'sent' LIMIT 1",
    "1_one_delivery": "INSERT INTO seqconsole.attempts SELECT (jsonb_populate_record(a, jsonb_build_object("
    "'id', gen_random_uuid(), 'message_id', gen_random_uuid(), 'outcome', null))).* "
    "FROM seqconsole.attempts a WHERE outcome = 'failed' LIMIT 1",
    "2_order": "UPDATE seqconsole.attempts SET claimed_at = claimed_at - interval '1 hour' "
    "WHERE step_id = (SELECT id FROM sequence_steps WHERE day_number = 2)",
    "3_window": "UPDATE seqconsole.devices SET send_limit = 1",
    "4_hold": "INSERT INTO seqconsole.holds (scope, key, holder, since) "
    "SELECT 'device', device_id::text, 'operator', seqconsole.now() - interval '1 day' FROM seqconsole.devices",
    "5_nothing_lost": "ALTER TABLE broadcast_messages DISABLE TRIGGER USER; "
    "DELETE FROM broadcast_messages WHERE status = 'sent'",
    "5_in_flight": "UPDATE seqconsole.progress SET state = 'r' WHERE state = 's'",
    "6_archive": "INSERT INTO seqconsole.operations (at, who, verb, n, summary) "
    "VALUES (seqconsole.now(), 'x', 'resolve', 1, 'x'); INSERT INTO seqconsole.operation_rows "
    "SELECT currval('seqconsole.operations_id_seq'), 'u', 'sequence_contacts', id::text, '{}', null "
    "FROM sequence_contacts LIMIT 1",
    "7_no_second_send": "INSERT INTO seqconsole.progress (track, phone_key, run, sequence_id, step_id, state, at) "
    "SELECT gen_random_uuid(), phone_key, run, step_id, step_id, 'r', seqconsole.now() "
    "FROM seqconsole.deliveries WHERE outcome = 's' LIMIT 1",
    "8_counters": "UPDATE seqconsole.counters SET n = n + 1 WHERE state = 'sent'",
    "8_duplicates": "INSERT INTO seqconsole.findings (kind, key, since, version) "
    "VALUES ('duplicate', 'a|b|c', now(), 1)",
}


def test_every_invariant_has_its_planted_violation() -> None:
    assert sorted(PLANTED) == [name.removeprefix("invariants/") for name in names_in("invariants")]


async def test_a_worked_database_has_no_violation(world: World, database: Database) -> None:
    await worked(world, database)
    statuses = world.statuses("broadcast_messages")
    assert set(statuses) == {"sent", "failed", "unknown", "sending", "pending"}
    assert await violations(database) == {}


async def test_each_checker_fires(world: World, database: Database) -> None:
    await worked(world, database)
    for name, damage in PLANTED.items():
        with world.connection.transaction(force_rollback=True):
            for statement in damage.split("; "):
                world.run(statement)
            fired = {n for n in PLANTED if world.run(_text(n))}
        assert name in fired, f"{name} is blind to its own violation"


def _text(name: str) -> str:
    return text(f"invariants/{name}").replace("%", "%%")
