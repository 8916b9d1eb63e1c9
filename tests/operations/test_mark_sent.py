"""The operator's word on what is in doubt, and its undo."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.operations.mark_sent import MarkNotSent, MarkSent
from engine.operations.model import OperationRefused
from engine.operations.repair_facts import Selection
from engine.operations.retry import Retry
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import end, prepare, send_all, take
from tests.operations.repairs import comes_back, message_state, preview, repair, state_of, step
from tests.operations.scene import ME, sound
from tests.world import World

pytestmark = pytest.mark.anyio

DOUBT = Answer(Verdict.UNKNOWN, "timeout")
SENT, NOT_SENT = MarkSent("ana"), MarkNotSent("ana")


async def in_doubt(world: World, database: Database) -> list[UUID]:
    """A person whose first step of two was tried, and nobody knows whether it was sent."""
    world.engine()
    rows = world.contact(
        world.sequence(delays=(0, 1)),
        "60111111111",
        world.device(),
        statuses=("pending", "pending"),
    )
    await prepare(database)
    await end(database, await take(database), DOUBT)
    assert world.statuses("broadcast_messages") == {"unknown": 1}
    return rows


async def test_sent_completes_the_step_and_plans_the_next(world: World, database: Database) -> None:
    at = world.freeze()
    first, second = await in_doubt(world, database)
    world.advance(hours=5)
    ring = world.value("SELECT ring FROM seqconsole.devices")
    await comes_back(world, database, SENT)
    assert state_of(world, first) == "completed"
    attempt = world.run("SELECT outcome, evidence FROM seqconsole.attempts")
    assert attempt == [{"outcome": "sent", "evidence": "operator"}]
    assert world.value("SELECT evidence FROM seqconsole.deliveries") == "o"
    assert world.value("SELECT sent_at FROM broadcast_messages") == at
    assert world.value("SELECT completed_at FROM sequence_contacts WHERE id = %s", first) == at
    assert world.value("SELECT ring FROM seqconsole.devices") == ring
    due = world.value("SELECT at FROM seqconsole.progress")
    assert due == world.now() + timedelta(hours=1)  # from now: steps shift, they never catch up
    world.advance(hours=1)
    await send_all(database)
    assert state_of(world, second) == "completed"
    await sound(world, database)


async def test_not_sent_fails_and_may_be_retried_as_a_doubt(
    world: World, database: Database
) -> None:
    world.freeze()
    (first, _) = await in_doubt(world, database)
    ring = world.value("SELECT ring FROM seqconsole.devices")
    done = await comes_back(world, database, NOT_SENT)
    assert done.sends_from is None
    assert state_of(world, first) == "failed"
    assert world.value("SELECT ring FROM seqconsole.devices") == ring  # a word is no proof
    world.advance(minutes=5)
    await prepare(database)
    assert await take(database) == []
    shown = await preview(database, Retry())
    assert "1 message had been in doubt: who has it already gets it twice." in shown.lines
    again = await repair(database, Retry())
    assert "1 of them sent again after a doubt" in again.summary
    summary = world.value("SELECT summary FROM seqconsole.operations ORDER BY id DESC LIMIT 1")
    assert summary == "retried 1 step, 1 of them sent again after a doubt"
    world.advance(seconds=10)
    await send_all(database)
    assert state_of(world, first) == "completed"
    await sound(world, database)


@pytest.mark.parametrize("word", [SENT, NOT_SENT], ids=["sent", "not sent"])
async def test_a_doubt_whose_contact_row_was_deleted(
    world: World, database: Database, word: MarkSent | MarkNotSent
) -> None:
    world.freeze()
    world.engine()
    [first, second] = world.contact(
        world.sequence(delays=(0, 0)), "60111111111", world.device(), statuses=("pending",) * 2
    )
    await prepare(database)
    claims = await take(database)
    world.run("DELETE FROM sequence_contacts WHERE id = %s", first)
    await end(database, claims, DOUBT)
    await prepare(database)
    done = await comes_back(world, database, word)
    assert done.sends_from == world.now() + timedelta(seconds=10), "no row holds the next step"
    assert await send_all(database) == []
    world.advance(seconds=10)
    await send_all(database)
    assert state_of(world, second) == "completed"
    await sound(world, database)


async def test_a_doubt_of_another_application(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    device, sequence = world.device(), world.sequence(delays=(0, 0))
    contact, message = step(
        world, sequence, 1, "60111111111", "active", device=device, message="sending"
    )
    other, sent = step(
        world, sequence, 1, "60122222222", "pending", device=device, message="processing"
    )
    world.run("DELETE FROM seqconsole.changes WHERE kind = 'another sender'")
    await prepare(database)
    await comes_back(world, database, NOT_SENT, Selection(ids=(contact,)))
    assert (state_of(world, contact), message_state(world, message)) == ("failed", "failed")
    await comes_back(world, database, SENT)
    assert (state_of(world, other), message_state(world, sent)) == ("completed", "sent")
    await sound(world, database)


async def test_only_a_doubt_is_settled_as_not_sent(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    rows = world.contact(world.sequence(), "60111111111", world.device())
    await prepare(database)
    shown = await preview(database, NOT_SENT, Selection(ids=(rows[0],)))
    assert "it is pending: only what is in doubt can be settled so" in shown.refused[0]
    claims = await take(database)
    flying = await preview(database, SENT, Selection(ids=(rows[0],)))
    assert "in flight" in flying.refused[0]
    await end(database, claims)
    sent = await preview(database, SENT, Selection(ids=(rows[0],)))
    assert "it was sent already" in sent.refused[0]


async def test_what_was_sent_by_hand(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    rows = world.contact(
        world.sequence(delays=(48, 0)),
        "60111111111",
        world.device(),
        statuses=("pending", "pending"),
    )
    await prepare(database)
    assert (await preview(database, SENT)).n == 0
    done = await comes_back(world, database, SENT, Selection(ids=(rows[0],)))
    assert done.n == 1
    assert state_of(world, rows[0]) == "completed"
    world.advance(seconds=10)
    (claim,) = await send_all(database)
    assert claim.step_id != world.value(
        "SELECT sequence_stepid FROM sequence_contacts WHERE id = %s", rows[0]
    )
    await sound(world, database)


async def test_a_receipt_after_the_word_changes_nothing(world: World, database: Database) -> None:
    world.freeze()
    world.engine()
    world.contact(world.sequence(), "60111111111", world.device())
    await prepare(database)
    claims = await take(database)
    await end(database, claims, DOUBT)
    done = await repair(database, SENT)
    assert await end(database, claims, Answer(Verdict.FAIL, "INVALID_JID")) == []
    assert world.statuses("broadcast_messages") == {"sent": 1}
    await undo(database, ME, done.operation_id)
    await end(database, claims)  # the worker's own proof settles the doubt
    assert world.statuses("broadcast_messages") == {"sent": 1}
    await sound(world, database)


async def test_undo_is_refused_once_the_next_step_is_queued(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    world.contact(
        world.sequence(delays=(0, 0)),
        "60111111111",
        world.device(),
        statuses=("pending", "pending"),
    )
    await prepare(database)
    await end(database, await take(database), DOUBT)
    done = await repair(database, SENT)
    world.advance(seconds=10)
    await prepare(database)
    with pytest.raises(OperationRefused, match="its next step was queued since"):
        await undo(database, ME, done.operation_id)
