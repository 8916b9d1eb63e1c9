"""A source with fixed rows at 10:41:07, verbs that record, and a console over both."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from textual.pilot import Pilot

from engine.operations.model import Done, OperationRefused, Preview, Scope, Target
from engine.operations.resolve_preview import GroupPreview, ResolvePreview, RowPreview
from engine.reader import GateView, Snapshot
from engine.views import (
    ContactRowView,
    DeviceCondition,
    DeviceView,
    DuplicateView,
    MessageView,
    OperationView,
    Overview,
    SequenceView,
    StepView,
    WorkerView,
)
from seqconsole.app import Console
from seqconsole.options import ConsoleOptions
from seqconsole.readings import Subject

NOW = datetime(2026, 1, 27, 10, 41, 7, tzinfo=UTC)
DEADLINE = 10.0

_PLACES = ("Penang", "Ipoh", "Melaka", "Kuching", "Johor", "Seremban", "Kuantan", "Miri")
_NAMES = ("Aqil", "Siti", "Wei Ling", "Raj", "Nurul", "Hafiz", "Mei", "Farah", "Daniel", "Aina")


def uid(number: int) -> UUID:
    """An id that reads the same in every run."""
    return UUID(int=number * 0x1_0000_0001_0000_0001_0000_0001)


def device(at: int, **changes: Any) -> DeviceView:
    """The device number `at` of a fleet in every condition."""
    conditions = (
        DeviceCondition.SENDING, DeviceCondition.READY, DeviceCondition.THROTTLED,
        DeviceCondition.IDLE, DeviceCondition.PAUSED, DeviceCondition.OFFLINE,
        DeviceCondition.READY, DeviceCondition.BREAKER,
    )  # fmt: skip
    condition = conditions[at % 8]
    stopped = {"paused": "SIM swap", "offline": "gateway: logged out", "breaker": "5 in a row"}
    pending = 0 if condition is DeviceCondition.IDLE else (at * 7919) % 500
    throttled = condition is DeviceCondition.THROTTLED
    view = DeviceView(
        id=uid(1000 + at),
        name=f"{_PLACES[at % 8]} {at:02d}",
        user_id=uid(1),
        platform="gowa",
        phone=f"6012{3450000 + at}",
        condition=condition,
        hold=stopped.get(str(condition)),
        held_until=NOW + timedelta(minutes=5) if condition is DeviceCondition.BREAKER else None,
        pending=pending,
        due=pending // 4,
        sending=1 if condition is DeviceCondition.SENDING else 0,
        unknown=1 if at % 8 == 7 else 0,
        failed=at % 3,
        sent_in_window=80 if throttled else (at * 13) % 80,
        send_limit=80,
        slot_at=NOW + timedelta(minutes=19) if throttled else NOW - timedelta(seconds=4),
        failures=5 if condition is DeviceCondition.BREAKER else 0,
        gateway_state="offline" if condition is DeviceCondition.OFFLINE else "online",
        proven_at=NOW - timedelta(seconds=30),
        last_sent_at=NOW - timedelta(seconds=20 * at + 3),
    )
    return replace(view, **changes)


def sequence(at: int, name: str, **changes: Any) -> SequenceView:
    """A sequence whose states add up."""
    counts = {"pending": 212 * at, "in_step": 30 * at, "completed": 840 * at, "failed": 4 * at}
    view = SequenceView(
        id=uid(at), name=name, active=True, hold=None, held_until=None, steps=3, **counts,
        skipped=6, other=0, unlinked=0, total=sum(counts.values()) + 6, duplicates=0,
    )  # fmt: skip
    return replace(view, **changes)


SEQUENCES = (
    sequence(1, "Welcome", duplicates=2, unlinked=3),
    sequence(2, "Renewal 2026", hold="price change", duplicates=1),
    sequence(3, "Ramadan promotion", active=False, other=7, total=3265),
)


def step(day: int) -> StepView:
    """A step of Welcome."""
    counts = {"pending": 60 * day, "active": 40 - 10 * day, "completed": 400 - 90 * day}
    return StepView(
        sequence_id=uid(1), sequence_name="Welcome", step_id=uid(100 + day), day_number=day,
        delay_hours=0 if day == 1 else 24, **counts, failed=day, skipped=2, other=0,
        total=sum(counts.values()) + day + 2,
    )  # fmt: skip


def contact(at: int, **changes: Any) -> ContactRowView:
    """A contact row of Welcome."""
    status = ("active", "pending", "completed", "failed")[at % 4]
    view = ContactRowView(
        id=uid(5000 + at), sequence_id=uid(1), sequence_name="Welcome", step_id=uid(101),
        day_number=1 + at % 3, name=f"{_NAMES[at % 10]} {at}", phone=f"012-345 {at:04d}",
        phone_key=f"6012345{at:04d}", status=status,
        next_trigger_time=NOW + timedelta(minutes=13) if status == "pending" else None,
        completed_at=NOW - timedelta(hours=2) if status == "completed" else None,
        device_name="Penang 00", open_state="ready" if status == "active" else None,
        at=NOW - timedelta(minutes=1) if status == "active" else None,
        gate="duplicate" if at == 5 else None, last_error="not on WhatsApp" if at % 4 == 3 else None,
        message_id=uid(7000 + at), message_status="pending" if status == "active" else None,
    )  # fmt: skip
    return replace(view, **changes)


def group(at: int) -> tuple[DuplicateView, GroupPreview]:
    """A duplicate group and its verdict."""
    phone = f"6012345{880 + at:04d}"
    lane = SEQUENCES[0] if at < 3 else SEQUENCES[1]
    key = f"{lane.id}|{phone}|{uid(101)}"
    states = (("active", "pending"), ("completed", "pending", "pending"), ("pending", "pending"))
    mine = states[at % 3]
    rule = ("has a live claim", "was already sent", "created first")[at % 3]
    rows = tuple(
        RowPreview(
            id=uid(9000 + 10 * at + place), status=state,
            completed_at=NOW - timedelta(hours=1) if state == "completed" else None,
            next_trigger_time=NOW + timedelta(minutes=14), phone=f"+{phone}",
            name=f"{_NAMES[at % 10]} 2", device="Penang 00", message="pending" if place == 0 else None,
            evidence=("live claim", "delivery", "none")[at % 3] if place == 0 else "none",
            verdict="keep" if place == 0 else "archive",
        )
        for place, state in enumerate(mine)
    )  # fmt: skip
    view = DuplicateView(
        key=key, sequence_id=lane.id, sequence_name=lane.name, step_id=uid(101), day_number=2,
        phone_key=phone, name=f"{_NAMES[at % 10]} 2", states=mine, rows=len(mine),
        since=NOW - timedelta(minutes=41),
    )  # fmt: skip
    verdict = GroupPreview(
        key=key, sequence_name=lane.name, day_number=2, person=view.name, phone_key=phone, rows=rows,
        survivor=rows[0].id, rule=rule, result=mine[0],
        refusal="a message is in flight until 10:43:37" if at == 4 else None,
        when="never: it was sent" if at % 3 == 1 else "due at 10:55:00", skipped_messages=at % 2,
    )  # fmt: skip
    return view, verdict


def message(at: int, **changes: Any) -> MessageView:
    """A message in one of the open states."""
    status = ("unknown", "sending", "failed", "pending")[min(3, at // 2)]
    view = MessageView(
        id=uid(7000 + at), device_id=uid(1000 + at % 8), device_name=f"{_PLACES[at % 8]} {at % 8:02d}",
        sequence_name="Welcome" if at % 5 else None, day_number=1 + at % 3 if at % 5 else None,
        phone_key=f"6012345{at:04d}", name=f"{_NAMES[at % 10]} {at}", status=status,
        scheduled_at=NOW + timedelta(minutes=at - 20), sent_at=None,
        error="not on WhatsApp" if status == "failed" else None, tries=1 if at < 6 else 0,
        at=NOW + timedelta(minutes=at - 20), gate="countdown" if at == 8 else None,
    )  # fmt: skip
    return replace(view, **changes)


def operation(id: int, verb: str, summary: str, **changes: Any) -> OperationView:
    """A line of the journal."""
    view = OperationView(id=id, at=NOW - timedelta(minutes=100 - id), who="ops@host-3", verb=verb,
                         reason=None, n=1, summary=summary, undoes=None, undone_by=None)  # fmt: skip
    return replace(view, **changes)


JOURNAL = (
    operation(41, "pause", "paused device Kuching 04", reason="SIM swap"),
    operation(40, "undo", "undid operation 39: resolved 1 duplicate group", undoes=39),
    operation(39, "resolve", "resolved 1 duplicate group, archived 1 row", undone_by=40),
    operation(38, "engine on", "switched the engine on"),
)
GATES = (
    GateView("engine", True, "on", None),
    GateView("hold", True, "none", None),
    GateView("duplicate", False, "2 rows for this person and step", None),
    GateView("due time", False, "due at 10:55:00", NOW + timedelta(minutes=14)),
    GateView("gap", None, "not yet known", None),
)


def overview(devices: Sequence[DeviceView], duplicates: int, **changes: Any) -> Overview:
    """The overview that goes with a fleet."""
    count = [each.condition for each in devices].count
    view = Overview(
        now=NOW, engine_on=True, everything_held=None, held_until=None, workers=1, versions=1,
        lag=timedelta(seconds=0.2), sent_last_minute=52, sent_last_hour=2900,
        pending=sum(each.pending for each in devices), due=sum(each.due for each in devices),
        sending=sum(each.sending for each in devices), unknown=2, failed=8, duplicates=duplicates,
        paused_devices=count(DeviceCondition.PAUSED), offline_devices=count(DeviceCondition.OFFLINE),
        devices=len(devices), countdown=0, countdown_until=None, findings=1, mark="demo",
        clock_offset=None,
    )  # fmt: skip
    return replace(view, **changes)


@dataclass
class FakeSource:
    """Answers with fixed rows. `error` makes every reading fail; `gate` lets readings wait."""

    devices: list[DeviceView] = field(default_factory=lambda: [device(at) for at in range(24)])
    groups_there: list[tuple[DuplicateView, GroupPreview]] = field(
        default_factory=lambda: [group(at) for at in range(5)]
    )
    facts: dict[str, Any] = field(default_factory=dict)
    error: Exception | None = None
    journal_error: Exception | None = None
    gate: asyncio.Event | None = None
    reads: int = 0
    asked: list[str] = field(default_factory=list)
    contacts_there: int = 60

    async def snapshot(self) -> Snapshot:
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.reads += 1
        worker = WorkerView(uid(3), "host-3", "0.1.0", NOW - timedelta(seconds=1),
                            timedelta(seconds=0.2), 3, False, True)  # fmt: skip
        return Snapshot(
            overview=overview(self.devices, len(self.groups_there), **self.facts),
            workers=(worker,),
            devices=list(self.devices),
            sequences=SEQUENCES,
            steps=[step(day) for day in (1, 2, 3)],
            duplicates=[view for view, _ in self.groups_there],
        )

    async def contacts(
        self, sequence_id: UUID, step_id: UUID | None, state: str | None, limit: int
    ) -> Sequence[ContactRowView]:
        self.asked.append(f"contacts {state} {limit}")
        rows = [contact(at) for at in range(self.contacts_there)]
        return [row for row in rows if state is None or row.status == state][:limit]

    async def contact_story(self, phone_key: str) -> Sequence[ContactRowView]:
        return [contact(at, name="Aqil 2", phone_key=phone_key) for at in (2, 4, 5)]

    async def groups(self, keys: Sequence[str], keep: Mapping[str, UUID]) -> Sequence[GroupPreview]:
        found = [verdict for view, verdict in self.groups_there if view.key in keys]
        return [kept_instead(each, keep[each.key]) if each.key in keep else each for each in found]

    async def messages(
        self, state: str | None, device_id: UUID | None, limit: int
    ) -> Sequence[MessageView]:
        self.asked.append(f"messages {state}")
        rows = [message(at) for at in range(16)]
        return [row for row in rows if state is None or row.status == state]

    async def journal(self, limit: int) -> Sequence[OperationView]:
        if self.journal_error is not None:
            raise self.journal_error
        return JOURNAL

    async def gates(self, subject: Subject, id: UUID) -> Sequence[GateView]:
        self.asked.append(f"gates {subject}")
        return GATES

    async def roll_up(self) -> None:
        self.asked.append("roll_up")


def kept_instead(verdict: GroupPreview, row: UUID) -> GroupPreview:
    """The verdict when the operator keeps another row."""
    rows = tuple(
        replace(each, verdict="keep" if each.id == row else "archive") for each in verdict.rows
    )
    return replace(verdict, rows=rows, survivor=row, rule="chosen by the operator")


@dataclass
class RecordingVerbs:
    """Records what was done; `done` is (verb, what) in order. `slow` lets a preview wait."""

    source: FakeSource
    done: list[tuple[str, Any]] = field(default_factory=list)
    resume_lets_out: int = 3
    refuse: str = ""
    slow: asyncio.Event | None = None

    def _did(self, verb: str, what: Any, summary: str, *, sends: bool = False) -> Done:
        if self.refuse:
            raise OperationRefused(self.refuse)
        self.done.append((verb, what))
        until = NOW + timedelta(seconds=10) if sends else None
        return Done(len(self.done), 1, summary, sends_from=until)

    async def _preview(self, verb: str, title: str, *lines: str, n: int = 1) -> Preview:
        if self.slow is not None:
            await self.slow.wait()
        return Preview(verb, title, lines, n, "pin")

    async def pause(self, target: Target, reason: str) -> Done:
        what = (
            "everything"
            if target.scope is Scope.ALL
            else f"{target.scope} {', '.join(target.names)}"
        )
        return self._did(
            "pause", target, f"paused {what}; 1 in flight on Penang 00, done by 10:43:37"
        )

    async def preview_resume(self, target: Target) -> Preview:
        n = self.resume_lets_out
        return await self._preview("resume", "Resume it?", f"{n} messages are due.", n=n)

    async def resume(self, target: Target, reason: str) -> Done:
        return self._did("resume", target, "resumed device Kuching 04", sends=True)

    async def preview_pause_all(self) -> Preview:
        return await self._preview(
            "pause",
            "Pause everything?",
            "1390 due messages on 19 devices will wait until you resume.",
        )

    async def preview_resolve(
        self, keys: Sequence[str] | None, keep: Mapping[str, UUID] | None
    ) -> ResolvePreview:
        await self._preview("resolve", "")
        wanted = [v for view, v in self.source.groups_there if keys is None or view.key in keys]
        refused = tuple(f"{v.person}: {v.refusal}" for v in wanted if v.refusal)
        ready = len(wanted) - len(refused)
        lines = (f"{ready} rows go to the archive.", "Their messages are due at 10:55:00.")
        title = f"Resolve {ready} duplicate group{'' if ready == 1 else 's'}?"
        return ResolvePreview("resolve", title, lines, ready, "pin", refused, tuple(wanted))

    async def resolve(
        self, keys: Sequence[str] | None, pinned: str, keep: Mapping[str, UUID] | None
    ) -> Done:
        done = self._did(
            "resolve", (keys, keep), "resolved 1 duplicate group, archived 1 row", sends=True
        )
        self.source.groups_there = [
            (view, verdict) for view, verdict in self.source.groups_there
            if keys is not None and view.key not in keys
        ]  # fmt: skip
        return done

    async def preview_undo(self, operation_id: int | None) -> Preview:
        return await self._preview("undo", f"Undo operation {operation_id}?", "Puts back 1 hold.")

    async def undo(self, operation_id: int | None) -> Done:
        return self._did("undo", operation_id, "undid operation 41: paused device Kuching 04")

    async def preview_engine_on(self) -> Preview:
        preview = await self._preview(
            "engine on", "Switch the engine on?", "1390 messages are due."
        )
        return replace(preview, refused=(self.refuse,)) if self.refuse else preview

    async def engine_on(self) -> Done:
        return self._did("engine on", None, "the engine is on, sending from 10:41:17", sends=True)

    async def engine_off(self) -> Done:
        return self._did("engine off", None, "the engine is off")


@dataclass
class Clock:
    """The console's own clock, moved by the test."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class FakeEngine:
    """An engine in this process that ends when told."""

    alive: bool = True
    error: BaseException | None = None
    in_flight: int = 2
    asked: int = 0
    ends: bool = True

    def ask_stop(self) -> None:
        self.asked += 1
        if self.ends:
            self.alive = False


