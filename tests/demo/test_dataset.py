"""The demo's data: the same for the same seed, and dirty in every way that is promised."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any
from uuid import UUID

import phonenumbers
import psycopg
import pytest

from engine.store import Access, Database, StoreError
from seqconsole.demo import DemoSize, LoadedDemo, generate, load, people
from seqconsole.demo.dataset import FEWEST_CONTACTS, FEWEST_DEVICES
from tests.postgres import TestServer

NOW = datetime(2026, 11, 24, 10, 41, 7, tzinfo=UTC)
SMALL = DemoSize(devices=FEWEST_DEVICES, contacts=FEWEST_CONTACTS, sequences=1)


def fingerprint(size: DemoSize, now: datetime = NOW) -> str:
    """One hash over every row in its order."""
    dataset = generate(size, now)
    portions = ((*p.contacts, *p.messages) for p in dataset.portions())
    rows = chain(
        dataset.device_rows(), dataset.sequence_rows(), dataset.step_rows(), *portions
    )  # fmt: skip
    found = hashlib.sha256()
    for row in rows:
        found.update(repr(row).encode())
    return found.hexdigest()


def test_same_seed_and_time_give_the_same_rows() -> None:
    assert fingerprint(DemoSize()) == fingerprint(DemoSize())


def test_portions_may_be_read_again() -> None:
    dataset = generate(DemoSize(), NOW)
    assert list(dataset.portions()) == list(dataset.portions())


def test_another_seed_gives_other_rows() -> None:
    assert fingerprint(SMALL) != fingerprint(replace(SMALL, seed=8))


def test_times_move_with_now_and_nothing_else_does() -> None:
    later = NOW + timedelta(hours=5)
    here, there = (next(generate(SMALL, now).portions()) for now in (NOW, later))
    assert [row[:7] for row in here.contacts] == [row[:7] for row in there.contacts]
    due = [(row[7], moved[7]) for row, moved in zip(here.contacts, there.contacts, strict=True)]
    moved_by = {
        datetime.fromisoformat(str(after)) - datetime.fromisoformat(str(before))
        for before, after in due
        if before is not None
    }
    assert moved_by == {later - NOW}


@pytest.mark.parametrize(
    "wrong",
    [{"devices": FEWEST_DEVICES - 1}, {"contacts": FEWEST_CONTACTS - 1}, {"sequences": 0}],
)
def test_too_small_a_size_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least"):
        DemoSize(**wrong)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        generate(SMALL, NOW.replace(tzinfo=None))


def test_phones_are_valid_and_differ() -> None:
    phones = [people.phone(number, 123_456) for number in range(2000)]
    assert len(set(phones)) == 2000
    assert len({digits[-3:] for digits in phones[:100]}) > 80, "masked phones look alike"
    for digits in phones:
        assert phonenumbers.is_valid_number(phonenumbers.parse(f"+{digits}"))


@pytest.mark.parametrize("digits", ["60123456789", "60112345678", "628123456789", "6591234567"])
def test_spellings_are_of_one_phone(digits: str) -> None:
    ways = people.spellings(digits)
    assert len(set(ways)) == len(ways) >= 5
    assert {person(way) for way in ways} == {digits}


def test_names_come_in_several_scripts() -> None:
    names = [str(row[3]) for row in next(generate(DemoSize(), NOW).portions()).contacts]
    for script in ("\u4e00-\u9fff", "\u0b80-\u0bff", "\u0e00-\u0e7f", "\u0600-\u06ff", "🌀-🫿"):
        assert any(re.search(f"[{script}]", name) for name in names), script


def person(phone: str) -> str:
    """The digits with country code that a phone's spelling stands for, in Malaysia."""
    digits = re.sub(r"\D", "", phone.partition("@")[0]).removeprefix("00")
    return f"60{digits[1:]}" if digits.startswith("0") else digits


@dataclass(frozen=True)
class Loaded:
    """A database with the demo's rows."""

    size: DemoSize
    demo: LoadedDemo
    connection: psycopg.Connection[Any]

    def count(self, sql: str, **params: Any) -> int:
        """The one number that a query gives."""
        row = self.connection.execute(sql, {"now": NOW, **params}).fetchone()
        assert row is not None
        return int(row[0])


async def load_into(dsn: str, size: DemoSize) -> LoadedDemo:
    async with Database.open(Access(dsn)) as database:
        return await load(database, size, NOW)


@pytest.fixture(scope="module", params=[DemoSize(), SMALL], ids=["default", "small"])
def loaded(request: pytest.FixtureRequest, server: TestServer) -> Iterator[Loaded]:
    name = server.create("template0")
    demo = asyncio.run(load_into(server.dsn(name), request.param))
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        yield Loaded(request.param, demo, connection)
    server.drop(name)


