"""The four roles of `sql/roles.sql`: what each may do, and that the database refuses it the rest (FAULTS 43)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from engine.adoption import migrate
from engine.alarm_command import AlarmCommand
from engine.gateways.protocol import Answer, Verdict
from engine.operations.decide_order import decide_order, preview_order
from engine.operations.engine_switch import engine_off, engine_on
from engine.operations.holds import pause, resume
from engine.operations.keep_active import KeepActive
from engine.operations.limits import DEFAULTS, set_limits
from engine.operations.link_steps import LinkSteps
from engine.operations.mark_sent import MarkSent
from engine.operations.note import note
from engine.operations.release import Release
from engine.operations.repair_facts import Selection
from engine.operations.retry import Retry
from engine.operations.skip import Skip
from engine.operations.targets import EVERYTHING
from engine.operations.undo import undo
from engine.reader import Reader
from engine.receiving.events import Mark, Receipt, Reply
from engine.receiving.receipts import look_again
from engine.receiving.taking import Taker
from engine.recovery import expire, plan_ahead, recover
from engine.reports.figures import figures
from engine.reports.history import history
from engine.reports.month import month_report
from engine.reports.since import changes_since, note_here
from engine.rollup import roll_up_all
from engine.sequences.importing import export, make, preview_new
from engine.store import Access, Database, Refused
from engine.store.sqlfiles import text
from engine.upkeep import make_days, recount, upkeep
from tests.engine.steps import end, prepare, take
from tests.enroll.people import enrolled, enrolled_leads, looked, looked_leads
from tests.operations.repairs import repair, step
from tests.operations.scene import ME, Copy, duplicates, hours, resolve_all, sound
from tests.reports.test_since import beat
from tests.world import World

pytestmark = pytest.mark.anyio

SCRIPT = text("roles").replace(":'schema', false", "'public', false")
ROLES = ("viewer", "operator", "worker", "migrator")
OWNER, DBA = "tables_owner", "tables_dba"
WRITES = """
select p || ' ' || c.oid::regclass::text as may
from pg_class c, unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
where c.relkind in ('r', 'p') and c.relnamespace in ('public'::regnamespace, 'seqconsole'::regnamespace)
  and has_table_privilege(%s, c.oid, p)