@dataclass
class Scene:
    """A console over fakes."""

    source: FakeSource = field(default_factory=FakeSource)
    clock: Clock = field(default_factory=Clock)
    verbs: RecordingVerbs = field(init=False)

    def __post_init__(self) -> None:
        self.verbs = RecordingVerbs(self.source)

    def console(self, **options: Any) -> Console:
        """A console that polls quickly and writes as `ops@host-3`."""
        given: dict[str, Any] = {
            "database_label": "demo",
            "who": "ops@host-3",
            "poll_seconds": 0.05,
        }
        chosen = ConsoleOptions(**{**given, "clock": self.clock, **options})
        console = Console(self.source, self.verbs, options=chosen)
        console.animation_level = "none"
        return console


async def until(pilot: Pilot[Any], condition: Callable[[], Any | Awaitable[Any]]) -> None:
    """Let the console run until a condition holds; fails after a deadline."""
    loop = asyncio.get_running_loop()
    end = loop.time() + DEADLINE
    while not condition():
        assert loop.time() < end, "the condition did not come true in time"
        await pilot.pause(0.01)


def toasts(console: Console) -> list[str]:
    """The lines said so far."""
    return list(console.said)


def screen_text(console: Console) -> str:
    """What is on the screen, line by line."""
    width, height = console.size
    strips = console.screen._compositor.render_strips()
    assert len(strips) == height
    return "\n".join("".join(segment.text for segment in strip)[:width] for strip in strips)


async def started(pilot: Pilot[Any]) -> None:
    """The first data is on the screen."""
    console = pilot.app
    assert isinstance(console, Console)
    await until(pilot, lambda: console.top is not None and console.top.ready)
