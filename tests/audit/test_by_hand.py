"""The plain-SQL way: what a DBA runs with psql on a database that nobody adopted."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from engine.store.sqlfiles import text
from tests.audit.psql import psql
from tests.audit.wild import OTHER, PHONE, Wild

FIX = "fix_sequence_duplicates"
TABLES = ("sequence_contacts", "broadcast_messages")


def images(wild: Wild) -> dict[str, str]:
    """Each table's rows, whole."""
    found = {}
    for table in TABLES:
        rows = wild.run(f"SELECT row_to_json(t)::text AS row FROM {table} t ORDER BY id")
        found[table] = hashlib.md5("\n".join(r["row"] for r in rows).encode()).hexdigest()
    return found


def statuses(wild: Wild) -> dict[UUID, str]:
    return {r["id"]: r["status"] for r in wild.run("SELECT id, status FROM sequence_contacts")}


@pytest.fixture
def sequence(wild: Wild) -> list[UUID]:
    return wild.sequence()


def test_the_key_is_the_expression_of_audit() -> None:
    inside = text("by_hand/phone_key").split("$expression$")[1]
    lines = text("audit/phone_key").splitlines()
    assert inside.strip() == "\n".join(line for line in lines if not line.startswith("--"))


def test_aqil_has_step_2_twice(wild: Wild, sequence: list[UUID]) -> None:
    """The row that is done stays, the pending one goes to the archive, and its message is not sent."""
    done = wild.row(sequence, completed_at=wild.now(), retry_count=1)
    twice = wild.row(sequence, status="pending", contact_phone="+60 12-345 6789", retry_count=3)
    queued = wild.sent(sequence, status="pending", sent_at=None)
    before = wild.value("SELECT row_to_json(c)::text FROM sequence_contacts c WHERE id = %s", twice)
    answer = psql(wild.dsn, FIX, country="60")
    assert answer.code == 0, answer.err
    assert statuses(wild) == {done: "completed"}
    assert wild.value("SELECT retry_count FROM sequence_contacts") == 3
    assert wild.value("SELECT status FROM broadcast_messages WHERE id = %s", queued) == "skipped"
    archive = "SELECT before::text FROM sequence_archive.rows WHERE row_id = %s AND after IS NULL"
    assert wild.value(archive, str(twice)) == before
    assert "uk_sequence_contact_stepid is built" in answer.err
    wild.run("INSERT INTO sequence_contacts (sequence_id, contact_phone, sequence_stepid) SELECT sequence_id, "
             "contact_phone, sequence_stepid FROM sequence_contacts ON CONFLICT "
             "(sequence_id, contact_phone, sequence_stepid) DO NOTHING")  # fmt: skip
    assert statuses(wild) == {done: "completed"}


def test_a_second_run_changes_nothing(wild: Wild, sequence: list[UUID]) -> None:
    messy(wild, sequence)
    assert psql(wild.dsn, FIX, country="60").code == 0
    after, archived = images(wild), wild.value("SELECT count(*) FROM sequence_archive.rows")
    again = psql(wild.dsn, FIX, country="60")
    assert again.code == 0
    assert "the unique key is there" in again.err
    assert again.after("this run")[0][1:3] == ["0", "0"]
    assert images(wild) == after
    assert wild.value("SELECT count(*) FROM sequence_archive.rows") == archived


def test_a_dry_run_keeps_nothing(wild: Wild, sequence: list[UUID]) -> None:
    messy(wild, sequence)
    before = images(wild)
    answer = psql(wild.dsn, FIX, country="60", dry_run=1)
    assert answer.code == 0, answer.err
    assert int(answer.after("this run")[0][1]) > 0
    assert images(wild) == before
    assert wild.value("SELECT to_regnamespace('sequence_archive')") is None


def test_the_archive_brings_everything_back(wild: Wild, sequence: list[UUID]) -> None:
    messy(wild, sequence)
    before = images(wild)
    assert psql(wild.dsn, FIX, country="60", build_key=0).code == 0
    assert images(wild) != before
    wild.run("INSERT INTO sequence_contacts SELECT (json_populate_record(null::sequence_contacts, before)).* "
             "FROM sequence_archive.rows WHERE run = 1 AND rel = 'sequence_contacts' AND after IS NULL")  # fmt: skip
    for table in TABLES:
        wild.run(
            f"DELETE FROM {table} WHERE id::text IN (SELECT row_id FROM sequence_archive.rows WHERE after IS NOT NULL)"
        )
        wild.run(f"INSERT INTO {table} SELECT (json_populate_record(null::{table}, before)).* "
                 "FROM sequence_archive.rows WHERE rel = %s AND after IS NOT NULL", table)  # fmt: skip
    assert images(wild) == before