"""


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> Iterator[str]:
    """A database that a role without any special right made, migrated and gave the roles to."""
    made = new_database(template="template0")
    with psycopg.connect(made, autocommit=True) as admin:
        database = admin.info.dbname
        admin.execute(f"CREATE ROLE {OWNER}")  # type: ignore[arg-type]
        admin.execute(f"CREATE ROLE {DBA} CREATEROLE")  # type: ignore[arg-type]
        admin.execute(f"GRANT {OWNER} TO {DBA} WITH ADMIN OPTION")  # type: ignore[arg-type]
        admin.execute(f"GRANT CREATE ON DATABASE {database} TO {OWNER} WITH GRANT OPTION")  # type: ignore[arg-type]
        admin.execute(f"GRANT ALL ON SCHEMA public TO {OWNER}")  # type: ignore[arg-type]
        yield made
        names = [OWNER, DBA, *(f"seqconsole_{role}" for role in ROLES)]
        there = admin.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", (names,))
        roles = ", ".join(name for (name,) in there.fetchall())
        admin.execute(f"DROP OWNED BY {roles} CASCADE")
        admin.execute(f"DROP ROLE {roles}")


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    await migrate(Access(as_role(dsn, OWNER)), country="60", fresh=True)
    with psycopg.connect(as_role(dsn, DBA), autocommit=True) as connection:
        for _ in range(2):  # it may be run again
            connection.execute(SCRIPT)  # type: ignore[arg-type]
    made = World.at(dsn)
    made.setting("mark", "test")
    made.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
    yield made
    made.close()


def as_role(dsn: str, role: str) -> str:
    return make_conninfo(dsn, options=f"-c role={role}")


@asynccontextmanager
async def opened(dsn: str, role: str) -> AsyncIterator[Database]:
    async with Database.open(Access(as_role(dsn, f"seqconsole_{role}"))) as database:
        yield database


async def test_the_viewer_looks_and_the_database_refuses_the_rest(world: World, dsn: str) -> None:
    sequence = world.sequence(delays=(0,))
    (row,) = world.contact(sequence, "60123456789", world.device())
    world.run("UPDATE sequences SET trigger = 'COLD'")
    world.run(
        "INSERT INTO leads (user_id, phone, trigger) VALUES (%s, '60123456781', 'COLD')", world.user
    )
    async with opened(dsn, "viewer") as database:
        seen = await Reader(database).snapshot()
        assert len(seen.devices) == 1
        assert len((await figures(database)).devices) == 1
        assert (await month_report(database, "this", ())).rows == []
        assert len((await history(database, "60123456789")).rows) == 1
        await changes_since(database, ME, world.now() - hours(1))
        preview, left_out = await looked(database, sequence[0], "phone\n60123456780\nnobody\n")
        assert (preview.n, [r.line for r in left_out]) == (1, [3])
        assert (await looked_leads(database, sequence[0])).n == 1
        for act in (
            pause(database, ME, EVERYTHING, None),
            repair(database, Skip(), Selection(ids=(row,))),
            roll_up_all(database),
            engine_on(database, ME, gateway_configured=True),
            note(database, ME, "hello"),
            note_here(database, ME),
        ):
            with pytest.raises(Refused, match="missing privilege"):
                await act
        with pytest.raises(Refused, match="GRANT EXECUTE ON FUNCTION make_partitions"):
            await make_days(database)
    assert world.run(WRITES, "seqconsole_viewer") == []
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0


async def test_the_worker_runs_the_engine_and_its_upkeep(world: World, dsn: str) -> None:
    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    world.contact(sequence, "60123456789", world.device("a"), statuses=("pending", "pending"))
    for n in range(2):
        world.message(world.device(f"b{n}"), f"6012345678{n}")
    async with opened(dsn, "worker") as database:
        await prepare(database)
        sent, refused, _ = await take(database)
        await end(database, [sent])
        await end(database, [refused], Answer(Verdict.SUPPRESS, "INVALID_JID"))
        world.advance(minutes=5)
        await recover(database)
        await expire(database)
        await plan_ahead(database)
        await beat(world, database)
        assert await AlarmCommand(["true"], "db").tell(database) == 0
        world.run("INSERT INTO seqconsole.holds (scope, holder) VALUES ('all', 'failover')")
        assert await AlarmCommand(["true"], "db").tell(database) == 1
        world.run("DELETE FROM seqconsole.holds")
        world.advance(days=100)
        await upkeep(database)
        assert await recount(database) == 0
        with pytest.raises(Refused, match="DELETE ON sequence_contacts"):
            await database.read(World, "operations/remove_contacts", ids=[])
    may = {r["may"] for r in world.run(WRITES, "seqconsole_worker")}
    assert "DELETE sequence_contacts" not in may
    assert not {right for right in may if right.endswith(" seqconsole.settings")}


DEFINER = """
select p.proname as function, r.rolname as role
from pg_proc p, pg_roles r
where p.prosecdef and p.pronamespace = 'seqconsole'::regnamespace
  and r.rolname in ('stranger', 'seqconsole_viewer', 'seqconsole_operator', 'seqconsole_worker')
  and has_function_privilege(r.oid, p.oid, 'EXECUTE')
