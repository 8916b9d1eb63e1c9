"""Undo of resolve on databases that another application made: byte for byte, or said why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from engine.adoption import migrate, use_declared_zone
from engine.invariants import violations
from engine.operations.resolve import preview_resolve
from engine.operations.undo import preview_undo, undo
from engine.store import Access, Database
from tests.operations.scene import (
    ME,
    PHONE,
    Copy,
    adopt,
    duplicates,
    fingerprint,
    ledger,
    resolve_all,
    wrong_counters,
)
from tests.world import World

pytestmark = pytest.mark.anyio

FOREIGN = Path(__file__).with_name("foreign.sql").read_text("utf-8")


@pytest.mark.parametrize(
    ("stamp", "zone"),
    [
        ("timestamp", "Asia/Kuala_Lumpur"),
        ("timestamptz", ""),
        ("timestamp(3)", "America/Sao_Paulo"),
    ],
)
async def test_a_database_without_keys_comes_back_byte_for_byte(
    new_database: Callable[..., str], stamp: str, zone: str
) -> None:
    dsn = new_database(template="template0")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET search_path = public")
        connection.execute(FOREIGN.replace(":stamp", stamp))
    adopted = await migrate(Access(dsn), country="60", zone=zone)
    assert not adopted.unique_key
    world = World.at(dsn)
    world.run("SET search_path = public")
    try:
        async with Database.open(Access(dsn)) as database:
            await use_declared_zone(database)
            before, known = fingerprint(world), ledger(world)
            preview = await preview_resolve(database, None)
            assert len(preview.groups) == 64
            assert preview.refused == ()
            sent = {g.key for g in preview.groups if any(r.status == "completed" for r in g.rows)}
            done = await resolve_all(database)
            assert done.n == preview.n
            assert world.value("SELECT count(*) FROM sequence_contacts") == 64
            completed = world.run(
                "SELECT contact_phone FROM sequence_contacts WHERE status = 'completed'"
            )
            assert len(completed) >= len(sent) == 15
            assert (
                world.value("SELECT count(*) FROM seqconsole.findings WHERE kind = 'duplicate'")
                == 0
            )
            assert await violations(database) == {}
            assert (await preview_undo(database, ME, None)).n == 64
            back = await undo(database, ME, None)
            assert back.refused == ()
            assert fingerprint(world) == before
            assert ledger(world) == known
            assert (
                world.value("SELECT count(*) FROM seqconsole.findings WHERE kind = 'duplicate'")
                == 64
            )
            assert await violations(database) == {}
            assert await wrong_counters(database) == 0
    finally:
        world.close()


async def test_once_the_unique_key_stands_removed_rows_stay_in_the_archive(
    world: World, database: Database, dsn: str
) -> None:
    duplicates(world, Copy("pending"), Copy("active"))
    spelled = duplicates(world, Copy("pending", "0111-222 333"), Copy("active", "60111222333"))
    await adopt(database, world)
    await resolve_all(database)
    assert (await migrate(Access(dsn))).unique_key
    preview = await preview_undo(database, ME, None)
    assert preview.refused == (
        "+60***789: the unique key stands, so the removed rows stay in the archive",
    )
    back = await undo(database, ME, None)
    assert back.refused == preview.refused
    assert world.value("SELECT count(*) FROM sequence_contacts") == 3
    assert {
        r["id"]
        for r in world.run("SELECT id FROM sequence_contacts WHERE contact_phone <> %s", PHONE)
    } == set(spelled.rows)
    archived = (
        "SELECT count(*) FROM seqconsole.operation_rows WHERE operation_id = 1 AND after IS NULL"
    )
    assert world.value(archived) == 2


async def test_a_column_that_is_gone_is_said_not_lost(world: World, database: Database) -> None:
    world.run("ALTER TABLE sequence_contacts ADD extra text DEFAULT 'x'")
    duplicates(world, Copy("pending"), Copy("active"))
    await adopt(database, world)
    await resolve_all(database)
    world.run("ALTER TABLE sequence_contacts DROP extra")
    with pytest.raises(Exception, match="no longer has the column extra"):
        await undo(database, ME, None)
    assert world.value("SELECT count(*) FROM sequence_contacts") == 1
