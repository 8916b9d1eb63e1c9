"""The plain-SQL way keeps the rows that the console keeps, in the same state, on random data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from engine.adoption import migrate
from engine.operations.resolve import preview_resolve, resolve
from engine.store import Access, Database
from engine.store.sqlfiles import text
from tests.audit.psql import psql
from tests.audit.wild import Wild

pytestmark = pytest.mark.anyio

STATES = ("completed", "active", "failed", "skipped", "pending", "paused", None)
MESSAGES = ("pending", "sent", "failed", "processing", "skipped", "unknown", "success")
START = datetime(2026, 11, 1, tzinfo=UTC)


def dirty(world: Wild, random: Random, groups: int) -> None:
    """Groups of 1 to 4 rows in every mixture of states, spellings, times, claims and messages."""
    device = world.device()

    def new_id() -> UUID:
        return UUID(int=random.getrandbits(128), version=4)

    sequences = [world.sequence(f"S{n}", delays=(0, 24)) for n in range(2)]

    def moment() -> datetime | None:
        return random.choice((None, *(START + timedelta(hours=n) for n in range(3))))

    for n in range(groups):
        sequence, day = random.choice(sequences), random.choice((1, 2))
        phone = f"6012345{n:04}"
        for _ in range(random.randint(1, 4)):
            claimed = random.random() < 0.1
            world.row(
                sequence, day, id=new_id(), status=random.choice(STATES), completed_at=moment(),
                contact_phone=random.choice(("{}", "+{}", "00{}", " {}")).format(phone),
                next_trigger_time=moment(), retry_count=random.choice((None, 0, 1, 2)),
                processing_device_id=device if claimed else None, assigned_device_id=device,
                processing_started_at=world.now() - timedelta(minutes=random.choice((5, 50))) if claimed else None,
            )  # fmt: skip
        for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
            status = random.choice(MESSAGES)
            at = START + timedelta(hours=random.randint(0, 9))
            world.sent(
                sequence, day, id=new_id(), status=status, recipient_phone=phone, device_id=device, scheduled_at=at,
                updated_at=at, sent_at=at if status in ("sent", "success") else None,
            )  # fmt: skip


def outcome(world: Wild) -> dict[str, dict[UUID, Any]]:
    """What is left: the contact rows' state, completion and retries, and the messages' state."""
    rows = world.run("SELECT id, status, completed_at, retry_count FROM sequence_contacts")
    messages = world.run("SELECT id, status FROM broadcast_messages")
    return {
        "rows": {r["id"]: (r["status"], r["completed_at"], r["retry_count"]) for r in rows},
        "messages": {m["id"]: m["status"] for m in messages},
    }


async def both_ways(new_database: Callable[..., str], seed: int, groups: int) -> None:
    by_hand, by_console = new_database("template0"), new_database("template0")
    tables = (
        "user_devices",
        "sequences",
        "sequence_steps",
        "sequence_contacts",
        "broadcast_messages",
    )
    one, other = Wild.at(by_hand), Wild.at(by_console)
    try:
        for world in (one, other):
            world.connection.execute(text("operator_tables").encode())
        dirty(one, Random(seed), groups)
        for table in tables:
            rows = one.run(f"SELECT row_to_json(t)::text AS row FROM {table} t")
            other.run(f"INSERT INTO {table} SELECT (json_populate_record(null::{table}, r::json)).* "
                      "FROM unnest(%s::text[]) r", [r["row"] for r in rows])  # fmt: skip
        answer = psql(
            by_hand,
            "fix_sequence_duplicates",
            country="60",
            zone="UTC",
            stuck_minutes=10_000_000,
            build_key=0,
        )
        assert answer.code == 0, answer.err
        access = Access(by_console)
        await migrate(access, country="60", zone="UTC")
        before = {r["id"] for r in other.run("SELECT id FROM sequence_contacts")}
        async with Database.open(access) as database:
            preview = await preview_resolve(database, None)
            assert preview.groups
            assert not preview.refused
            await resolve(database, "ana@desk", None, pinned=preview.pinned, now=True)
        found, expected = outcome(one), outcome(other)
        groups_ids = {row.id for g in preview.groups for row in g.rows}
        kept = {g.survivor for g in preview.groups}
        assert set(found["rows"]) == set(expected["rows"]), seed
        assert set(found["rows"]) & groups_ids == kept
        assert {i: found["rows"][i] for i in kept} == {i: expected["rows"][i] for i in kept}, seed
        assert len(before) > len(expected["rows"])
        assert found["messages"] == expected["messages"], seed
        again = psql(
            by_hand,
            "fix_sequence_duplicates",
            country="60",
            zone="UTC",
            stuck_minutes=10_000_000,
            build_key=0,
        )
        assert again.after("this run")[0][1:] == ["0", "0", "0"]
        assert outcome(one) == found
    finally:
        one.close()
        other.close()


async def test_both_keep_the_same_rows(new_database: Callable[..., str]) -> None:
    await both_ways(new_database, 11, 60)


@pytest.mark.large
@pytest.mark.parametrize("seed", range(20))
async def test_both_keep_the_same_rows_whatever_the_data(
    new_database: Callable[..., str], seed: int
) -> None:
    await both_ways(new_database, seed, 200)