order by 1, 2
"""


async def test_another_application_writes_without_a_right_on_our_functions(
    world: World, dsn: str
) -> None:
    """Nobody may call, or make a trigger of, what runs with its owner's rights; writing needs no such right."""
    device, sequence = world.device(), world.sequence(delays=(0,))
    world.run("CREATE ROLE stranger")
    try:
        world.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO stranger")
        world.run("GRANT CREATE ON SCHEMA public TO stranger")
        assert [(r["function"], r["role"]) for r in world.run(DEFINER)] == [
            ("drop_partition", "seqconsole_worker"),
            ("make_partitions", "seqconsole_worker"),
            ("note_recount", "seqconsole_worker"),
        ]
        with psycopg.connect(as_role(dsn, "stranger"), autocommit=True) as other:
            for table in ("user_devices", "sequences", "sequence_steps", "leads"):
                other.execute(f"UPDATE {table} SET id = id")  # type: ignore[call-overload]
            other.execute(
                "INSERT INTO sequence_contacts (sequence_id, contact_phone, sequence_stepid) VALUES (%s, %s, %s)",
                (sequence[0], "60123456789", sequence[1]),
            )
            other.execute(
                "INSERT INTO broadcast_messages (device_id, recipient_phone) VALUES (%s, '60123456789')",
                (device,),
            )
            for table in ("sequence_contacts", "broadcast_messages"):
                other.execute(f"UPDATE {table} SET status = 'failed'")  # type: ignore[call-overload]
                other.execute(f"DELETE FROM {table}")  # type: ignore[call-overload]
            fed = {r["kind"] for r in world.run("SELECT DISTINCT kind FROM seqconsole.changes")}
            assert {"contacts", "messages", "devices", "sequences"} <= fed
            other.execute("CREATE TABLE bait (id uuid)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                other.execute(
                    "CREATE TRIGGER t AFTER INSERT ON bait FOR EACH ROW "
                    "EXECUTE FUNCTION seqconsole.catalogue_changed('devices')"
                )
    finally:
        world.run("DROP OWNED BY stranger")
        world.run("DROP ROLE stranger")


async def test_the_worker_takes_what_webhooks_tell(world: World, dsn: str) -> None:
    world.freeze()
    world.engine()
    sequence, phone = world.sequence(delays=(0, 0)), "60123456789"
    world.setting("on_reply", "end", "sequence", str(sequence[0]))
    world.contact(sequence, phone, world.device("a"), statuses=("pending", "pending"))
    async with opened(dsn, "worker") as database:
        await prepare(database)
        await end(database, await take(database))
        taker = Taker(database)
        await taker.take([Receipt("3EB0", Mark.READ), Receipt("other", Mark.READ)])
        await taker.take([Reply("1", phone, text="thanks"), Reply("2", "60123456780", text="stop")])
        await look_again(database)
    assert world.statuses() == {"completed": 1, "skipped": 1}
    assert world.value("SELECT count(*) FROM seqconsole.holds") == 2


async def dirty(world: World) -> None:
    """Something for every operation."""
    device, sequence = world.device(), world.sequence(delays=(0, 0))
    duplicates(world, Copy("pending"), Copy("active"), device=device)
    step(world, sequence, 1, "60111111111", "failed", device=device, message="failed")
    step(world, sequence, 1, "60122222222", "active", device=device, message="processing")
    step(world, sequence, 1, "60133333333", "active", device=device)
    step(world, sequence, 1, "60144444444", "completed", device=device, linked=False, sent=hours(1))
    step(world, sequence, 1, "60155555555", "active", device=device)
    step(world, sequence, 2, "60155555555", "active", device=device)
    world.message(device, "60166666666")
    world.sequence("Tied", (0, 0))
    world.run("UPDATE sequence_steps SET day_number = 1 WHERE content LIKE 'Tied%%'")


