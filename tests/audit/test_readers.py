"""On whatever database: a role that may only select, times without a zone, odd types, what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from engine.audit import State
from engine.audit.checks import OPTIONAL, all_checks
from engine.store import Refused
from tests.audit.wild import PHONE, Wild, audit, firing, ids_of
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
def reader(wild: Wild) -> Iterator[str]:
    """A role with SELECT on the operator's tables and nothing else, not even TEMP."""
    role = f"reader_{uuid4().hex[:12]}"
    name = wild.value("SELECT current_database()")
    wild.run(f"REVOKE ALL ON DATABASE {name} FROM public")
    wild.run(f"CREATE ROLE {role} LOGIN; GRANT CONNECT ON DATABASE {name} TO {role}")
    wild.run(
        f"GRANT USAGE ON SCHEMA public TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    )
    yield role
    wild.run(f"DROP OWNED BY {role}; DROP ROLE {role}")


def as_role(dsn: str, role: str) -> str:
    """The same database, every session of it with the rights of `role` only."""
    return psycopg.conninfo.make_conninfo(dsn, options=f"-c role={role}")


async def test_select_is_enough_and_nothing_is_left_behind(wild: Wild, reader: str) -> None:
    sequence = wild.sequence()
    wild.step(sequence)
    wild.sent(sequence)
    catalogue = "SELECT count(*) AS n, max(xmin::text::bigint) AS last FROM pg_class"
    before = wild.run(catalogue)
    results = await audit(as_role(wild.dsn, reader), country="60")
    assert results["sent_twice"].found == 1
    assert not [r for r in results.values() if r.state in (State.SKIPPED, State.UNFINISHED)]
    assert wild.run(catalogue) == before


async def test_what_may_not_be_read_is_named(wild: Wild, reader: str) -> None:
    wild.run(
        f"REVOKE SELECT ON sequence_contacts FROM {reader}; REVOKE SELECT ON broadcast_messages FROM {reader}"
    )
    wild.run(f"GRANT SELECT (id, status, recipient_phone) ON broadcast_messages TO {reader}")
    results = await audit(as_role(wild.dsn, reader))
    assert (
        results["locked_rows"].why
        == "this role may not read table sequence_contacts: grant select on it"
    )
    assert results["sent_with_error"].why == (
        "this role may not read column broadcast_messages.error_message: grant select on it"
    )
    assert "permission denied for table broadcast_messages" in results["stuck_messages"].why
    assert {r.state for r in results.values()} == {State.UNFINISHED}
    wild.run(f"REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM {reader}; REVOKE SELECT (id, status, recipient_phone) "
             f"ON broadcast_messages FROM {reader}")  # fmt: skip
    with pytest.raises(Refused, match="no table of sequences can be read"):
        await audit(as_role(wild.dsn, reader))


async def test_the_transaction_can_not_write(wild: Wild) -> None:
    from engine.audit import Options, audited
    from engine.store import Access

    async with audited(Access(wild.dsn), Options()) as asked:
        with pytest.raises(Refused, match="read-only"):
            await asked._tx.alone("CREATE TABLE public.mine (n int)")
        assert await asked._tx.alone("SHOW transaction_isolation") == [
            {"transaction_isolation": "repeatable read"}
        ]


ODD_TYPES = """
CREATE TYPE odd_state AS ENUM ('pending', 'active', 'completed', 'sent', 'processing');
ALTER TABLE sequence_contacts ALTER status DROP DEFAULT, ALTER status TYPE odd_state USING status::odd_state,
    ALTER id DROP DEFAULT, ALTER id TYPE varchar(64), ALTER sequence_stepid TYPE varchar(36), ALTER current_step TYPE smallint,
    ALTER contact_phone TYPE varchar(50), ALTER next_trigger_time TYPE timestamp, ALTER completed_at TYPE timestamp,
    ALTER assigned_device_id TYPE text, ALTER processing_started_at TYPE timestamp;
ALTER TABLE broadcast_messages ALTER status DROP DEFAULT, ALTER status TYPE odd_state USING status::odd_state,
    ALTER id DROP DEFAULT, ALTER id TYPE text, ALTER device_id TYPE char(36), ALTER sent_at TYPE timestamp,
    ALTER scheduled_at TYPE timestamp, ALTER created_at DROP DEFAULT, ALTER created_at TYPE timestamp,
    ALTER updated_at DROP DEFAULT, ALTER updated_at TYPE timestamp, ALTER user_id TYPE text;
"""


async def test_odd_types_and_times_without_a_zone(wild: Wild) -> None:
    wild.run("SET TimeZone = 'Asia/Kuala_Lumpur'")
    sequence, device = wild.sequence(), wild.device()
    wild.run(ODD_TYPES)
    now = wild.now()
    start = now - timedelta(hours=3)
    messages = [
        wild.step(sequence, recipient_phone=f"60130000{n:03}", sent_at=start + timedelta(seconds=30 * n),
                  device_id=str(device), user_id=str(wild.user))[1]
        for n in range(81)
    ]  # fmt: skip
    stuck = wild.row(sequence, status="active", processing_started_at=now - timedelta(minutes=70))
    results = await audit(wild.dsn, zone="Asia/Kuala_Lumpur", examples=90)
    assert firing(results) == {"over_limit": 1, "stuck_rows": 1}
    assert results["over_limit"].examples[0]["from"] == start
    assert ids_of(results["over_limit"]) == {str(m) for m in messages[-20:]}
    assert ids_of(results["stuck_rows"]) == {str(stuck)}
    # Read in a zone eight hours behind, the row is not stuck yet, and says so by being silent.
    assert "stuck_rows" not in firing(await audit(wild.dsn, zone="UTC"))


async def test_columns_that_are_not_there(wild: Wild) -> None:
    """What a check can do without is taken as unknown; without what it needs, it says which column."""
    sequence = wild.sequence()
    wild.step(sequence)
    wild.sent(sequence)
    wild.run("ALTER TABLE sequence_contacts DROP user_id, DROP processing_device_id, DROP processing_started_at, "
             "DROP assigned_device_id")  # fmt: skip
    wild.run(
        "ALTER TABLE broadcast_messages DROP user_id, DROP updated_at, DROP error_message, DROP created_at"
    )
    wild.run("ALTER TABLE sequences DROP is_active, DROP status")
    wild.run("DROP TABLE user_devices")
    results = await audit(wild.dsn, country="60")
    assert results["sent_twice"].found == 1
    skipped = {name: r.why for name, r in results.items() if r.state is State.SKIPPED}
    assert skipped == {
        "locked_rows": "not in this database: column sequence_contacts.processing_started_at",
        "messages_nobody_claims": "not in this database: table user_devices",
        "rows_nobody_claims": "not in this database: column sequence_contacts.assigned_device_id, table user_devices",
        "sent_with_error": "not in this database: column broadcast_messages.error_message",
    }
    assert not [name for name, r in results.items() if r.state is State.UNFINISHED]


async def test_tables_in_another_schema(wild: Wild) -> None:
    sequence = wild.sequence()
    wild.step(sequence)
    wild.sent(sequence)
    wild.run("CREATE SCHEMA elsewhere")
    for table in (
        "user_devices",
        "sequences",
        "sequence_steps",
        "sequence_contacts",
        "broadcast_messages",
    ):
        wild.run(f"ALTER TABLE {table} SET SCHEMA elsewhere")
    assert firing(await audit(wild.dsn, schema="elsewhere", country="60")) == {"sent_twice": 1}
    with pytest.raises(Refused, match="schema public"):
        await audit(wild.dsn)


async def test_a_check_out_of_time_says_so_and_the_others_go_on(wild: Wild) -> None:
    """The steps are locked by somebody: the checks that read them end, all others answer."""
    sequence = wild.sequence()
    wild.step(sequence)
    wild.sent(sequence)
    with psycopg.connect(wild.dsn) as other:
        other.execute("LOCK TABLE sequence_steps IN ACCESS EXCLUSIVE MODE")
        results = await audit(wild.dsn, timeout=1, names=frozenset({"bursts", "sent_twice"}))
    assert (results["bursts"].state, results["bursts"].why) == (
        State.UNFINISHED,
        "not finished in 1 s",
    )
    assert results["sent_twice"].found == 1


async def test_phones_that_can_not_be_keyed_are_compared_as_written(wild: Wild) -> None:
    sequence = wild.sequence()
    for phone in ("0123456789", " 0123456789 ", "012-3456789"):
        wild.sent(sequence, recipient_phone=phone)
    results = await audit(wild.dsn)
    assert (results["sent_twice"].found, results["sent_twice"].examples[0]["times"]) == (1, 2)
    results = await audit(wild.dsn, country="60")
    assert results["sent_twice"].examples[0]["times"] == 3
    assert results["sent_twice"].examples[0]["phone"] == PHONE


def test_statuses_mean_what_the_engine_takes_them_for(world: World) -> None:
    """`meaning` of the audit's messages is the table `codes`."""
    from engine.store.sqlfiles import text

    source = text("audit/sources/messages")
    meaning = source[source.index("case\n") : source.index("end as meaning") + 3]
    rows = world.run(
        f"SELECT code, meaning AS wrapped, {meaning.replace('status', 'code')} AS inlined "
        "FROM seqconsole.codes WHERE source = 'foreign'"
    )
    assert len(rows) >= 12
    assert [(r["code"], r["inlined"]) for r in rows] == [(r["code"], r["wrapped"]) for r in rows]


def test_every_source_of_ours_has_an_empty_form() -> None:
    for check in all_checks():
        assert "seqconsole." not in "\n".join(
            line for line in check.sql(()).splitlines() if not line.startswith("--")
        )
    assert any("seqconsole." in check.sql(OPTIONAL) for check in all_checks())
