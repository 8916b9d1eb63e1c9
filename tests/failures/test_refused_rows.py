"""A row that the operator's tables refuse to change, at each move of the engine: it is named, and stops no other."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from engine import sending
from engine.alarms import find_unclaimable
from engine.gateways.protocol import Answer, Verdict
from engine.journal import Claimed, Journal
from engine.recovery import expire, recover
from engine.replaying import replay_journals
from engine.store import Database
from tests.engine.inprocess import RecordingGateway, until, working
from tests.engine.steps import SENT, prepare, send_all, take
from tests.world import World

pytestmark = pytest.mark.anyio

BAD = "60123456780"


def refuse(world: World, table: str, phone: str, status: str) -> None:
    """A trigger of another application that raises where a person's row gets this status."""
    column = "contact_phone" if table == "sequence_contacts" else "recipient_phone"
    world.run(
        "CREATE OR REPLACE FUNCTION public.enforce() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF new.{column} = '{phone}' AND new.status = '{status}' AND EXISTS (SELECT FROM public.enforced) THEN "
        f"RAISE EXCEPTION 'it may not become {status}'; END IF; RETURN new; END $$"
    )
    world.run("CREATE TABLE public.enforced AS SELECT 1")
    world.run(
        f"CREATE TRIGGER enforce BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION public.enforce()"
    )


def mend(world: World) -> None:
    world.run("DELETE FROM public.enforced")


def findings(world: World) -> list[dict[str, object]]:
    return world.run(
        "SELECT ids, detail ->> 'why' AS why FROM seqconsole.findings WHERE kind = 'unclaimable'"
    )


async def test_f21_f90_a_step_that_may_not_become_active_stops_no_other(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0,))
    rows = [
        world.contact(sequence, f"6012345678{n}", world.device(f"d{n}"), due=now)[0]
        for n in range(4)
    ]
    refuse(world, "sequence_contacts", BAD, "active")
    assert len(await send_all(database)) == 3
    assert world.statuses() == {"completed": 3, "pending": 1}
    [found] = findings(world)
    assert found["ids"] == [rows[0]]
    assert "may not become active" in str(found["why"])
    mend(world)
    world.advance(hours=1)
    assert len(await send_all(database)) == 1
    await find_unclaimable(database)
    assert findings(world) == []


async def test_f21_f90_a_message_that_may_not_become_sending_stops_no_other(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    messages = [world.message(world.device(f"d{n}"), f"6012345678{n}") for n in range(4)]
    await prepare(database)
    refuse(world, "broadcast_messages", BAD, "sending")
    assert {c.message_id for c in await take(database)} == set(messages[1:])
    assert world.value("SELECT count(*) FROM seqconsole.attempts") == 3
    [found] = findings(world)
    assert found["ids"] == [messages[0]]
    assert "may not become sending" in str(found["why"])
    mend(world)
    world.advance(hours=1)
    assert [c.message_id for c in await take(database)] == [messages[0]]
    await find_unclaimable(database)
    assert findings(world) == []


async def test_f90_a_doubt_that_may_not_be_recorded_stops_no_other(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    for n in range(4):
        world.message(world.device(f"d{n}"), f"6012345678{n}")
    await prepare(database)
    assert len(await take(database)) == 4
    refuse(world, "broadcast_messages", BAD, "unknown")
    world.advance(seconds=151)
    assert await recover(database) == 3
    assert world.statuses("broadcast_messages") == {"unknown": 3, "sending": 1}
    assert await recover(database) == 0


@pytest.mark.slow
async def test_f90_a_step_that_may_not_expire_stops_no_other(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    device = world.device(limit=0)
    sequence = world.sequence(delays=(0,))
    world.setting("valid_for", "1 hour", "step", str(sequence[1]))
    for n in range(4):
        world.contact(sequence, f"6012345678{n}", device, due=now)
    await prepare(database)
    refuse(world, "broadcast_messages", BAD, "skipped")
    world.advance(hours=2)
    await expire(database)
    assert world.statuses("broadcast_messages") == {"pending": 1, "skipped": 3}


@pytest.mark.slow
async def test_f90_an_outcome_that_may_not_be_recorded_stops_no_other(
    world: World, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept and tried again alone; the others of its batch, and all that follow, are recorded."""
    monkeypatch.setattr(sending, "REFUSED_AGAIN", 0.05)
    world.engine()
    refuse(world, "broadcast_messages", BAD, "failed")
    devices = [world.device(f"d{n}") for n in range(4)]
    for turn in range(2):
        for n, device in enumerate(devices[turn:]):
            world.message(device, f"6012345678{n + 4 * turn}")
    gateway = RecordingGateway(Answer(Verdict.FAIL, "INVALID_JID", body="not on WhatsApp"))
    states = partial(world.statuses, "broadcast_messages")
    async with working(database, gateway, tmp_path):
        await until(lambda: states() == {"failed": 6, "sending": 1})
        mend(world)
        await until(lambda: states() == {"failed": 7})
    assert len(gateway.sent) == 7


@pytest.mark.slow
async def test_f90_a_refused_outcome_of_a_dead_worker_stops_no_other_journal(
    world: World, database: Database, tmp_path: Path
) -> None:
    world.freeze()
    world.engine()
    for n in range(4):
        world.message(world.device(f"d{n}"), f"6012345678{n}")
    await prepare(database)
    claims = [
        (worker, claim)
        for worker in (UUID(int=1), UUID(int=2))
        for claim in await take(database, 2, worker)
    ]
    assert len(claims) == 4
    for worker in (UUID(int=1), UUID(int=2)):
        journal = Journal.open(tmp_path, worker)
        for own in (c for w, c in claims if w == worker):
            journal.claimed(
                [
                    Claimed(
                        own.attempt_id,
                        own.claimed_at,
                        own.message_id,
                        own.device_id,
                        own.phone,
                        own.step_id,
                    )
                ]
            )
            journal.writing(own.attempt_id)
            journal.answered(own.attempt_id, SENT)
        journal.close()
    refuse(world, "broadcast_messages", claims[0][1].phone, "sent")
    assert await replay_journals(database, tmp_path) == 3
    assert world.statuses("broadcast_messages") == {"sent": 3, "sending": 1}
    mend(world)
    assert await replay_journals(database, tmp_path) == 1
    assert world.statuses("broadcast_messages") == {"sent": 4}
