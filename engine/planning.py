"""What `migrate` would do: each step's exact SQL, its locks, how long it takes, and why. Changes nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.store import Access, Database
from engine.store.migrations import UNIQUE_KEY, Migration, TableLock
from engine.store.migrator import migrator
from engine.store.sqlfiles import text

INDEX_RATE: Final = 300_000
"""Rows a second of an index that is built concurrently, on two cores."""

ROWS: Final = ("sequence_contacts", "broadcast_messages")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that fills our own tables: the files of which it consists, and the rows it reads a second."""

    name: str
    why: str
    files: tuple[str, ...]
    tables: tuple[str, ...] = ROWS
    rate: int = 0
    locks: str = "none on the operator's tables"


STAGES: Final = (
    Stage(
        "devices",
        "A row for each device: its limits, and the slot when it may send next.",
        ("adopt/begin", "engine/sync_devices"),
        ("user_devices",),
        20_000,
    ),
    Stage(
        "messages",
        "The ledger of who got what, from the queue's history.",
        (
            "adopt/drop_message_index",
            "adopt/deliveries_of_messages",
            "adopt/message_index",
            "adopt/analyze",
        ),
        ("broadcast_messages",),
        60_000,
        "SHARE UPDATE EXCLUSIVE on sequence_contacts and broadcast_messages while they are analyzed "
        "(reads and writes go on)",
    ),
    Stage(
        "contacts",
        "What is next for each contact; completed rows whose message is gone; duplicate groups.",
        (
            "adopt/deliveries_without_sequence",
            "adopt/contacts_in_order",
            "engine/reconcile_contacts",
            "engine/project_tracks",
            "engine/refresh_duplicates",
        ),
        ("sequence_contacts",),
        55_000,
        "row locks on contact rows that the ledger knows better (sent: completed, queued: active)",
    ),
    Stage(
        "open messages",
        "Open work of messages without a step or a contact row; messages that nobody will send.",
        (
            "adopt/open_message_ids",
            "adopt/tracks_without_work",
            "engine/project_campaigns",
            "engine/find_unsendable",
        ),
        ("broadcast_messages",),
        1_000_000,
    ),
    Stage(
        "late changes",
        "What other writers changed meanwhile, from the feed.",
        ("adopt/late_rows", "engine/adopt_messages", "adopt/deliveries_of_contacts"),
        (),
    ),
    Stage(
        "counters",
        "Every state counted once, in one snapshot; the statistics for the planner.",
        ("adopt/analyze_ours", "adopt/recount", "adopt/mark_adopted"),
        ROWS,
        1_000_000,
    ),
)


@dataclass(frozen=True, slots=True)
class Size:
    """A table of the operator's and how many rows it has, about."""

    rel: str
    rows: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the plan. `rows` and `rate` explain `seconds`; a `portioned` step is many transactions."""

    name: str
    number: int
    why: str
    locks: str
    lock_list: tuple[TableLock, ...]
    rows: int
    rate: int
    transaction: bool
    portioned: bool
    sql: str
    checksum: str = ""

    @property
    def seconds(self) -> int:
        """About how long it takes, once its locks are had; 0: a moment."""
        return math.ceil(self.rows / self.rate) if self.rate else 0


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps in order; `fresh`: there is no table of the operator's here yet."""

    steps: tuple[Step, ...]
    fresh: bool

    @property
    def seconds(self) -> int:
        return sum(step.seconds for step in self.steps)


async def plan(access: Access, *, country: str, zone: str) -> Plan:
    """What `migrate` would do now, in its order."""
    async with Database.open(access) as database:
        sizes = {s.rel: s.rows for s in await database.read(Size, "adopt/sizes")}
    async with migrator(access, country=country, zone=zone, lock=False) as tool:
        pending = await tool.pending()
        has_ledger = bool(await tool.value("adopt/ledger_exists"))
        adopted = has_ledger and not any(m.number == 1 for m in pending)
        if adopted:
            adopted = bool(await tool.value("adopt/adopted"))
        has_key = bool(await tool.value(UNIQUE_KEY.skip_when or ""))
        needless = [m for m in pending if m.skip_when and await tool.value(m.skip_when)]
    steps = [] if has_ledger else [_ledger()]
    steps += [_of_file(m, sizes, needless=m in needless) for m in pending]
    if not adopted:
        steps += [_of_stage(stage, sizes) for stage in STAGES]
    if not has_key:
        steps.append(_of_file(UNIQUE_KEY, sizes))
    return Plan(tuple(steps), fresh=not sizes)


def _ledger() -> Step:
    return Step(
        name="ledger",
        number=0,
        why="Which migrations this database has.",
        locks="none on the operator's tables",
        lock_list=(),
        rows=0,
        rate=0,
        transaction=False,
        portioned=False,
        sql=text("adopt/ledger"),
    )


def _of_file(migration: Migration, sizes: Mapping[str, int], *, needless: bool = False) -> Step:
    built = [] if migration.transactional or needless else migration.built_on
    locks = "; ".join(str(lock) for lock in migration.locks) or "none on the operator's tables"
    if needless:
        locks = "none: this database has such an index, so nothing is built"
    elif migration.transactional and migration.locks:
        locks += "; for milliseconds, once transactions that write to these tables have ended"
    elif migration.locks:
        locks += "; an index is ready once every transaction that was open before it has ended"
    return Step(
        name=migration.short,
        number=migration.number,
        why=migration.why,
        locks=locks,
        lock_list=() if needless else migration.locks,
        rows=sum(sizes.get(table, 0) for table in built),
        rate=INDEX_RATE if built else 0,
        transaction=migration.transactional,
        portioned=False,
        sql=migration.sql,
        checksum=migration.checksum,
    )


def _of_stage(stage: Stage, sizes: Mapping[str, int]) -> Step:
    return Step(
        name=stage.name,
        number=0,
        why=stage.why,
        locks=stage.locks,
        lock_list=(),
        rows=sum(sizes.get(table, 0) for table in stage.tables),
        rate=stage.rate,
        transaction=False,
        portioned=True,
        sql=_joined(stage.files),
    )


def _joined(files: Sequence[str]) -> str:
    return "\n".join(f"-- {name}.sql\n{text(name).strip()}\n" for name in files)
