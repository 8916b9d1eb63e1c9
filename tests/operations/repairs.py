"""What the tests of the repairs share: a person's step in any state, a repair done as previewed, and undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from engine.operations.model import Done
from engine.operations.repair import Repair, RepairPreview, apply_repair, preview_repair
from engine.operations.repair_facts import EVERYTHING, Selection
from engine.operations.undo import undo
from engine.store import Database
from tests.operations.scene import ME, fingerprint, ledger, sound
from tests.world import World


async def preview(
    database: Database, repair: Repair, selection: Selection = EVERYTHING
) -> RepairPreview:
    return await preview_repair(database, repair, selection)


async def repair(database: Database, what: Repair, selection: Selection = EVERYTHING) -> Done:
    """Do exactly what the preview says."""
    shown = await preview_repair(database, what, selection)
    done = await apply_repair(database, ME, what, selection, pinned=shown.pinned)
    assert done.n == shown.n
    return done


def whole(world: World) -> tuple[Any, ...]:
    """The operator's tables, the ledger, the attempts, and what the throttle and open work say of them."""
    texts = [
        world.run("SELECT a::text AS row FROM seqconsole.attempts a ORDER BY id"),
        world.run("SELECT device_id, ring, failures FROM seqconsole.devices ORDER BY device_id"),
        world.run(
            "SELECT track, phone_key, step_id, contact_id, message_id, state, attempt_id, claimed_at, tries "
            "FROM seqconsole.progress ORDER BY track, phone_key"
        ),
    ]
    return fingerprint(world), ledger(world), *texts


async def comes_back(
    world: World, database: Database, what: Repair, selection: Selection = EVERYTHING
) -> Done:
    """Repair, undo: all is as before, and sound. Then repaired again, for the test to go on."""
    before = whole(world)
    done = await repair(database, what, selection)
    assert whole(world) != before
    await sound(world, database)
    back = await undo(database, ME, done.operation_id)
    assert back.refused == ()
    assert whole(world) == before
    await sound(world, database)
    return await repair(database, what, selection)


def step(
    world: World,
    sequence: Sequence[UUID],
    day: int,
    phone: str,
    status: str | None,
    *,
    device: UUID | None = None,
    message: str | None = None,
    linked: bool = True,
    sent: timedelta | None = None,
    claimed: timedelta | None = None,
) -> tuple[UUID, UUID | None]:
    """A contact row of a step, and its message where one is given; ages count back from now."""
    contact = world.value(
        "INSERT INTO sequence_contacts (sequence_id, contact_phone, contact_name, current_step, sequence_stepid, "
        "status, assigned_device_id, completed_at, next_trigger_time, processing_device_id, processing_started_at) "
        "VALUES (%s, %s, 'Aqil', %s, %s, %s, %s, %s, seqconsole.now() - interval '3 hours', %s, seqconsole.now() - %s::interval) "
        "RETURNING id",
        sequence[0],
        phone,
        day,
        sequence[day] if linked else None,
        status,
        device,
        world.now() - sent if sent is not None and status == "completed" else None,
        device if claimed is not None else None,
        claimed,
    )
    if message is None:
        return contact, None
    queued = world.value(
        "INSERT INTO broadcast_messages (device_id, sequence_id, sequence_stepid, recipient_phone, content, status, "
        "scheduled_at, sent_at, created_at, updated_at) VALUES (%s, %s, %s, %s, 'hello', %s, "
        "seqconsole.now() - interval '3 hours', %s, seqconsole.now() - interval '3 hours', "
        "seqconsole.now() - interval '3 hours') RETURNING id",
        device,
        sequence[0],
        sequence[day],
        phone,
        message,
        world.now() - (sent or timedelta(hours=3)) if message == "sent" else None,
    )
    return contact, queued


def state_of(world: World, contact: UUID | None) -> str | None:
    found: str | None = world.value("SELECT status FROM sequence_contacts WHERE id = %s", contact)
    return found


def message_state(world: World, message: UUID | None) -> str | None:
    found: str | None = world.value("SELECT status FROM broadcast_messages WHERE id = %s", message)
    return found
