"""What adoption derived, without what depends on when it ran: to compare two adoptions of the same rows."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.world import World

TABLES = (
    "user_devices",
    "sequences",
    "sequence_steps",
    "sequence_contacts",
    "broadcast_messages",
    "leads",
)

DERIVED = {
    "deliveries": (
        "SELECT phone_key, step_id, run, message_id, outcome::text, evidence::text FROM seqconsole.deliveries"
    ),
    "progress": (
        "SELECT phone_key, track, run, sequence_id, step_id, contact_id, message_id, device_id, state::text, gate "
        "FROM seqconsole.progress"
    ),
    "findings": (
        "SELECT detail ->> 'phone_key' AS phone_key, kind, key, subject, ids, detail FROM seqconsole.findings "
        "WHERE kind IN ('duplicate', 'unsendable message')"
    ),
    "counters": "SELECT NULL AS phone_key, scope, key, step_id, state, n FROM seqconsole.counters WHERE n <> 0",
    "devices": "SELECT NULL AS phone_key, device_id, send_limit FROM seqconsole.devices",
}


def derived(world: World, but: frozenset[str] = frozenset()) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that adoption derives, but of the people `but`."""
    found = {}
    for name, query in DERIVED.items():
        rows = [
            tuple(str(v) for v in r.values()) for r in world.run(query) if r["phone_key"] not in but
        ]
        found[name] = sorted(rows)
    return found


def copy_rows(source: str, target: str) -> None:
    """The operator's rows as they are, into the same tables of another database."""
    with psycopg.connect(source) as reading, psycopg.connect(target) as writing:
        for table in TABLES:
            with (
                reading.cursor().copy(f"COPY {table} TO STDOUT".encode()) as out,
                writing.cursor().copy(f"COPY {table} FROM STDIN".encode()) as into,
            ):
                for data in out:
                    into.write(data)
