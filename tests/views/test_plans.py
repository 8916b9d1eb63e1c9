"""No view reads a large table from end to end: each plan is held to its indexes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from engine.reader import NIL
from engine.store.sqlfiles import query
from tests.postgres import TestServer
from tests.world import World

LARGE = {"sequence_contacts", "broadcast_messages", "progress", "deliveries", "findings"}

# Without triggers: only the plans matter here.
FILL = """
    SET session_replication_role = replica;
    INSERT INTO user_devices (device_name) SELECT 'd' || i FROM generate_series(1, 200) i;
    INSERT INTO sequences (name) SELECT 's' || i FROM generate_series(1, 10) i;
    INSERT INTO sequence_steps (sequence_id, day_number) SELECT id, d FROM sequences, generate_series(1, 3) d;
    CREATE TEMP TABLE bulk AS
        SELECT gen_random_uuid() AS message, gen_random_uuid() AS contact, d.id AS device,
               q.id AS sequence, s.id AS step, '6012' || (1000000 + i) AS phone, i
        FROM generate_series(1, 20000) i
        JOIN (SELECT id, row_number() OVER () n FROM user_devices) d ON d.n = 1 + i % 200
        JOIN (SELECT id, row_number() OVER () n FROM sequences) q ON q.n = 1 + i % 10
        JOIN sequence_steps s ON s.sequence_id = q.id AND s.day_number = 1;
    INSERT INTO broadcast_messages (id, device_id, sequence_id, sequence_stepid, recipient_phone, status, scheduled_at)
        SELECT message, device, sequence, step, phone, CASE WHEN i % 9 = 0 THEN 'sent' ELSE 'pending' END,
               now() - i * interval '1 s' FROM bulk;
    INSERT INTO sequence_contacts (id, sequence_id, contact_phone, sequence_stepid, status)
        SELECT contact, sequence, phone, step, 'active' FROM bulk;
    INSERT INTO seqconsole.progress (track, phone_key, sequence_id, step_id, contact_id, message_id, device_id, state, at)
        SELECT sequence, phone, sequence, step, contact, message, device, 'r', now() - i * interval '1 s' FROM bulk;
    INSERT INTO seqconsole.deliveries (phone_key, step_id, message_id, contact_id)
        SELECT phone, step, message, contact FROM bulk;
    INSERT INTO seqconsole.devices (device_id, slot_at) SELECT id, now() FROM user_devices;
    INSERT INTO seqconsole.counters (scope, key, state, n, version)
        SELECT 'device', device, 'pending', count(*), 1 FROM bulk GROUP BY device;
    INSERT INTO seqconsole.findings (kind, key, ids, detail, since, version)
        SELECT 'duplicate', sequence || '|' || phone || '|' || step, ARRAY[contact, message],
               jsonb_build_object('sequence_id', sequence, 'phone_key', phone, 'step_id', step, 'states', '["active"]'::jsonb),
               now(), 1 FROM bulk;
    VACUUM ANALYZE;
"""


@pytest.fixture(scope="module")
def filled(server: TestServer, template_database: str) -> Iterator[World]:
    name = server.create(template_database)
    world = World.at(server.dsn(name))
    for statement in FILL.split(";\n"):
        if statement.strip():
            world.connection.execute(statement.encode())
    yield world
    world.close()
    server.drop(name)


def plan(world: World, name: str, **params: Any) -> list[dict[str, Any]]:
    """Every node of the plan of a view, as it was executed."""
    params.setdefault("now", world.now())
    with psycopg.connect(world.connection.info.dsn, cursor_factory=psycopg.ClientCursor) as conn:
        conn.execute("SET jit = off")
        cursor = conn.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query(name), params)
        [(document,)] = cursor.fetchall()
    found: list[dict[str, Any]] = []
    rest = [(json.loads(document) if isinstance(document, str) else document)[0]["Plan"]]
    while rest:
        node = rest.pop()
        found.append(node)
        rest += node.get("Plans", [])
    return found


def contacts(world: World) -> dict[str, Any]:
    return {
        "sequence_id": _any(world, "SELECT id FROM sequences"),
        "step_id": None,
        "unlinked": False,
        "state": None,
        "after_phone": "60121005000",
        "after_none": False,
        "after_id": NIL,
        "limit": 50,
    }


def explained(thing: str, sql: str) -> Callable[[World], dict[str, Any]]:
    def params(world: World) -> dict[str, Any]:
        nothing = dict.fromkeys(("contact", "message", "device", "sequence"))
        return {**nothing, thing: _any(world, sql)}

    return params


def _any(world: World, sql: str) -> UUID:
    found: UUID = world.value(f"{sql} LIMIT 1")
    return found


VIEWS: list[tuple[str, Callable[[World], dict[str, Any]], set[str]]] = [
    (
        "devices",
        lambda _: {"due_limit": 1000, "fleet": None, "marks": b""},
        {"progress_claim", "progress_recover"},
    ),
    ("overview", lambda _: {}, {"progress_gate"}),
    ("steps", lambda _: {"sequence_id": None}, set()),
    ("contacts", contacts, {"seqconsole_contact_person", "deliveries_pkey"}),
    ("contact_story", lambda _: {"phone_key": "60121000007"}, {"seqconsole_contact_person"}),
    (
        "messages",
        lambda _: {"state": None, "device_id": None, "limit": 500},
        {"seqconsole_message_device"},
    ),
    ("messages", lambda _: {"state": "sent", "device_id": None, "limit": 50}, set()),
    (
        "messages_of_person",
        lambda _: {"phone_key": "60121000007", "state": None, "device_id": None, "limit": 50},
        {"seqconsole_message_person"},
    ),
    (
        "device_detail",
        lambda world: {"device": _any(world, "SELECT id FROM user_devices")},
        {"seqconsole_message_device"},
    ),
    ("duplicates", lambda _: {"after": None, "limit": 100}, {"findings_pkey"}),
    ("explain", explained("contact", "SELECT id FROM sequence_contacts"), {"findings_pkey"}),
    ("explain", explained("message", "SELECT id FROM broadcast_messages"), {"findings_pkey"}),
    ("explain", explained("device", "SELECT id FROM user_devices"), {"progress_claim"}),
    ("explain", explained("sequence", "SELECT id FROM sequences"), {"findings_pkey"}),
]


@pytest.mark.parametrize(
    ("view", "params", "indexes"), VIEWS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_view_uses_its_indexes(
    filled: World, view: str, params: Callable[[World], dict[str, Any]], indexes: set[str]
) -> None:
    nodes = plan(filled, f"views/{view}", **params(filled))
    whole = {
        node["Relation Name"]
        for node in nodes
        if node["Node Type"] == "Seq Scan" and node["Actual Loops"]
    }
    assert not whole & (LARGE - ({"findings"} if view == "overview" else set()))
    assert indexes <= {node.get("Index Name") for node in nodes}


def test_a_page_reads_no_more_than_a_page(filled: World) -> None:
    """Keyset paging: the rows that the index gives are about the page's, wherever it begins."""
    nodes = plan(filled, "views/contacts", **contacts(filled))
    read = max(
        node["Actual Rows"]
        for node in nodes
        if node.get("Index Name") == "seqconsole_contact_person"
    )
    assert 50 <= read <= 60


def test_due_rows_are_counted_up_to_the_limit(filled: World) -> None:
    nodes = plan(filled, "views/devices", due_limit=7, fleet=None, marks=b"")
    claims = [node for node in nodes if node.get("Index Name") == "progress_claim"]
    assert claims
    assert max(node["Actual Rows"] for node in claims) == 7
