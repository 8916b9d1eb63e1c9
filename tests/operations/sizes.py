"""Every operation on many people at once: what it is done to, and how. For the test of sizes and for measuring."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from engine.operations.backlog import Mode, Pace, park_overdue, release_overdue
from engine.operations.decide_order import decide_order, preview_order
from engine.operations.holds import pause, resume
from engine.operations.keep_active import KeepActive
from engine.operations.link_steps import LinkSteps
from engine.operations.mark_sent import MarkNotSent, MarkSent
from engine.operations.model import Done
from engine.operations.reassign import Wanted, preview_reassign, reassign
from engine.operations.release import Release
from engine.operations.repair import Repair, apply_repair, preview_repair
from engine.operations.retry import Retry
from engine.operations.skip import Skip
from engine.operations.stale import skip_stale
from engine.operations.targets import EVERYTHING
from engine.store import Database
from tests.engine.steps import prepare
from tests.enroll.people import csv_of, enrolled
from tests.operations.scene import ME, resolve_all
from tests.world import World

DEVICES: Final = 20


@dataclass(frozen=True)
class Size:
    """An operation on `n` people: how they come to be, and what is done."""

    build: Callable[[World, int], None]
    act: Callable[[World, Database], Awaitable[Done]]


def people(
    world: World,
    n: int,
    status: str,
    *,
    day: int = 1,
    message: str | None = None,
    linked: bool = True,
    due: timedelta = timedelta(0),
    copies: int = 1,
    device: UUID | None = None,
) -> None:
    """So many people of the one sequence: a row of this step each (`copies`), and a message of it."""
    sequence = world.value("SELECT id FROM sequences")
    step = world.value(
        "SELECT id FROM sequence_steps ORDER BY day_number, id OFFSET %s LIMIT 1", day - 1
    )
    own = "(SELECT array_agg(id ORDER BY device_name) FROM user_devices)[1 + n %% %s]"
    given = (str(device),) if device else (DEVICES,)
    device_of = "%s::uuid" if device else own
    for _ in range(copies):
        world.run(
            "INSERT INTO sequence_contacts (sequence_id, contact_phone, contact_name, current_step, sequence_stepid, "
            f"status, next_trigger_time, user_id, assigned_device_id) SELECT %s, '6010' || (1000000 + n), 'Aqil', %s, %s, "
            f"%s, seqconsole.now() + %s, %s, {device_of} FROM generate_series(1, %s) n",
            sequence, day, step if linked else None, status, due, world.user, *given, n,
        )  # fmt: skip
    if message is not None:
        world.run(
            "INSERT INTO broadcast_messages (user_id, sequence_id, sequence_stepid, recipient_phone, content, status, "
            f"scheduled_at, created_at, updated_at, sent_at, device_id) SELECT %s, %s, %s, '6010' || (1000000 + n), 'hello', "
            "%s, seqconsole.now() + %s, seqconsole.now() - interval '1 day', seqconsole.now() - interval '1 day', "
            f"CASE WHEN %s = 'sent' THEN seqconsole.now() - interval '1 day' END, {device_of} FROM generate_series(1, %s) n",
            world.user, sequence, step, message, due, message, *given, n,
        )  # fmt: skip


def _failed(world: World, n: int) -> None:
    people(world, n, "failed", message="failed")
    people(world, n, "pending", day=2)


def _waiting(world: World, n: int) -> None:
    people(world, n, "pending", due=timedelta(hours=1))
    people(world, n, "pending", day=2)


def _stuck(world: World, n: int) -> None:
    """A third never queued, a third in the hands of another application, a third sent."""
    people(world, n, "active")
    people(world, n, "pending", day=2)
    step = world.value("SELECT id FROM sequence_steps ORDER BY day_number LIMIT 1")
    for status, digits in (("sent", "123"), ("processing", "456")):
        world.run(
            "INSERT INTO broadcast_messages (user_id, device_id, sequence_id, sequence_stepid, recipient_phone, content, "
            "status, scheduled_at, created_at, updated_at, sent_at) SELECT user_id, assigned_device_id, sequence_id, "
            "sequence_stepid, contact_phone, 'hello', %s, seqconsole.now() - interval '1 day', "
            "seqconsole.now() - interval '1 day', seqconsole.now() - interval '1 day', "
            "CASE WHEN %s = 'sent' THEN seqconsole.now() - interval '1 day' END "
            "FROM sequence_contacts WHERE sequence_stepid = %s AND right(contact_phone, 1) = ANY(string_to_array(%s, NULL))",
            status, status, step, digits,
        )  # fmt: skip


def _in_doubt(world: World, n: int) -> None:
    people(world, n, "active", message="processing")
    people(world, n, "pending", day=2)


def _unlinked(world: World, n: int) -> None:
    people(world, n, "completed", linked=False)
    people(world, n, "pending", day=2)


def _two_active(world: World, n: int) -> None:
    people(world, n, "active", message="pending")
    people(world, n, "active", day=2)


def _doubled(world: World, n: int) -> None:
    people(world, n, "pending", copies=2)
    people(world, n, "pending", day=2)


def _undecided(world: World, n: int) -> None:
    world.run("UPDATE sequence_steps SET day_number = 1")
    people(world, n, "pending")
    people(world, n, "pending", day=2)


def _lost_device(world: World, n: int) -> None:
    old = world.value("SELECT id FROM user_devices ORDER BY device_name LIMIT 1")
    people(world, n, "pending", device=old)
    people(world, n, "pending", day=2, device=old)


def _queued(world: World, n: int) -> None:
    people(world, n, "pending", due=timedelta(hours=-2))
    people(world, n, "pending", day=2)


def _late(world: World, n: int) -> None:
    people(world, n, "pending", due=timedelta(hours=-30))
    people(world, n, "pending", day=2)


def _nobody(world: World, n: int) -> None:
    """The enrolment brings them; the number of people is kept aside."""
    world.setting("enrol", n, "test")


def repairing(repair: Repair) -> Callable[[World, Database], Awaitable[Done]]:
    async def act(_: World, database: Database) -> Done:
        shown = await preview_repair(database, repair)
        return await apply_repair(database, ME, repair, pinned=shown.pinned)

    return act


async def _resolve(_: World, database: Database) -> Done:
    return await resolve_all(database)


async def _reassign(_: World, database: Database) -> Done:
    wanted = Wanted("D00")
    shown = await preview_reassign(database, wanted)
    return await reassign(database, ME, wanted, pinned=shown.pinned)


async def _decide(world: World, database: Database) -> Done:
    sequence = world.value("SELECT id FROM sequences")
    shown = await preview_order(database, sequence)
    return await decide_order(database, ME, sequence, pinned=shown.pinned)


async def _skip_stale(_: World, database: Database) -> Done:
    return await skip_stale(database, ME, EVERYTHING, timedelta(hours=1))


async def _spread(_: World, database: Database) -> Done:
    await pause(database, ME, EVERYTHING, None)
    return await resume(database, ME, EVERYTHING, None, pace=Pace(Mode.SPREAD))


async def _park(world: World, database: Database) -> Done:
    operation, n = await park_overdue(database, ME)
    return Done(operation, n, "")


async def _release_overdue(world: World, database: Database) -> Done:
    await park_overdue(database, ME)
    return await release_overdue(database, ME, Pace(Mode.SPREAD))


async def _enrol(world: World, database: Database) -> Done:
    n = world.value("SELECT value FROM seqconsole.settings WHERE name = 'enrol'")
    phones = [f"6010{1_000_000 + k}" for k in range(n)]
    return await enrolled(database, world.value("SELECT id FROM sequences"), csv_of(phones))


SIZES: Final[Mapping[str, Size]] = {
    "retry": Size(_failed, repairing(Retry())),
    "skip": Size(_waiting, repairing(Skip())),
    "mark sent": Size(_failed, repairing(MarkSent(ME, ("failed",)))),
    "mark not sent": Size(_in_doubt, repairing(MarkNotSent(ME))),
    "release": Size(_stuck, repairing(Release())),
    "link steps": Size(_unlinked, repairing(LinkSteps())),
    "keep active": Size(_two_active, repairing(KeepActive())),
    "resolve": Size(_doubled, _resolve),
    "reassign": Size(_lost_device, _reassign),
    "decide order": Size(_undecided, _decide),
    "skip stale": Size(_late, _skip_stale),
    "resume": Size(_queued, _spread),
    "park overdue": Size(_late, _park),
    "resume overdue": Size(_late, _release_overdue),
    "enroll": Size(_nobody, _enrol),
}
"""By the verb as the journal has it."""


async def built(world: World, database: Database, verb: str, n: int) -> None:
    """The world of this operation: devices, one sequence of two steps, so many people; all is read and queued."""
    world.freeze()
    if verb not in ("park overdue", "resume overdue"):
        world.engine()
    for k in range(DEVICES):
        world.device(f"D{k:02}")
    world.sequence(delays=(0, 24))
    SIZES[verb].build(world, n)
    await prepare(database)
    world.run("ANALYZE")
