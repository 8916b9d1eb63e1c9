"""Databases that do not fit (faults 42 and 43): every reason at once, each with a statement that mends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.adoption import migrate
from engine.preflight import Unfit
from engine.store import Access, Refused
from seqconsole.__main__ import main
from tests.world import World

pytestmark = pytest.mark.anyio

UNFIT = """
    CREATE TYPE contact_status AS ENUM ('pending', 'active', 'completed');
    ALTER TABLE sequence_contacts ALTER status DROP DEFAULT,
        ALTER status TYPE contact_status USING status::contact_status, ALTER status SET DEFAULT 'pending';
    ALTER TABLE broadcast_messages ADD CONSTRAINT known_states CHECK (status IN ('pending', 'sent', 'failed'));
    ALTER TABLE broadcast_messages ALTER id DROP DEFAULT, DROP CONSTRAINT broadcast_messages_pkey,
        ALTER id TYPE bigint USING 1, ALTER error_message TYPE varchar(100), ADD campaign int NOT NULL,
        ALTER media_url SET NOT NULL;
    ALTER TABLE sequence_steps ALTER day_number TYPE text, DROP caption;
    ALTER TABLE sequences ALTER is_active DROP DEFAULT, ALTER is_active TYPE int USING is_active::int;
    ALTER TABLE sequence_contacts ALTER next_trigger_time TYPE text, ALTER sequence_stepid TYPE varchar(36);
    DROP TABLE user_devices;