CONTACTS = "SELECT count(*) FROM sequence_contacts c WHERE "
MESSAGES = "SELECT count(*) FROM broadcast_messages m WHERE "
NO_MESSAGE = (
    "NOT EXISTS (SELECT FROM broadcast_messages m WHERE m.sequence_stepid = c.sequence_stepid "
    "AND right(m.recipient_phone, 8) = "
    "right(regexp_replace(split_part(c.contact_phone, '@', 1), '[^0-9]', '', 'g'), 8))"
)
GROUPS = (
    "SELECT count(*) FROM (SELECT FROM sequence_contacts "
    "GROUP BY sequence_id, contact_phone, sequence_stepid "
    "HAVING array_agg(status ORDER BY status) = %(states)s) groups"
)


@pytest.mark.parametrize(
    "states",
    [
        ["active", "pending"],
        ["completed", "pending"],
        ["failed", "pending"],
        ["pending", "pending"],
        ["completed", "completed"],
        ["active", "active"],
        ["active", "pending", "pending"],
        ["completed", "pending", "pending"],
    ],
    ids="+".join,
)
def test_duplicate_groups_of_every_mix(loaded: Loaded, states: list[str]) -> None:
    assert loaded.count(GROUPS, states=states) >= 1


def test_aqil_has_step_two_twice(loaded: Loaded) -> None:
    found = loaded.connection.execute(
        "SELECT c.status FROM sequence_contacts c JOIN sequences s ON s.id = c.sequence_id "
        "JOIN sequence_steps t ON t.id = c.sequence_stepid WHERE s.name = 'Welcome' "
        "AND t.day_number = 2 AND c.current_step = 2 AND c.contact_name = 'Aqil 2' "
        "AND c.contact_phone = '60142550881' ORDER BY 1"
    ).fetchall()
    assert found == [("active",), ("pending",)]


def test_some_people_are_enrolled_in_two_spellings(loaded: Loaded) -> None:
    found: dict[tuple[UUID, str], set[str]] = {}
    for sequence, phone in loaded.connection.execute(
        "SELECT sequence_id, contact_phone FROM sequence_contacts WHERE contact_phone <> ''"
    ):
        found.setdefault((sequence, person(phone)), set()).add(phone)
    doubled = [spelled for spelled in found.values() if len(spelled) == 2]
    assert len(doubled) == 1 + loaded.size.contacts // 450


@pytest.mark.parametrize(
    ("defect", "least"),
    [
        (CONTACTS + "status = 'active' AND processing_started_at < %(now)s - interval '1 hour' AND "
         + NO_MESSAGE, 1),
        (CONTACTS + "status = 'active' AND processing_started_at IS NULL AND " + NO_MESSAGE, 1),
        (CONTACTS + "sequence_stepid IS NULL", 1),
        (CONTACTS + "status = 'paused'", 1),
        (CONTACTS + "status = 'sequence_failed'", 1),
        (CONTACTS + "status = 'sent'", 1),
        (CONTACTS + "contact_phone LIKE '%%@g.us'", 1),
        (CONTACTS + "contact_phone LIKE '%%@lid'", 1),
        (CONTACTS + "contact_phone ~ '^[0-9]{15}$'", 1),
        (CONTACTS + "contact_phone ~ '^[a-z ]+$'", 1),
        (CONTACTS + "contact_phone = ''", 1),
        (CONTACTS + "assigned_device_id IS NULL", 1),
        (CONTACTS + "assigned_device_id NOT IN (SELECT id FROM user_devices)", 1),
        (CONTACTS + "strpos(contact_name, '[/]' || chr(27)) > 0", 1),
        (CONTACTS + "length(contact_name) > 80", 1),
        (CONTACTS + "status = 'pending' AND next_trigger_time BETWEEN %(now)s - interval '23 hours' "
         "AND %(now)s - interval '2 hours'", 1),
        (CONTACTS + "status = 'pending' AND next_trigger_time < %(now)s - interval '3 days'", 1),
        (CONTACTS + "status = 'failed' AND last_error IS NOT NULL", 1),
        (MESSAGES + "status = 'failed' AND error_message = 'Phone is not on whatsapp'", 1),
        (MESSAGES + "status = 'failed' AND error_message = 'you are not logged in'", 1),
        (MESSAGES + "status = 'processing'", 1),
        (MESSAGES + "sequence_id IS NULL AND status = 'pending' AND scheduled_at <= %(now)s", 1),
        (MESSAGES + "sequence_id IS NULL AND status = 'pending' AND scheduled_at > %(now)s", 1),
        (MESSAGES + "status = 'pending' AND EXISTS (SELECT FROM broadcast_messages s WHERE s.status "
         "= 'sent' AND s.sequence_stepid = m.sequence_stepid AND s.recipient_phone = m.recipient_phone)",
         1),
        (CONTACTS + "sequence_id IN (SELECT id FROM sequences WHERE NOT is_active)", 4),
        (CONTACTS + "sequence_id IN (SELECT sequence_id FROM sequence_steps GROUP BY sequence_id "
         "HAVING count(*) > count(DISTINCT day_number))", 4),
        ("SELECT count(*) FROM user_devices WHERE status IN ('offline', 'disconnected')", 2),
        ("SELECT count(DISTINCT platform) FROM user_devices", 2),
        ("SELECT count(DISTINCT user_id) FROM user_devices", 3),
    ],
)  # fmt: skip
def test_promised_defects(loaded: Loaded, defect: str, least: int) -> None:
    assert loaded.count(defect) >= least


