"""People of a file become contact rows: whole, once, with an undo."""

from __future__ import annotations

import asyncio

import pytest

from engine.enrolling.enrol import enrol, preview_enrol
from engine.enrolling.staging import staged_file
from engine.operations import undo as undoing
from engine.operations.model import OperationRefused
from engine.operations.undo import undo
from engine.rollup import roll_up_all
from engine.scheduling import schedule
from engine.store import Database
from tests.engine.steps import end, prepare, send_all, take
from tests.enroll.people import ME, csv_of, enrolled, looked, people
from tests.operations.scene import fingerprint, ledger, sound
from tests.world import World

pytestmark = pytest.mark.anyio
PHONES = [f"6012345670{n}" for n in range(5)]


async def test_f16_a_fresh_enrolment_starts_by_itself(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 24, None))
    world.device()
    await prepare(database)
    done = await enrolled(database, sequence[0], csv_of(PHONES[:1]))
    rows = world.run(
        "SELECT contact_phone, contact_name, current_step, status, user_id, next_trigger_time - seqconsole.now() AS due "
        "FROM sequence_contacts ORDER BY current_step"
    )
    assert [(r["current_step"], r["status"], r["due"].total_seconds() / 3600) for r in rows] == [
        (1, "pending", 0),
        (2, "pending", 24),
        (3, "pending", 48),
    ]
    assert {(r["contact_phone"], r["contact_name"], r["user_id"]) for r in rows} == {
        (PHONES[0], "Aqil", world.user)
    }
    assert (done.n, done.summary) == (1, "enrolled 1 person in Welcome from people.csv")
    assert await send_all(database) == []  # the 10 s before a send
    world.advance(seconds=11)
    assert [c.phone for c in await send_all(database)] == PHONES[:1]
    await sound(world, database)


@pytest.mark.slow
async def test_a_thousand_at_once_are_queued_before_any_statistics(
    world: World, database: Database
) -> None:
    """Each gets a device in one join, not in one a person: that statement would be ended after 30 s."""
    world.engine()
    sequence = world.sequence(delays=(0,))
    for n in range(20):
        world.device(f"d{n}")
    phones = [f"6012{n:07}" for n in range(1000)]
    assert (await enrolled(database, sequence[0], csv_of(phones), now=True)).n == 1000
    await roll_up_all(database)
    assert await schedule(database, 1000) == 1000
    per_device = world.run("SELECT count(*) AS n FROM broadcast_messages GROUP BY device_id")
    assert [row["n"] for row in per_device] == [50] * 20


async def test_f01_f14_f15_other_spellings_are_one_person(world: World, database: Database) -> None:
    sequence = world.sequence(delays=(0,))
    text = csv_of(["60123456789", "+60 12-345 6789", "012-3456789"])
    preview, rejects = await looked(database, sequence[0], text)
    assert preview.n == 1
    assert [(r.line, r.verdict) for r in rejects] == [
        (3, "a line before it has this person"),
        (4, "a line before it has this person"),
    ]
    await enrolled(database, sequence[0], text)
    again = await enrolled(database, sequence[0], csv_of(["+60123456789"]))
    assert (again.n, again.operation_id) == (0, None)
    assert world.statuses() == {"pending": 1}


async def test_f10_f12_who_went_through_is_not_let_in_by_chance(
    world: World, database: Database
) -> None:
    """Also where the contact rows are gone, and where the row failed."""
    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    world.contact(sequence, PHONES[0], world.device(), due=world.now())
    world.contact(sequence, PHONES[1], None, statuses=("failed",))
    assert len(await send_all(database)) == 1
    world.run("DELETE FROM sequence_contacts WHERE contact_phone = %s", PHONES[0])
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder) VALUES ('contact', %s, 'suppression')",
        PHONES[2],
    )
    preview, rejects = await looked(database, sequence[0], csv_of(PHONES))
    assert preview.n == 2
    assert {r.phone: r.verdict for r in rejects} == {
        PHONES[0]: "in the sequence already",
        PHONES[1]: "in the sequence already",
        PHONES[2]: "does not want messages",
    }