"""


async def refused(dsn: str, **options: str) -> tuple[str, ...]:
    with pytest.raises(Unfit) as caught:
        await migrate(Access(dsn, **options), country="60")
    return caught.value.reasons


async def test_fault_42_all_reasons_at_once_and_their_statements_mend_them(
    world: World, dsn: str
) -> None:
    sequence = world.sequence()
    world.contact(sequence, "0123456789", None)
    world.run(UNFIT)
    reasons = await refused(dsn)
    named = "\n".join(reasons)
    for name in (
        "table user_devices is missing", "sequence_contacts.status is contact_status",
        "known_states", "broadcast_messages.id is bigint", "broadcast_messages.error_message",
        "broadcast_messages.campaign must have a value", "broadcast_messages.media_url must have",
        "sequence_steps.day_number is text", "sequence_steps.caption is missing",
        "sequences.is_active is integer", "sequence_contacts.next_trigger_time is text",
        "sequence_contacts.sequence_stepid is character varying(36)",
    ):  # fmt: skip
        assert name in named
    assert len(reasons) == 12
    assert world.value("SELECT to_regnamespace('seqconsole') IS NULL")
    for reason in reasons:
        world.run(reason.partition(": ")[2])
    adopted = await migrate(Access(dsn), country="60")
    assert (adopted.unique_key, adopted.left) == (True, ())
    world.run("INSERT INTO sequence_contacts (contact_phone) VALUES ('1')")
    statuses = world.run("SELECT DISTINCT status FROM sequence_contacts")
    assert statuses == [{"status": "pending"}]
    assert world.value("SELECT is_active FROM sequences") is True
    assert (
        world.value(
            "SELECT engine.value #>> '{}' FROM seqconsole.settings engine WHERE name = 'engine'"
        )
        == "off"
    )


async def test_fault_42_rows_without_an_id_of_their_own(world: World, dsn: str) -> None:
    world.run(
        "ALTER TABLE sequence_contacts DROP CONSTRAINT sequence_contacts_pkey, ALTER id DROP NOT NULL"
    )
    world.run(
        "INSERT INTO sequence_contacts (id, contact_phone) VALUES (NULL, '60111222333'), "
        "('00000000-0000-0000-0000-000000000001', '1'), ('00000000-0000-0000-0000-000000000001', '2')"
    )
    [reason] = await refused(dsn)
    assert reason.startswith("3 rows of sequence_contacts have no id of their own: ")
    world.run(reason.partition(": ")[2])
    assert (await migrate(Access(dsn), country="60")).left == ()


async def test_fault_42_a_view_and_another_schema(world: World, dsn: str) -> None:
    world.run("ALTER TABLE sequence_contacts RENAME TO people")
    world.run("CREATE VIEW sequence_contacts AS SELECT * FROM people")
    [reason] = await refused(dsn)
    assert reason.startswith("sequence_contacts is a view, not a table: ")
    [reason] = await refused(dsn, schema="nowhere")
    assert reason.startswith("schema nowhere does not exist")
    world.run("DROP VIEW sequence_contacts")
    world.run("ALTER TABLE people RENAME TO sequence_contacts")
    world.run('ALTER SCHEMA public RENAME TO "The CRM"')
    world.run('ALTER TABLE "The CRM".sequence_contacts ALTER current_step TYPE text')
    [reason] = await refused(dsn, schema="The CRM")
    assert 'alter table "The CRM".sequence_contacts' in reason
    world.run(reason.partition(": ")[2])
    adopted = await migrate(Access(dsn, schema="The CRM"), country="60")
    assert adopted.unique_key
    assert world.value("SELECT to_regclass('\"The CRM\".uk_sequence_contact_stepid') IS NOT NULL")


async def test_fault_42_null_everywhere(world: World, dsn: str) -> None:
    """Rows of nothing, extra columns, and statuses that nobody knows."""
    world.run("ALTER TABLE sequence_steps ALTER sequence_id DROP NOT NULL")
    world.run("ALTER TABLE sequences ALTER name DROP NOT NULL")
    for table in (
        "user_devices",
        "sequences",
        "sequence_steps",
        "sequence_contacts",
        "broadcast_messages",
    ):
        world.run(f"ALTER TABLE {table} ADD extra jsonb, ADD PRIMARY_COLOUR text")
        columns = [
            r["attname"]
            for r in world.run(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 1 "
                "AND NOT attisdropped", table,
            )
        ]  # fmt: skip
        world.run(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('NULL' for _ in columns)})"
        )
    world.run(
        "INSERT INTO broadcast_messages (status, recipient_phone) VALUES ('hmm', '60123456789')"
    )
    adopted = await migrate(Access(dsn), country="60")
    assert adopted.unique_key
    assert world.run("SELECT state::text, gate FROM seqconsole.progress") == [
        {"state": "u", "gate": "unknown"}
    ]


@pytest.fixture
def outsider(world: World) -> Iterator[str]:
    """A role that may log in and nothing else."""
    role = f"outsider_{world.connection.info.backend_pid}"
    world.run(f"CREATE ROLE {role} LOGIN")
    world.run("REVOKE ALL ON SCHEMA public FROM public")
    yield role
    world.run(f"DROP OWNED BY {role} CASCADE")
    world.run(f"DROP ROLE {role}")


async def test_fault_43_each_missing_grant_is_named_until_none_is_left(
    world: World, dsn: str, outsider: str
) -> None:
    as_outsider = re.sub(r"user=\S+", f"user={outsider}", dsn)
    granted: list[str] = []
    for _ in range(10):
        try:
            adopted = await migrate(Access(as_outsider), country="60")
            break
        except Unfit as error:
            for reason in error.reasons:
                granted.append(reason.partition(": ")[2])
                world.run(granted[-1])
    assert adopted.unique_key
    assert len(granted) == 4
    assert all(g.endswith(f" to {outsider}") for g in granted)


async def test_fault_43_row_security_that_hides_rows_is_a_refusal(
    world: World, dsn: str, outsider: str
) -> None:
    world.run("ALTER TABLE sequence_contacts ENABLE ROW LEVEL SECURITY")
    assert (await migrate(Access(dsn), country="60")).unique_key, "a superuser sees all rows"
    world.run(f"GRANT USAGE ON SCHEMA public TO {outsider}")
    world.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {outsider}")
    as_outsider = re.sub(r"user=\S+", f"user={outsider}", dsn)
    reasons = await refused(as_outsider)
    assert any(
        r.startswith(f"row security hides rows of sequence_contacts from {outsider}: ")
        for r in reasons
    )


async def test_phone_keys_keep_the_country_that_they_were_made_with(world: World, dsn: str) -> None:
    await migrate(Access(dsn), country="60")
    with pytest.raises(Refused, match="country code 60: it can no longer be 62"):
        await migrate(Access(dsn), country="62")
    assert (await migrate(Access(dsn))).applied == ()


def test_each_refusal_is_a_line_of_its_own_and_a_plan_is_printed_without_rights(
    world: World,
    dsn: str,
    outsider: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    world.run(f"GRANT USAGE ON SCHEMA public TO {outsider}")
    world.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {outsider}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("SEQCONSOLE_DATABASE_URL", re.sub(r"user=\S+", f"user={outsider}", dsn))
    capfd.readouterr()
    assert main(["migrate", "--plan"]) == 1
    planned = capfd.readouterr()
    assert "create table seqconsole.deliveries" in planned.out
    assert len(planned.err.splitlines()) == 3
    assert main(["migrate"]) == 1
    assert capfd.readouterr() == ("", planned.err)
    world.run("ALTER TABLE sequence_steps DROP caption, DROP content")
    assert main(["migrate", "--plan"]) == 1
    refused = capfd.readouterr()
    assert refused.out == ""
    assert len(refused.err.splitlines()) == 5
    assert "alter table sequence_steps add column caption text" in refused.err