def test_named_devices_are_what_they_are_named_for(loaded: Loaded) -> None:
    demo = loaded.demo
    offline = {row[0] for row in loaded.connection.execute(
        "SELECT id FROM user_devices WHERE status IN ('offline', 'disconnected')"
    )}  # fmt: skip
    assert set(demo.offline_devices) == offline
    sent = MESSAGES + "device_id = %(device)s AND sent_at > %(now)s - %(within)s::interval"
    for within in ("55 minutes", "1 hour", "2 hours"):
        assert loaded.count(sent, device=demo.full_device, within=within) == 80
    due = MESSAGES + "device_id = %(device)s AND status = 'pending' AND scheduled_at <= %(now)s"
    for device in (demo.full_device, demo.failing_device):
        assert loaded.count(due, device=device) >= 5


def test_no_device_sent_more_than_its_limit(loaded: Loaded) -> None:
    most = loaded.count(
        "SELECT max(n) FROM (SELECT count(*) OVER (PARTITION BY device_id ORDER BY sent_at RANGE "
        "BETWEEN interval '1 hour' PRECEDING AND CURRENT ROW) n "
        "FROM broadcast_messages WHERE status = 'sent') windows"
    )
    assert most == 80


def test_every_device_has_something_to_do_soon(loaded: Loaded) -> None:
    idle = loaded.count(
        "SELECT count(*) FROM user_devices d WHERE NOT EXISTS (SELECT FROM sequence_contacts c "
        "WHERE c.assigned_device_id = d.id AND c.status = 'pending' AND c.next_trigger_time "
        "BETWEEN %(now)s - interval '10 minutes' AND %(now)s + interval '10 minutes')"
    )
    assert idle == 0


def test_rows_are_consistent_where_they_are_not_dirty(loaded: Loaded) -> None:
    assert loaded.count("SELECT count(*) FROM sequence_contacts") == loaded.demo.contact_rows
    assert loaded.count("SELECT count(*) FROM broadcast_messages") == loaded.demo.messages
    nothing_to_show = (
        CONTACTS + "status = 'completed' AND NOT EXISTS (SELECT FROM broadcast_messages m WHERE "
        "m.status = 'sent' AND m.error_message IS NULL AND m.sent_at = c.completed_at "
        "AND m.sequence_stepid = c.sequence_stepid AND m.recipient_name = c.contact_name)"
    )
    assert loaded.count(nothing_to_show) == 0
    assert loaded.count(CONTACTS + "completed_at > %(now)s") == 0
    assert loaded.count(MESSAGES + "sent_at > %(now)s OR created_at > %(now)s") == 0
    assert loaded.count(MESSAGES + "content LIKE '%%{name}%%'") == 0


def test_contact_rows_have_no_key_but_their_id(loaded: Loaded) -> None:
    keys = loaded.connection.execute(
        "SELECT conname::text, contype::text FROM pg_constraint WHERE contype IN ('p', 'u', 'f') "
        "AND conrelid IN ('sequence_contacts'::regclass, 'broadcast_messages'::regclass) ORDER BY 1"
    ).fetchall()
    assert keys == [("broadcast_messages_pkey", "p"), ("sequence_contacts_pkey", "p")]


def test_loading_over_existing_tables_is_refused(loaded: Loaded, server: TestServer) -> None:
    before = loaded.count("SELECT count(*) FROM sequence_contacts")
    with pytest.raises(StoreError):
        asyncio.run(load_into(server.dsn(loaded.connection.info.dbname), loaded.size))
    assert loaded.count("SELECT count(*) FROM sequence_contacts") == before


def test_ids_are_random_uuids_of_version_four() -> None:
    portion = next(generate(DemoSize(), NOW).portions())
    ids = [UUID(hex=str(row[0])) for row in chain(portion.contacts, portion.messages)]
    assert {id.version for id in islice(ids, 200)} == {4}
    assert len(set(ids)) == len(ids)
