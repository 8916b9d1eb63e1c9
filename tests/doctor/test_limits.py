"""What the doctor needs and what it leaves alone: rights, time, missing tables and columns."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from engine.doctor import examine
from engine.store import Access, Database, Refused
from tests.dirty import DATA, plant
from tests.doctor.conftest import WILD
from tests.operations.scene import fingerprint
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_a_role_that_may_only_select_sees_the_same(wild: str) -> None:
    plant(wild, DATA, WILD)
    with psycopg.connect(wild, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS doctor_reader")
        connection.execute("CREATE ROLE doctor_reader LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO doctor_reader")
        try:
            reader = psycopg.conninfo.make_conninfo(wild, user="doctor_reader")
            async with Database.open(Access(reader)) as database:
                theirs = await examine(database, country="60")
            async with Database.open(Access(wild, read_only=True)) as database:
                ours = await examine(database, country="60")
        finally:
            connection.execute("DROP OWNED BY doctor_reader")
            connection.execute("DROP ROLE doctor_reader")
    assert theirs.skipped == ()
    assert theirs.findings == ours.findings


async def test_it_changes_nothing(adopted: str) -> None:
    plant(adopted, DATA, WILD)
    world = World.at(adopted)
    before = fingerprint(world), world.run("SELECT * FROM seqconsole.changes")
    async with Database.open(Access(adopted)) as database:
        assert (await examine(database)).findings
    assert (fingerprint(world), world.run("SELECT * FROM seqconsole.changes")) == before
    world.close()


async def test_a_check_that_takes_too_long_says_so_and_the_others_go_on(wild: str) -> None:
    with psycopg.connect(wild) as other:
        other.execute("LOCK TABLE user_devices")
        async with Database.open(Access(wild)) as database:
            report = await examine(database, country="60", patience="200ms")
    late = {each.check.name for each in report.skipped if each.why == "not finished in 200ms"}
    assert late >= {"missing-device", "foreign-device", "duplicate-device-name"}
    assert "negative-delay" not in late


async def test_f88_a_missing_column_is_named_and_the_rest_is_looked_at(wild: str) -> None:
    world = World.at(wild)
    world.run("ALTER TABLE sequences DROP COLUMN trigger")
    world.run("ALTER TABLE sequence_contacts DROP COLUMN assigned_device_id")
    world.close()
    async with Database.open(Access(wild)) as database:
        report = await examine(database, country="60")
    assert [f.check.name for f in report.findings] == ["columns"]
    assert report.findings[0].examples[0].ids == ("sequence_contacts.assigned_device_id",)
    skipped = {each.check.name: each.why for each in report.skipped}
    assert {"no-trigger", "shared-trigger", "no-device", "missing-device"} <= skipped.keys()
    assert "assigned_device_id" in skipped["no-device"]
    assert "null-step" not in skipped


async def test_a_database_without_the_tables_is_refused(new_database: Callable[..., str]) -> None:
    async with Database.open(Access(new_database(template="template0"))) as database:
        with pytest.raises(Refused, match="none of the operator's tables"):
            await examine(database)