def messy(wild: Wild, sequence: list[UUID]) -> None:
    """Duplicates of several kinds and stuck rows."""
    old = wild.now() - timedelta(hours=5)
    for n, states in enumerate(
        [("pending", "active"), ("failed", "pending"), ("completed", "active", "pending")]
    ):
        for status in states:
            wild.row(sequence, contact_phone=f"6011000000{n}", status=status, next_trigger_time=old)
    wild.sent(sequence, recipient_phone="60110000000", status="pending", sent_at=None)
    wild.sent(sequence, recipient_phone="60110000001", status="pending", sent_at=None)
    wild.row(sequence, contact_phone=OTHER, status="active", next_trigger_time=old)
    wild.sent(sequence, recipient_phone="60133333333", sent_at=old)


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("sent", "completed"), ("pending", "active"), ("processing", "active"), ("unknown", "active"),
        ("failed", "failed"), ("skipped", "skipped"), (None, "pending"),
    ],
)  # fmt: skip
def test_stuck_rows_by_what_is_known_of_their_message(
    wild: Wild, sequence: list[UUID], message: str | None, status: str
) -> None:
    old = wild.now() - timedelta(hours=5)
    row = wild.row(
        sequence, status="active", processing_started_at=old, processing_device_id=uuid4()
    )
    wild.sent(
        sequence, recipient_phone="60133333333", created_at=old
    )  # the queue goes back that far
    young = wild.row(
        sequence, status="active", contact_phone=OTHER, processing_started_at=wild.now()
    )
    undated = wild.row(sequence, status="active", contact_phone="60122222222")
    if message:
        sent_at = old if message == "sent" else None
        wild.sent(
            sequence,
            status=message,
            sent_at=sent_at,
            updated_at=old,
            error_message="no such number",
        )
    assert psql(wild.dsn, FIX, country="60").code == 0
    assert statuses(wild) == {row: status, young: "active", undated: "active"}
    found = wild.run(
        "SELECT processing_device_id, completed_at, last_error FROM sequence_contacts WHERE id = %s",
        row,
    )[0]
    assert (found["processing_device_id"] is None) == (status != "active")
    assert found["completed_at"] == (old if status == "completed" else None)
    assert found["last_error"] == ("no such number" if status == "failed" else None)


def test_a_row_from_before_the_oldest_message_is_left_to_a_person(
    wild: Wild, sequence: list[UUID]
) -> None:
    """Its message may have been sent and removed since: set back to pending, it would be sent again."""
    old = wild.now() - timedelta(days=40)
    row = wild.row(sequence, status="active", next_trigger_time=old)
    wild.sent(sequence, recipient_phone=OTHER, created_at=old + timedelta(days=10))
    answer = psql(wild.dsn, FIX, country="60")
    assert answer.code == 0, answer.err
    assert statuses(wild) == {row: "active"}
    assert "left alone: older than the oldest message: nothing is known" in str(answer.rows)


def test_a_message_in_flight_leaves_its_group_alone(wild: Wild, sequence: list[UUID]) -> None:
    rows = {wild.row(sequence, status=s): s for s in ("active", "pending")}
    wild.sent(sequence, status="processing", sent_at=None, updated_at=wild.now())
    others = [wild.row(sequence, status="pending", contact_phone=OTHER) for _ in range(2)]
    answer = psql(wild.dsn, FIX, country="60")
    assert answer.code == 0
    assert statuses(wild) == {**rows, min(others): "pending"}
    assert "left alone: a message of it is in flight" in str(answer.rows)
    assert "the unique key is not built" in answer.err


def test_a_doubt_is_never_sent_again(wild: Wild, sequence: list[UUID]) -> None:
    """Taken hours ago: the row that stays waits for a person, and nothing pending is left."""
    old = wild.now() - timedelta(hours=5)
    for _ in range(2):
        wild.row(sequence, status="pending", next_trigger_time=old)
    wild.sent(sequence, status="processing", sent_at=None, updated_at=old)
    wild.sent(sequence, status="pending", sent_at=None)
    assert psql(wild.dsn, FIX, country="60").code == 0
    assert list(statuses(wild).values()) == ["active"]
    assert wild.statuses("broadcast_messages") == {"processing": 1, "skipped": 1}