async def test_the_operator_does_every_operation_and_does_not_migrate(
    world: World, dsn: str
) -> None:
    world.freeze()
    await dirty(world)
    tied = world.value("SELECT id FROM sequences WHERE name = 'Tied'")
    async with opened(dsn, "operator") as database:
        await roll_up_all(database)
        done: list[Any] = [
            await pause(database, ME, EVERYTHING, None),
            await resume(database, ME, EVERYTHING, None),
            await engine_on(database, ME, gateway_configured=True),
            await engine_off(database, ME),
            await set_limits(database, ME, DEFAULTS, {"send_limit": "40"}),
            await resolve_all(database),
            await repair(database, Retry()),
            await repair(database, KeepActive()),
            await repair(database, Release()),
            await repair(database, MarkSent("ana")),
            await repair(database, LinkSteps()),
            await repair(database, Skip()),
        ]
        shown = await preview_order(database, tied)
        done.append(await decide_order(database, ME, tied, pinned=shown.pinned))
        for one in reversed(done):
            assert (await undo(database, ME, one.operation_id)).refused == ()
        assert len(done) == 13
    async with Database.open(Access(dsn)) as database:
        await sound(world, database)
    with psycopg.connect(as_role(dsn, "seqconsole_operator"), autocommit=True) as connection:
        for statement in (
            "CREATE TABLE seqconsole.mine (id int)",
            "DROP TABLE seqconsole.holds",
            "ALTER TABLE sequence_contacts ADD mine int",
            "SELECT seqconsole.drop_partition('2020-01-01')",
            "UPDATE seqconsole.migrations SET checksum = ''",
            "DELETE FROM seqconsole.operations",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)  # type: ignore[arg-type]


async def test_the_operator_lets_people_in(world: World, dsn: str) -> None:
    """Enrol, a second run, leads, a sequence's file: each and its undo; the worker sends what came of it."""
    world.freeze()
    world.engine()
    world.device()
    sequence = world.sequence(delays=(0,))
    world.run("UPDATE sequences SET trigger = 'COLD'")
    world.run("UPDATE sequence_steps SET content = 'Hi {name} of {city|there}'")
    world.run(
        "INSERT INTO leads (user_id, phone, trigger) VALUES (%s, '60123456781', 'COLD')", world.user
    )
    text = "phone,name,city\n60123456780,Aqil 1,Ipoh\n"
    async with opened(dsn, "operator") as operator, opened(dsn, "worker") as worker:
        assert (await enrolled(operator, sequence[0], text, now=True)).n == 1
        await prepare(worker)
        (claimed,) = await take(worker)
        assert claimed.content == "Hi Aqil of Ipoh"
        await end(worker, [claimed])
        for done in (
            await enrolled(operator, sequence[0], text, again=True),
            await enrolled_leads(operator, sequence[0]),
        ):
            assert done.n == 1
            assert (await undo(operator, ME, done.operation_id)).refused == ()
        wanted = replace(await export(operator, sequence[0]), name="Copy", trigger="WARM")
        preview = await preview_new(operator, wanted, None)
        done = await make(operator, ME, wanted, None, pinned=preview.pinned)
        assert (await undo(operator, ME, done.operation_id)).refused == ()


async def test_the_migrator_migrates(world: World, dsn: str) -> None:
    world.run("DELETE FROM seqconsole.migrations WHERE number = 24")
    assert len((await migrate(Access(as_role(dsn, "seqconsole_migrator")))).applied) == 1
    superusers = "SELECT count(*) FROM pg_roles WHERE rolsuper AND rolname LIKE 'seqconsole\\_%%'"
    assert world.value(superusers) == 0


async def test_fault_43_the_missing_grant_is_named(world: World, dsn: str) -> None:
    world.run("REVOKE INSERT ON seqconsole.operations FROM seqconsole_operator")
    async with opened(dsn, "operator") as database:
        with pytest.raises(Refused) as refused:
            await pause(database, ME, EVERYTHING, None)
    assert "permission denied for table operations" in str(refused.value)
    assert "GRANT SELECT, INSERT ON seqconsole.operations" in str(refused.value)
    world.run("REVOKE USAGE ON SCHEMA seqconsole FROM seqconsole_operator, public")
    async with opened(dsn, "operator") as database:
        with pytest.raises(Refused, match="GRANT USAGE ON SCHEMA seqconsole"):
            await Reader(database).snapshot()
    assert world.value("SELECT count(*) FROM seqconsole.holds") == 0


def test_the_script_is_printed_for_its_schema(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from seqconsole.__main__ import main

    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["roles", "--schema", "o'hara"]) == 0
    printed = capsys.readouterr().out
    assert "set_config('seqconsole.schema', 'o''hara', false)" in printed
