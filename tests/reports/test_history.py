"""Everything of one person: all sequences, spellings, tries, and who did what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.operations.holds import pause
from engine.operations.model import Scope
from engine.operations.note import note
from engine.operations.targets import find
from engine.reports.history import history
from engine.store import Database
from tests.cli.conftest import Command
from tests.engine.steps import end, prepare, send_all, take
from tests.operations.scene import ME
from tests.reports.conftest import Moves
from tests.world import World

pytestmark = pytest.mark.anyio

PHONE = "60123456789"
HOSTILE = "Aqil \x1b]0;owned\x07"


async def lived(world: World, database: Database) -> None:
    """Two sequences in two spellings, a campaign, a retry, a hold; and somebody else."""
    world.freeze()
    world.engine()
    device = world.device("Sales 3")
    for name, phone in (("Welcome", "+60 12-345 6789"), ("Offers", "60123456789")):
        sequence = world.sequence(name, delays=(0, 24))
        world.contact(sequence, phone, device, name=HOSTILE, statuses=("pending", "pending"))
        await prepare(database)
        world.advance(seconds=30)
    await end(database, await take(database), Answer(Verdict.RETRY, "timeout"))
    world.advance(hours=2)
    for _ in range(2):
        await send_all(database)
        world.advance(minutes=1)
    world.message(device, PHONE)
    world.message(device, "60129999999", "to another")
    await send_all(database)
    await send_all(database)
    target = await find(database, Scope.CONTACT, [PHONE])
    await pause(database, ME, target, "asked for quiet")


async def test_one_person_over_all_sequences_and_spellings(
    world: World, database: Database
) -> None:
    await lived(world, database)
    found = await history(database, "+60 (0)12 345 6789")
    assert found.phone_key == PHONE
    assert {(row.sequence_name, row.day_number, row.status) for row in found.rows} == {
        ("Welcome", 1, "completed"), ("Welcome", 2, "pending"),
        ("Offers", 1, "completed"), ("Offers", 2, "pending"),
    }  # fmt: skip
    sent = [e for e in found.events if e.what == "sent"]
    assert sorted(e.sequence_name or "" for e in sent) == ["", "Offers", "Welcome"]
    assert {e.message_id for e in sent} == {
        row["id"]
        for row in world.run("SELECT id FROM broadcast_messages WHERE recipient_phone = %s", PHONE)
    }
    tries = world.value(
        "SELECT count(*) FROM seqconsole.attempts WHERE phone_key = %s AND outcome = 'retry'", PHONE
    )
    [again] = [e for e in found.events if e.what == "retry"]
    assert tries == 1
    assert "timeout" in (again.detail or "")
    [held] = [e for e in found.events if e.what == "held"]
    assert "asked for quiet" in (held.detail or "")
    [paused] = [e for e in found.events if e.what == "pause"]
    assert (paused.who, paused.operation_id) == (ME, 1)
    times = [e.at for e in found.events if e.at]
    assert times == sorted(times)


async def test_what_another_program_left_and_deleted_is_there(
    world: World, database: Database
) -> None:
    world.freeze()
    device = world.device("Sales 3")
    one, two = (world.message(device, PHONE) for _ in range(2))
    world.run("UPDATE broadcast_messages SET status = 'sent', sent_at = now() WHERE id = %s", one)
    await prepare(database)
    world.run("DELETE FROM broadcast_messages WHERE id = %s", one)
    world.run("UPDATE broadcast_messages SET status = 'odd', created_at = NULL WHERE id = %s", two)
    await prepare(database)
    events = (await history(database, PHONE)).events
    told = [(e.message_id, e.what) for e in events]
    assert (one, "sent") in told
    assert (two, "queued") in told


async def test_how_a_person_came_and_what_it_answered(world: World, database: Database) -> None:
    world.freeze()
    sequence = world.sequence("Welcome")
    done = await note(database, ME, "stands for an enrolment")
    world.run(
        "INSERT INTO seqconsole.enrolments (sequence_id, phone_key, run, source, operation_id, at) "
        "VALUES (%s, %s, 2, 'contacts.csv', %s, seqconsole.now())",
        sequence[0],
        PHONE,
        done.operation_id,
    )
    for kind in ("p", "s"):
        world.advance(minutes=1)
        world.run(
            "INSERT INTO seqconsole.replies (reply_id, phone_key, sequence_id, kind, at, seen_at) "
            "VALUES (%s, %s, %s, %s, seqconsole.now(), seqconsole.now())",
            kind,
            PHONE,
            sequence[0],
            kind,
        )
    events = (await history(database, PHONE)).events
    assert [(e.what, e.sequence_name) for e in events] == [
        ("enrolled", "Welcome"), ("replied", "Welcome"), ("asked to stop", "Welcome"),
    ]  # fmt: skip
    assert (events[0].detail, events[0].who) == ("contacts.csv, run 2", ME)


def test_the_command(after: Callable[[Moves], Any], seqconsole: Command) -> None:
    after(lived)
    said = seqconsole("history", "012-3456789".replace("0", "+60", 1))
    assert said.code == 0
    assert "+60***789: 4 contact rows" in said.out
    assert "asked for quiet" in said.out
    assert "\x1b" not in said.out
    told = seqconsole("history", PHONE, "--json")
    assert PHONE not in told.out
    assert len(told.json["rows"]) == 4
    assert PHONE in seqconsole("history", PHONE, "--json", "--full-phones").out
    assert seqconsole("history", "60120000000").is_one_line("nothing is known of +60***000")
    assert seqconsole("history", "nobody@g.us").is_one_line("can't be a phone number")
