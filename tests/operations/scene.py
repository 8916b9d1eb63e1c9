"""What the tests of the verbs share: duplicate groups of every kind, and the whole of the operator's tables."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine.adoption import fill, recount
from engine.invariants import violations
from engine.operations.model import Done
from engine.operations.resolve import preview_resolve, resolve
from engine.rollup import roll_up_all
from engine.store import Database
from tests.world import World

OPERATOR_TABLES = (
    "user_devices",
    "sequences",
    "sequence_steps",
    "sequence_contacts",
    "broadcast_messages",
    "leads",
)
ME = "ana@desk"
PHONE = "60123456789"


def fingerprint(world: World) -> dict[str, str]:
    """md5 of every row of each operator's table, in the order of their ids."""
    found = {}
    for table in OPERATOR_TABLES:
        rows = world.run(f"SELECT row_to_json(t)::text AS row FROM {table} t ORDER BY id")
        found[table] = hashlib.md5("\n".join(r["row"] for r in rows).encode()).hexdigest()
    return found


def ledger(world: World) -> list[str]:
    """The rows of the ledger, as text."""
    rows = world.run("SELECT d::text AS row FROM seqconsole.deliveries d ORDER BY 1")
    return [r["row"] for r in rows]


@dataclass
class Copy:
    """One row of a duplicate group to be."""

    status: str = "pending"
    phone: str = PHONE
    completed_at: datetime | None = None
    next_trigger_time: datetime | None = None
    retry_count: int = 0
    claimed_at: datetime | None = None


@dataclass
class Group:
    """A group in the database."""

    sequence: Sequence[UUID]
    step: UUID
    rows: list[UUID]
    phone: str = PHONE

    @property
    def key(self) -> str:
        return f"{self.sequence[0]}|{self.phone}|{self.step}"


def duplicates(
    world: World,
    *copies: Copy,
    sequence: Sequence[UUID] | None = None,
    device: UUID | None = None,
    day: int = 1,
) -> Group:
    """Rows of one person and step, as another application would write them."""
    made = sequence or world.sequence(delays=(0, 0))
    device = device or world.device(f"of {len(copies)}")
    rows = [
        world.value(
            "INSERT INTO sequence_contacts (sequence_id, contact_phone, contact_name, current_step, sequence_stepid, "
            "status, completed_at, next_trigger_time, retry_count, assigned_device_id, processing_device_id, "
            "processing_started_at) VALUES (%s, %s, 'Aqil', %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            made[0],
            c.phone,
            day,
            made[day],
            c.status,
            c.completed_at,
            c.next_trigger_time,
            c.retry_count,
            device,
            device if c.claimed_at else None,
            c.claimed_at,
        )
        for c in copies
    ]
    digits = "".join(ch for ch in copies[0].phone if ch.isdigit())
    return Group(made, made[day], rows, "60" + digits[1:] if digits.startswith("0") else digits)


def queued(world: World, group: Group, device: UUID, status: str = "pending", **at: Any) -> UUID:
    """A message of the group's person and step in the queue."""
    found: UUID = world.value(
        "INSERT INTO broadcast_messages (device_id, sequence_id, sequence_stepid, recipient_phone, content, status, "
        "scheduled_at, sent_at) VALUES (%s, %s, %s, %s, 'hello', %s, seqconsole.now(), %s) RETURNING id",
        device,
        group.sequence[0],
        group.step,
        group.phone,
        status,
        at.get("sent_at"),
    )
    return found


async def adopt(database: Database, world: World) -> None:
    """Adopt what is there now, as the first `migrate` does."""
    world.run("DELETE FROM seqconsole.settings WHERE name = 'adopted_at'")
    world.run(
        "TRUNCATE seqconsole.changes, seqconsole.counters, seqconsole.progress, seqconsole.deliveries"
    )
    await fill(database, lambda _: None)


async def settle_feed(database: Database) -> None:
    """Read what other writers did, as the roll-up does each second."""
    await roll_up_all(database)


async def resolve_all(
    database: Database, keys: Sequence[str] | None = None, **options: Any
) -> Done:
    """Preview, then apply exactly that."""
    preview = await preview_resolve(database, keys, keep=options.get("keep"))
    return await resolve(database, ME, keys, pinned=preview.pinned, **options)


async def wrong_counters(database: Database) -> int:
    """How many counters a recount corrects, once the feed is read."""
    await roll_up_all(database)
    return await recount(database)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


async def sound(world: World, database: Database) -> None:
    """Every invariant holds, and the counters equal a recount."""
    await settle_feed(database)
    assert await violations(database) == {}
    assert await wrong_counters(database) == 0


async def blocked(world: World) -> None:
    """Until somebody in this database waits for a lock."""
    deadline = asyncio.get_running_loop().time() + 10
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while not world.value(query):
        assert asyncio.get_running_loop().time() < deadline
        world.run("SELECT pg_stat_clear_snapshot()")
        await asyncio.sleep(0.01)
