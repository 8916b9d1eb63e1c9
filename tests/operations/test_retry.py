"""Retry: failed messages queued again, within the cap, but for what is permanent; and its undo."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.operations.model import OperationRefused
from engine.operations.repair import apply_repair
from engine.operations.repair_facts import Selection
from engine.operations.retry import Retry
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import end, prepare, send_all, take
from tests.operations.repairs import comes_back, preview, repair, state_of
from tests.operations.scene import ME, sound
from tests.world import World

pytestmark = pytest.mark.anyio

BAD = Answer(Verdict.FAIL, "INVALID_JID", body="not on WhatsApp")
BROKEN = Answer(Verdict.FAIL, "MEDIA_TOO_OLD", body="media link has expired")


async def failed(
    world: World, database: Database, *phones: str, answer: Answer = BROKEN
) -> list[UUID]:
    """People whose first step of two was tried and failed."""
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    rows = [
        world.contact(sequence, phone, world.device(phone), statuses=("pending", "pending"))[0]
        for phone in phones
    ]
    await prepare(database)
    claims = await take(database)
    assert len(claims) == len(phones)
    await end(database, claims, answer)
    return rows


async def test_a_failed_message_goes_back_into_the_queue(world: World, database: Database) -> None:
    world.freeze()
    (row,) = await failed(world, database, "60111111111")
    assert state_of(world, row) == "failed"
    done = await comes_back(world, database, Retry())
    assert done.sends_from == world.now() + timedelta(seconds=10)
    assert world.statuses() == {"active": 1, "pending": 1}
    world.advance(seconds=9)
    await prepare(database)
    assert await take(database) == []
    world.advance(seconds=1)
    (claim,) = await take(database)
    assert claim.tries == 0
    await end(database, [claim])
    assert state_of(world, row) == "completed"
    await sound(world, database)


async def test_by_error_text_and_device(world: World, database: Database) -> None:
    world.freeze()
    rows = await failed(world, database, "60111111111", "60122222222")
    nothing = await preview(database, Retry(), Selection(error="no such text"))
    assert (nothing.n, nothing.refused) == (0, ())
    device = world.value("SELECT id FROM user_devices WHERE device_name = '60122222222'")
    both = Selection(error="LINK has exp", devices=(device,))
    shown = await preview(database, Retry(), both)
    assert (shown.steps, shown.may_send) == (1, 1)
    assert "Tried 1 times so far; at most 20 in all." in shown.lines
    await repair(database, Retry(), both)
    assert [state_of(world, r) for r in rows] == ["failed", "active"]


async def test_f66_only_what_has_failed(world: World, database: Database) -> None:
    """Queued, in flight, in doubt, sent, skipped: named one by one, none of them is queued again."""
    world.freeze()
    world.engine()
    states = ("pending", "sending", "unknown", "sent", "skipped")
    ids = {
        state: world.message(world.device(state), f"6012345678{n}")
        for n, state in enumerate(states)
    }
    await prepare(database)
    world.run("UPDATE broadcast_messages SET status = 'skipped' WHERE id = %s", ids["skipped"])
    claims = {c.message_id: c for c in await take(database) if c.message_id != ids["skipped"]}
    waits = Answer(Verdict.RETRY, "DEVICE_MANAGER_UNAVAILABLE")
    await end(database, [claims[ids["pending"]]], waits)
    await end(database, [claims[ids["unknown"]]], Answer(Verdict.UNKNOWN, "timeout"))
    await end(database, [claims[ids["sent"]]])
    before = world.run("SELECT id, status, scheduled_at FROM broadcast_messages ORDER BY id")
    assert {r["status"] for r in before} == set(states)
    shown = await preview(database, Retry(), Selection(ids=tuple(ids.values())))
    assert shown.n == 0
    assert len(shown.refused) == len(states), shown.refused
    with pytest.raises(OperationRefused):
        await apply_repair(
            database, ME, Retry(), Selection(ids=tuple(ids.values())), pinned=shown.pinned
        )
    after = world.run("SELECT id, status, scheduled_at FROM broadcast_messages ORDER BY id")
    assert after == before


async def test_f63_permanent_errors_and_the_cap(world: World, database: Database) -> None:
    world.freeze()
    (row,) = await failed(world, database, "60111111111", answer=BAD)
    shown = await preview(database, Retry())
    assert shown.n == 0
    assert "permanent: INVALID_JID (--even-permanent)" in shown.refused[0]
    assert "+60***111" in shown.refused[0]
    capped = await preview(database, Retry(even_permanent=True, most_tries=1))
    assert "tried 1 times (--max-tries)" in capped.refused[0]
    with pytest.raises(OperationRefused, match="permanent"):
        await apply_repair(database, ME, Retry(), pinned=shown.pinned)
    await repair(database, Retry(even_permanent=True))
    assert state_of(world, row) == "active"


async def test_whose_next_step_went_on_is_not_retried(world: World, database: Database) -> None:
    world.freeze()
    (row,) = await failed(world, database, "60111111111")
    sequence = world.value("SELECT sequence_id FROM sequence_contacts LIMIT 1")
    world.setting("on_failure", "skip", "sequence", str(sequence))
    world.run("UPDATE sequences SET is_active = false")
    world.run("UPDATE sequences SET is_active = true")
    await prepare(database)
    assert world.statuses() == {"failed": 1, "active": 1}
    shown = await preview(database, Retry(), Selection(ids=(row,)))
    assert "a later step of this person went on" in shown.refused[0]


async def test_a_failed_campaign_message_and_a_foreign_failure(
    world: World, database: Database
) -> None:
    world.freeze()
    world.engine()
    device = world.device()
    campaign = world.message(device, "60111111111")
    world.run("UPDATE broadcast_messages SET status = 'failed', error_message = 'scan qr'")
    world.contact(world.sequence(), "60122222222", device, statuses=("failed",))
    await prepare(database)
    shown = await preview(database, Retry())
    assert dict(shown.kinds) == {
        "failed -> queued again": 1,
        "failed without a message -> pending": 1,
    }
    await comes_back(world, database, Retry())
    world.advance(seconds=10)
    sent = await send_all(database)
    assert sent[0].message_id == campaign
    world.advance(seconds=10)
    assert len(await send_all(database)) == 1
    await sound(world, database)


async def test_what_changed_since_the_preview_is_refused(world: World, database: Database) -> None:
    world.freeze()
    await failed(world, database, "60111111111")
    shown = await preview(database, Retry())
    world.run("UPDATE broadcast_messages SET error_message = 'mine'")
    with pytest.raises(OperationRefused, match="changed since the preview"):
        await apply_repair(database, ME, Retry(), pinned=shown.pinned)
    assert world.statuses("broadcast_messages") == {"failed": 1}
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0


async def test_undo_is_refused_once_it_was_tried(world: World, database: Database) -> None:
    world.freeze()
    await failed(world, database, "60111111111")
    done = await repair(database, Retry())
    world.advance(seconds=10)
    await prepare(database)
    await end(database, await take(database), BROKEN)
    with pytest.raises(OperationRefused, match=r"\+60\*\*\*111: a message of it was tried since"):
        await undo(database, ME, done.operation_id)