def test_a_row_that_another_table_points_at_stays(wild: Wild, sequence: list[UUID]) -> None:
    wild.run("CREATE TABLE notes (contact uuid REFERENCES sequence_contacts ON DELETE CASCADE)")
    kept = wild.row(sequence)
    pointed = wild.row(sequence, status="pending")
    wild.run("INSERT INTO notes VALUES (%s)", pointed)
    answer = psql(wild.dsn, FIX, country="60")
    assert answer.code == 0, answer.err
    assert statuses(wild) == {kept: "completed", pointed: "pending"}
    assert f"left alone: row {pointed} is referenced by notes" in str(answer.rows)


def test_an_adopted_database_is_refused(dsn: str) -> None:
    answer = psql(dsn, FIX, country="60")
    assert answer.code != 0
    assert "seqconsole duplicates --resolve" in answer.err


def test_naive_times_and_enum_states(wild: Wild, sequence: list[UUID]) -> None:
    wild.run("SET TimeZone = 'Asia/Kuala_Lumpur'")
    wild.run("ALTER TABLE sequence_contacts ALTER processing_started_at TYPE timestamp, ALTER completed_at TYPE timestamp, "
             "ALTER next_trigger_time TYPE timestamp; CREATE TYPE state AS ENUM ('pending', 'active', 'completed', 'failed', "
             "'skipped'); ALTER TABLE sequence_contacts ALTER status DROP DEFAULT, ALTER status TYPE state USING status::state")  # fmt: skip
    sent_at = wild.now() - timedelta(hours=2)
    stuck = wild.row(
        sequence, status="active", processing_started_at=wild.now() - timedelta(minutes=70)
    )
    wild.sent(sequence, sent_at=sent_at)
    wild.row(sequence, status="pending", contact_phone=f"+{PHONE}")
    assert psql(wild.dsn, FIX, country="60", zone="Asia/Kuala_Lumpur").code == 0
    assert statuses(wild) == {stuck: "completed"}
    assert wild.value("SELECT completed_at::timestamptz FROM sequence_contacts") == sent_at


VERIFY: dict[str, dict[str, Any]] = {
    "verify_duplicates": {"country": "60"},
    "verify_sent_twice": {"country": "60"},
    "verify_over_limit": {"limit": 2},
    "verify_stuck": {"country": "60", "zone": "UTC"},
}


def test_the_verify_queries_tell_dirt_from_none(wild: Wild, sequence: list[UUID]) -> None:
    old = wild.now() - timedelta(hours=5)
    _, first = wild.step(sequence, sent_at=old, device_id=sequence[0])
    for file, variables in VERIFY.items():
        answer = psql(wild.dsn, file, **variables)
        assert (answer.code, [r for r in answer.rows if r != ["UTC"]]) == (0, []), (file, answer)
    again = [
        wild.sent(
            sequence,
            recipient_phone=f"+{PHONE}",
            sent_at=old + timedelta(minutes=n),
            device_id=sequence[0],
        )
        for n in (1, 59)
    ]
    twice = [wild.row(sequence, status="pending", contact_phone=OTHER) for _ in range(2)]
    stuck = wild.row(sequence, status="active", contact_phone="60122222222", next_trigger_time=old)
    said = {file: psql(wild.dsn, file, **variables).rows[-1] for file, variables in VERIFY.items()}
    assert said["verify_duplicates"][0] == OTHER
    assert all(str(row) in said["verify_duplicates"][-1] for row in twice)
    assert said["verify_sent_twice"][0] == PHONE
    assert all(str(m) in said["verify_sent_twice"][-1] for m in (first, *again))
    assert said["verify_over_limit"][:3] == [str(sequence[0]), "3", "1"]
    assert said["verify_stuck"][:3] == ["contact row", str(stuck), "active"]
    assert said["verify_stuck"][-1] == "never queued"


def test_the_verify_query_of_the_key(wild: Wild, sequence: list[UUID]) -> None:
    wild.run("CREATE UNIQUE INDEX legacy ON sequence_contacts (sequence_id, contact_phone)")
    wild.run(
        "CREATE UNIQUE INDEX part ON sequence_contacts (sequence_id, contact_phone, sequence_stepid) WHERE status = 'x'"
    )
    said = {row[0]: row[2] for row in psql(wild.dsn, "verify_key").rows}
    assert said == {
        "legacy": "no: one row a contact",
        "part": "no: partial",
        "sequence_contacts_pkey": "no: other columns",
    }
    wild.run(
        "CREATE UNIQUE INDEX right_one ON sequence_contacts (sequence_stepid, sequence_id, contact_phone)"
    )
    assert {row[0]: row[2] for row in psql(wild.dsn, "verify_key").rows}["right_one"] == "yes"