async def test_f39_the_preview_counts_and_says_when_it_is_drained(
    world: World, database: Database
) -> None:
    world.freeze()
    sequence = world.sequence(delays=(0, 24))
    world.device("one", gap=(0, 0), limit=10)
    await prepare(database)
    bad = 'phone,name,city\n60123456700,A,Ipoh\nnobody,B,\n"6.01E+10",C,\n,D,\n60123456701,E,x,y\n\n447700900123,F,\n'
    before = fingerprint(world)
    preview, rejects = await looked(database, sequence[0], bad)
    assert [(r.line, r.verdict) for r in rejects] == [
        (3, "not a phone number"),
        (4, "a spreadsheet rounded the number: format its column as text"),
        (5, "no phone number"),
        (6, "too many cells"),
    ]
    assert preview.lines == (
        "2 people come in, with 2 steps each: 4 messages.",
        "1 of the numbers is from abroad.",
        "1 device of its user, at the present limits 240 a day, 0 queued before: drained in about 1.0 days "
        "(0.0 of sending, 1.0 from first to last step).",
    )
    assert fingerprint(world) == before
    assert world.value("SELECT count(*) FROM seqconsole.arrivals") == 0


async def test_f29_all_steps_or_nobody(world: World, database: Database) -> None:
    for sequence, sql, why in (
        (world.sequence("a", (0, -1)), None, "wait less than nothing"),
        (world.sequence("b", (0, 1)), "UPDATE sequence_steps SET day_number = 1 WHERE id = %s", "share a day"),
        (world.sequence("c", (0, 1)), "UPDATE sequence_steps SET content = '{x}' WHERE id = %s", "{x}"),
        (world.sequence("d", ()), None, "it has no steps"),
    ):  # fmt: skip
        if sql:
            world.run(sql, sequence[2])
        with pytest.raises(OperationRefused, match=why):
            await enrolled(database, sequence[0], csv_of(PHONES))
    assert world.statuses() == {}


async def test_f03_a_key_of_one_row_a_contact_is_refused(world: World, database: Database) -> None:
    sequence = world.sequence(delays=(0, 1))
    world.run("CREATE UNIQUE INDEX legacy ON sequence_contacts (sequence_id, contact_phone)")
    try:
        with pytest.raises(OperationRefused, match="one row only"):
            await enrolled(database, sequence[0], csv_of(PHONES))
    finally:
        world.run("DROP INDEX legacy")


