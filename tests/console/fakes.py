"""A source with fixed rows, verbs that record, and a console over both."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from textual.pilot import Pilot

from engine.operations.journal_export import ChangedRow
from engine.operations.model import Done, OperationRefused, Preview, Scope, Target
from engine.operations.repair import RepairPreview
from engine.operations.repair_facts import Selection
from engine.operations.resolve_preview import GroupPreview, ResolvePreview
from engine.operations.resuming import Choice, ResumePreview
from engine.reader import GateView, Snapshot
from engine.rendering import Rendered
from engine.views import (
    AlarmView,
    ContactRowView,
    DeviceDetailView,
    DeviceView,
    DuplicateView,
    MessageView,
    OperationView,
    ScopeHoldView,
    WorkerView,
)
from seqconsole.actions import RepairVerb
from seqconsole.app import Console
from seqconsole.examining import Examination
from seqconsole.options import ConsoleOptions
from seqconsole.readings import Subject
from tests.console.figures import (
    DEADLINE,
    DETAIL,
    EXAMINED,
    GATES,
    JOURNAL,
    NOW,
    OPERATION_ROWS,
    SEQUENCES,
    contact,
    device,
    group,
    message,
    overview,
    step,
    uid,
)


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
    alarms_there: list[AlarmView] = field(default_factory=list)
    holds_there: list[ScopeHoldView] = field(default_factory=list)
    examined: Examination = EXAMINED

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

    async def person(self, phone: str) -> str | None:
        return phone

    async def contact_story(self, phone_key: str) -> Sequence[ContactRowView]:
        return [contact(at, name="Aqil 2", phone_key=phone_key) for at in (2, 4, 5)]

    async def groups(self, keys: Sequence[str], keep: Mapping[str, UUID]) -> Sequence[GroupPreview]:
        found = [verdict for view, verdict in self.groups_there if view.key in keys]
        return [kept_instead(each, keep[each.key]) if each.key in keep else each for each in found]

    async def messages(
        self, state: str | None, device_id: UUID | None, limit: int, phone: str | None = None
    ) -> Sequence[MessageView]:
        self.asked.append(f"messages {state}" + (f" of {phone}" if phone else ""))
        rows = [message(at) for at in range(16)]
        if phone is not None:
            return [row for row in rows if row.phone_key == phone]
        return [row for row in rows if state is None or row.status == state]

    async def journal(self, limit: int) -> Sequence[OperationView]:
        if self.journal_error is not None:
            raise self.journal_error
        return JOURNAL

    async def operation_rows(self, operation: int, limit: int) -> Sequence[ChangedRow]:
        return OPERATION_ROWS

    async def texts(self, sequence_id: UUID, phone_key: str | None) -> Sequence[Rendered]:
        self.asked.append(f"texts {phone_key}")
        return [
            Rendered(uuid5(sequence_id, "1"), 1, 0, "text", None, "Hi {name}", "Hi Aqil", None),
            Rendered(
                uuid5(sequence_id, "2"),
                2,
                None,
                "text",
                None,
                "Hi {nama}",
                None,
                "{nama} is no column",
            ),
        ]

    async def device_detail(self, device_id: UUID) -> DeviceDetailView | None:
        return DETAIL

    async def device_journal(self, device_id: UUID, limit: int) -> Sequence[OperationView]:
        if self.journal_error is not None:
            raise self.journal_error
        return JOURNAL[:limit]

    async def alarms(self, limit: int) -> Sequence[AlarmView]:
        return self.alarms_there

    async def scope_holds(self) -> Sequence[ScopeHoldView]:
        return self.holds_there

    async def gates(self, subject: Subject, id: UUID) -> Sequence[GateView]:
        self.asked.append(f"gates {subject}")
        return GATES

    async def examination(self, turn: int) -> Examination:
        self.asked.append(f"doctor {turn}")
        return self.examined

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
    resume_ways: tuple[Choice, ...] = ()
    ways: list[Choice | None] = field(default_factory=list)
    moves: int = 212
    refuse: str = ""
    undo_sends: bool = False
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

    async def reconnect(self, target: Target) -> Done:
        done = self._did("reconnect", target, "reconnected device Kuching 04: connected")
        return replace(done, n=len(target.keys), undoable=False)

    async def preview_resume(self, target: Target) -> ResumePreview:
        n = self.resume_lets_out
        preview = await self._preview("resume", "Resume it?", f"{n} messages are due.", n=n)
        before, ways = preview.lines, self.resume_ways
        return ResumePreview("resume", preview.title, before, n, "", (), ways, before, ())

    async def resume(self, target: Target, reason: str, choice: Choice | None = None) -> Done:
        self.ways.append(choice)
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

    async def preview_repair(self, verb: RepairVerb, selection: Selection) -> RepairPreview:
        n = len(selection.ids) or 7
        await self._preview(verb, "")
        title = f"{verb.capitalize()} {n} steps?"
        return RepairPreview(verb, title, ("They may go out.",), n, "pin", steps=n)

    async def repair(self, verb: RepairVerb, selection: Selection, pinned: str) -> Done:
        return self._did(verb, selection, f"{verb} of {len(selection.ids)} steps", sends=True)

    async def note(self, text: str) -> Done:
        return replace(self._did("note", text, f"noted: {text}"), undoable=False)

    async def preview_suppress(self, target: Target) -> Preview:
        lines = ("1 queued message and 3 waiting steps are not sent while it stands.",)
        title = f"Suppress {len(target.keys)} person, in every sequence?"
        return Preview("suppress", title, lines, len(target.keys), "pin")

    async def suppress(self, target: Target, pinned: str) -> Done:
        return self._did("suppress", target, "suppressed +60***000")

    async def preview_move(self, device_id: UUID) -> Preview:
        if self.refuse:
            raise OperationRefused(self.refuse)
        lines = (
            "212 contacts move: 80 queued, 132 waiting for a later step, 0 parked.",
            "180 of them have had a message from this number: they see a new one.",
            "Ipoh 01: 100 contacts, 140 queued then, sent by about 12:10.",
        )
        title = "Move the future of device Seremban 13?"
        stays = ("3 stay, in doubt: nobody knows whether it went out",)
        return Preview("reassign", title, lines, self.moves, "pin of the move", stays)

    async def move(self, device_id: UUID, pinned: str) -> Done:
        return self._did("move", (device_id, pinned), "moved 212 open steps", sends=True)

    async def preview_undo(self, operation_id: int | None) -> Preview:
        n = 41 if operation_id is None else operation_id
        preview = await self._preview("undo", f"Undo operation {n}?", "Puts back 1 hold.")
        return replace(preview, pinned=str(n))

    async def undo(self, operation_id: int | None) -> Done:
        return self._did(
            "undo",
            operation_id,
            "undid operation 41: paused device Kuching 04",
            sends=self.undo_sends,
        )

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
        assert loop.time() < end, _seen(pilot.app)
        await pilot.pause(0.01)


def _seen(app: Any) -> str:
    """What there was to see instead, for a test that waited in vain."""
    said, waiting = list(app.said), app.waiting_keys
    return f"not seen in time; {app.screen}, said {said}, {waiting} keys wait for {app._preparing}\n{screen_text(app)}"


def toasts(console: Console) -> list[str]:
    """The lines said so far."""
    return list(console.said)


def screen_text(console: Console) -> str:
    """What is on the screen, line by line."""
    width, height = console.size
    strips = console.screen._compositor.render_strips()
    if len(strips) != height:
        return ""  # a screen that is not laid out yet
    return "\n".join("".join(segment.text for segment in strip)[:width] for strip in strips)


async def started(pilot: Pilot[Any]) -> None:
    """The first data is on the screen."""
    console = pilot.app
    assert isinstance(console, Console)
    await until(pilot, lambda: console.top is not None and console.top.ready)
