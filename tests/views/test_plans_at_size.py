"""At 5 million queued messages no statement of the engine or of a screen reads a large table from end to end."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Json

from engine.store.sqlfiles import query
from tests.bench.fill import Filler, Fleet
from tests.postgres import TestServer
from tests.views.test_plans import LARGE, contacts, explained
from tests.world import World

pytestmark = pytest.mark.large

ROWS = int(os.environ.get("SEQCONSOLE_LARGE_ROWS", "5000000"))
DEVICES = 3000
CLAIMED = 30


@pytest.fixture(scope="module")
def filled(server: TestServer, template_database: str) -> Iterator[World]:
    name = server.create(template_database)
    filler = Filler(server.dsn(name), Fleet(DEVICES))
    filler.queue(ROWS)
    filler.wait(20_000)
    filler.run("VACUUM (ANALYZE)")
    filler.close()
    world = World.at(server.dsn(name))
    yield world
    world.close()
    server.drop(name)


def nodes(world: World, name: str, **params: Any) -> list[dict[str, Any]]:
    """Every node of the plan as it was executed; what it changed is taken back."""
    params.setdefault("now", world.now())
    with psycopg.connect(world.connection.info.dsn, cursor_factory=psycopg.ClientCursor) as conn:
        conn.execute(
            "SELECT set_config('jit', 'off', true), set_config('seqconsole.writer', 'engine', true)"
        )
        [(document,)] = conn.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON) " + query(name), params
        ).fetchall()
        conn.rollback()
    found: list[dict[str, Any]] = []
    rest = [(json.loads(document) if isinstance(document, str) else document)[0]["Plan"]]
    while rest:
        node = rest.pop()
        found.append(node)
        rest += node.get("Plans", [])
    return found


def one_track(world: World) -> dict[str, Any]:
    [row] = world.run("SELECT track, phone_key FROM seqconsole.progress OFFSET 1000 LIMIT 1")
    return {"tracks": [row["track"]], "phones": [row["phone_key"]]}


ENGINE: list[tuple[str, Callable[[World], dict[str, Any]]]] = [
    ("claim", lambda _: {"limit": CLAIMED, "lease": timedelta(seconds=150), "worker": uuid4()}),
    ("schedule", lambda _: {"limit": 1000, "fair": True}),
    ("next_due", lambda _: {}),
    ("expired_leases", lambda _: {"limit": 500}),
    ("expire", lambda _: {"limit": 500, "passed_over": 0}),
    ("park_slots", lambda _: {"limit": 500}),
    ("find_unclaimable", lambda _: {}),
    ("lock_tracks", one_track),
    ("reconcile_contacts", one_track),
    ("project_tracks", lambda w: {**one_track(w), "not_before": None}),
    ("refresh_duplicates", one_track),
]
SCREENS: list[tuple[str, Callable[[World], dict[str, Any]]]] = [
    ("devices", lambda _: {"due_limit": 1000, "fleet": None, "marks": b""}),
    ("overview", lambda _: {}),
    ("sequences", lambda _: {}),
    ("steps", lambda _: {"sequence_id": None}),
    ("contacts", contacts),
    ("contact_story", lambda _: {"phone_key": "60120000007"}),
    ("messages", lambda _: {"state": None, "device_id": None, "limit": 500}),
    ("duplicates", lambda _: {"after": None, "limit": 100}),
    ("explain", explained("contact", "SELECT id FROM sequence_contacts")),
    ("explain", explained("message", "SELECT id FROM broadcast_messages")),
    ("explain", explained("device", "SELECT id FROM user_devices")),
    ("explain", explained("sequence", "SELECT id FROM sequences")),
]
ALL = [(f"engine/{n}", p) for n, p in ENGINE] + [(f"views/{n}", p) for n, p in SCREENS]
READ_AT_MOST = {"views/devices": 1000 * DEVICES * 2}
"""Rows that a node gives in all. The devices count their due messages, each up to a thousand."""


@pytest.mark.parametrize(("name", "params"), ALL, ids=[name for name, _ in ALL])
def test_a_statement_reads_what_it_needs(
    filled: World, name: str, params: Callable[[World], dict[str, Any]]
) -> None:
    found = nodes(filled, name, **params(filled))
    whole = {
        node["Relation Name"]
        for node in found
        if node["Node Type"].endswith("Seq Scan") and node["Actual Loops"]
    }
    assert not whole & (LARGE - {"findings"})
    read = max(node["Actual Rows"] * node["Actual Loops"] for node in found)
    assert read <= READ_AT_MOST.get(name, 20 * DEVICES), Json(found)