async def test_columns_of_the_file_stand_in_the_texts(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    world.run("UPDATE sequence_steps SET content = 'Hi {name|you} of {city|your town}'")
    world.device("a"), world.device("b")
    await prepare(database)
    text = f"nama;phone;City\nAqil 3;{PHONES[0]};Ipoh {{x}}\n;{PHONES[1]};\n"
    await enrolled(database, sequence[0], text, now=True)
    claims = await send_all(database)
    assert {c.content for c in claims} == {"Hi Aqil of Ipoh x", "Hi you of your town"}


async def test_f76_a_person_keeps_the_number_it_knows(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    first, second = world.sequence("one", (0,)), world.sequence("two", (0,))
    known, other = world.device("known"), world.device("other")
    world.contact(first, PHONES[0], known, due=world.now())
    await send_all(database)
    named = f"phone,device\n{PHONES[0]},\n{PHONES[1]},other\n{PHONES[2]},nowhere\n"
    _, rejects = await looked(database, second[0], named)
    assert [(r.line, r.verdict) for r in rejects] == [
        (4, "no such device of this user, or several")
    ]
    await enrolled(database, second[0], named)
    rows = world.run(
        "SELECT contact_phone, assigned_device_id FROM sequence_contacts WHERE sequence_id = %s",
        second[0],
    )
    assert {r["contact_phone"]: r["assigned_device_id"] for r in rows} == {
        PHONES[0]: known,
        PHONES[1]: other,
    }


async def test_two_enrolments_at_once_let_nobody_in_twice(world: World, database: Database) -> None:
    """Each has judged before the other wrote; without the unique key, in two spellings."""
    sequence = world.sequence(delays=(0, 1))
    world.run("ALTER TABLE sequence_contacts DROP CONSTRAINT IF EXISTS uk_sequence_contact_stepid")
    texts = [csv_of(PHONES), csv_of([f"+60 1{p[3:]}" for p in PHONES])]
    async with (
        staged_file(database, sequence[0], people(texts[0])) as one,
        staged_file(database, sequence[0], people(texts[1])) as two,
    ):
        previews = [await preview_enrol(database, b) for b in (one, two)]
        assert [p.n for p in previews] == [5, 5]
        done = await asyncio.gather(
            *(
                enrol(database, ME, b, pinned=p.pinned)
                for b, p in zip((one, two), previews, strict=True)
            )
        )
    assert sorted(d.n for d in done) == [0, 5]
    assert {d.operation_id for d in done if d.n == 0} == {None}
    assert (
        world.value("SELECT count(*) FROM seqconsole.operations WHERE verb = 'enroll' AND n = 0")
        == 0
    )
    assert world.statuses() == {"pending": 10}
    groups = world.run(
        "SELECT 1 FROM sequence_contacts GROUP BY seqconsole.phone_key(contact_phone), sequence_stepid HAVING count(*) > 1"
    )
    assert groups == []


async def test_what_changed_since_the_preview_is_refused(world: World, database: Database) -> None:
    sequence = world.sequence(delays=(0,))
    async with staged_file(database, sequence[0], people(csv_of(PHONES))) as batch:
        preview = await preview_enrol(database, batch)
        world.run("UPDATE sequence_steps SET content = 'other'")
        with pytest.raises(OperationRefused, match="changed since the preview"):
            await enrol(database, ME, batch, pinned=preview.pinned)
    assert world.statuses() == {}


async def test_f41_undo_takes_back_whom_nothing_was_sent(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Queued or not; who got something stays, and why each came in is kept."""
    monkeypatch.setattr(undoing, "BATCH", 2)
    monkeypatch.setattr(undoing, "LOOKED_AT", 2)
    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 1))
    world.device()
    await prepare(database)
    before, owed = fingerprint(world), ledger(world)
    done = await enrolled(database, sequence[0], csv_of(PHONES), now=True)
    source = world.run("SELECT DISTINCT source, operation_id FROM seqconsole.enrolments")
    assert source == [{"source": "people.csv", "operation_id": done.operation_id}]
    assert (await undoing.preview_undo(database, ME, None)).n == 5
    back = await undo(database, ME, None)
    assert (back.n, back.refused) == (5, ())
    assert (fingerprint(world), ledger(world)) == (before, owed)
    assert world.value("SELECT count(*) FROM seqconsole.progress") == 0
    done = await enrolled(database, sequence[0], csv_of(PHONES), now=True)
    await prepare(database)
    claims = await take(database)
    await end(database, claims)
    back = await undo(database, ME, done.operation_id)
    assert back.refused == (
        f"+60***{claims[0].phone[-3:]}: a message of it was tried or settled since",
    )
    assert world.statuses() == {"completed": 1, "pending": 1}
    assert world.statuses("broadcast_messages") == {"sent": 1, "skipped": 4}
    world.advance(hours=2)
    assert [c.phone for c in await send_all(database)] == [claims[0].phone]
    await sound(world, database)


async def test_again_is_a_second_run(world: World, database: Database) -> None:
    """Every step once more, the history stays, and who is under way is left out."""
    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 1))
    world.device()
    await enrolled(database, sequence[0], csv_of(PHONES[:2]), now=True)
    await prepare(database)
    for hours in (0, 0, 2, 2):
        world.advance(hours=hours)
        await send_all(database)
    assert world.statuses() == {"completed": 4}
    await enrolled(database, sequence[0], csv_of(PHONES[2:3]))
    before, owed = fingerprint(world), ledger(world)
    text = csv_of([*PHONES[:4], "+" + PHONES[0]])
    preview, rejects = await looked(database, sequence[0], text, again=True)
    assert preview.n == 3
    assert "2 of them went through before" in preview.lines[1]
    assert [r.verdict for r in rejects] == [
        "still on its way through",
        "a line before it has this person",
    ]
    done = await enrolled(database, sequence[0], text, again=True)
    assert done.summary == "enrolled 3 people in Welcome from people.csv, 2 of them once more"
    assert (await undo(database, ME, done.operation_id)).refused == ()
    assert (fingerprint(world), ledger(world)) == (before, owed)
    await enrolled(database, sequence[0], text, again=True, now=True)
    world.run("UPDATE broadcast_messages SET updated_at = now()")  # another writer touches history
    await prepare(database)
    for hours in (0, 0, 0, 0, 2, 2, 2, 2):
        world.advance(hours=hours, seconds=11)
        await send_all(database)
    assert world.statuses() == {"completed": 8}
    runs = world.run(
        "SELECT phone_key, run, count(*) AS n FROM seqconsole.attempts GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert [(r["phone_key"], r["run"], r["n"]) for r in runs] == [
        (PHONES[0], 1, 2), (PHONES[0], 2, 2), (PHONES[1], 1, 2), (PHONES[1], 2, 2),
        (PHONES[2], 1, 2), (PHONES[3], 1, 2),
    ]  # fmt: skip
    world.run(
        "UPDATE broadcast_messages SET updated_at = now()"
    )  # another writer touches everything
    await sound(world, database)
    with pytest.raises(OperationRefused, match="was tried or settled since"):
        await undo(database, ME, None)
