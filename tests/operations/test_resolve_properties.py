"""Random groups: no evidence of a send is lost, one row is left, the better row stays, undo restores everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.invariants import violations
from engine.operations.resolve import preview_resolve
from engine.operations.undo import undo
from engine.store import Access, Database
from tests.engine.steps import prepare, take
from tests.operations.scene import (
    ME,
    Copy,
    Group,
    adopt,
    duplicates,
    fingerprint,
    ledger,
    queued,
    resolve_all,
)
from tests.world import World

ORDER = ("completed", "paused", "active", "failed", "skipped", "pending")
START = datetime(2026, 11, 1, tzinfo=UTC)

moments = st.none() | st.integers(0, 5).map(lambda n: START + timedelta(hours=n))
copies = st.builds(
    Copy,
    status=st.sampled_from(ORDER),
    phone=st.sampled_from(("{}", "+{}", "00{}")),
    completed_at=moments,
    next_trigger_time=moments,
    retry_count=st.integers(0, 3),
)


@dataclass
class Plan:
    """A group to be: its rows, and its messages in the queue."""

    copies: list[Copy]
    messages: list[str]


plans = st.lists(
    st.builds(
        Plan,
        copies=st.lists(copies, min_size=1, max_size=4),
        messages=st.lists(st.sampled_from(("pending", "sent", "failed", "processing")), max_size=3),
    ),
    min_size=1,
    max_size=4,
)


EMPTY = (
    "TRUNCATE sequence_contacts, broadcast_messages, sequence_steps, sequences, user_devices, seqconsole.operations, "
    "seqconsole.operation_rows, seqconsole.findings, seqconsole.devices, seqconsole.attempts RESTART IDENTITY CASCADE"
)


@pytest.mark.slow
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
@given(plans=plans)
def test_random_groups(world: World, dsn: str, plans: list[Plan]) -> None:
    world.run(EMPTY)
    anyio.run(walk, world, dsn, plans)


async def walk(world: World, dsn: str, plans: list[Plan]) -> None:
    async with Database.open(Access(dsn)) as database:
        await check(world, database, plans)


async def check(world: World, database: Database, plans: list[Plan]) -> None:
    world.freeze(datetime(2026, 11, 2, tzinfo=UTC))
    world.engine()
    device = world.device()
    groups = [make(world, n, plan, device) for n, plan in enumerate(plans)]
    await adopt(database, world)
    before, known = fingerprint(world), ledger(world)
    real = [(g, p) for g, p in zip(groups, plans, strict=True) if len(p.copies) > 1]
    preview = await preview_resolve(database, None)
    assert {g.key for g in preview.groups} == {g.key for g, _ in real}
    if not real:
        return
    done = await resolve_all(database)
    assert done.n == preview.n
    for group, plan in real:
        judge(world, group, plan)
    await undo(database, ME, done.operation_id)
    assert fingerprint(world) == before
    assert ledger(world) == known
    await resolve_all(database)
    await never_again(world, database, real)
    assert await violations(database) == {}


def make(world: World, n: int, plan: Plan, device: object) -> Group:
    number = f"6012345670{n}"
    rows = [
        Copy(c.status, c.phone.format(number), c.completed_at, c.next_trigger_time, c.retry_count)
        for c in plan.copies
    ]
    group = duplicates(world, *rows, device=device)  # type: ignore[arg-type]
    group.phone = number
    for status in plan.messages:
        queued(world, group, device, status, sent_at=START if status == "sent" else None)  # type: ignore[arg-type]
    return group


def judge(world: World, group: Group, plan: Plan) -> None:
    (row,) = world.run("SELECT * FROM sequence_contacts WHERE id = ANY(%s)", group.rows)
    kept = plan.copies[group.rows.index(row["id"])]
    states = [c.status for c in plan.copies]
    if "sent" in plan.messages or "completed" in states:
        assert row["status"] == "completed"
        times = [c.completed_at for c in plan.copies if c.status == "completed" and c.completed_at]
        times += [START] if "sent" in plan.messages else []
        if times:
            assert row["completed_at"] == min(times)
        pending = "SELECT count(*) FROM broadcast_messages WHERE recipient_phone = %s AND status = 'pending'"
        assert world.value(pending, group.phone) == 0
    elif "processing" in plan.messages:
        assert row["status"] == "active"
    else:
        assert row["status"] == kept.status or (kept.status, row["status"]) == ("pending", "active")
    best = min(states, key=ORDER.index)
    if not plan.messages:  # the ledger gives no row an advantage
        assert kept.status == best
    assert row["retry_count"] == max(c.retry_count for c in plan.copies)


async def never_again(world: World, database: Database, real: list[tuple[Group, Plan]]) -> None:
    """Whatever was sent, or is in doubt, is not sent, however long one waits."""
    settled = {
        g.phone
        for g, p in real
        if {"sent", "processing"} & set(p.messages) or "completed" in [c.status for c in p.copies]
    }
    for _ in range(3):
        world.advance(hours=60)
        await prepare(database)
        first = {g.step for g, _ in real}
        assert not {c.phone for c in await take(database) if c.step_id in first} & settled
