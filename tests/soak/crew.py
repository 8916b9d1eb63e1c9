"""The workers of a soak: started, killed, stopped, and what each was doing when it died."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from tests.soak.plan import POINTS, Plan

Counts = dict[str, int]


@dataclass(eq=False)
class Member:
    """One worker process. `point`: where it kills itself, if it does."""

    id: UUID
    process: subprocess.Popen[bytes]
    point: str
    started: float
    stopped_until: float | None = None


@dataclass(frozen=True, slots=True)
class Kill:
    """One `kill -9` of a worker: by which failpoint (else at random), and what its journal left open."""

    worker: UUID
    point: str
    open: str  # the journal's furthest open line: claimed, writing, answered; or nothing

    @property
    def phase(self) -> str:
        """Where it died, in one word or two."""
        return self.point or f"random, {self.open or 'nothing'} open"

    @property
    def between_claim_and_settle(self) -> bool:
        """Proven by its journal, or by the point where the claim is committed and not yet noted."""
        return bool(self.open) or self.point == "after claim"


@dataclass
class Crew:
    """Keeps as many workers alive as planned."""

    dsn: str
    url: str
    journals: Path
    plan: Plan
    chance: random.Random
    members: list[Member] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    ended: Counts = field(default_factory=dict)
    stops: int = 0
    quiet: bool = False  # who is started now lives

    def __post_init__(self) -> None:
        self._points = list(self.plan.first_points)

    def tend(self) -> None:
        """Note the dead, replace them, let the stopped go on when their time is up."""
        for member in list(self.members):
            code = member.process.poll()
            if code is not None:
                self.members.remove(member)
                if code == -signal.SIGKILL and member.point:
                    self._note(member)
                else:
                    self.ended[str(code)] = self.ended.get(str(code), 0) + 1
            elif member.stopped_until is not None and time.monotonic() > member.stopped_until:
                member.process.send_signal(signal.SIGCONT)
                member.stopped_until = None
        while len(self.members) < self.plan.workers:
            self.members.append(self._start(self._draw_point()))

    def kill_one(self) -> bool:
        """`kill -9` a worker that is at work; False where none is."""
        able = [m for m in self._free() if time.monotonic() > m.started + 1.5]
        if not able:
            return False
        member = self.chance.choice(able)
        member.process.kill()
        member.process.wait()
        self.members.remove(member)
        member.point = ""
        self._note(member)
        return True

    def stop_one(self, seconds: float) -> None:
        """SIGSTOP a worker for a while; `tend` lets it go on."""
        if able := self._free():
            member = self.chance.choice(able)
            member.process.send_signal(signal.SIGSTOP)
            member.stopped_until = time.monotonic() + seconds
            self.stops += 1

    def end(self, seconds: float = 90) -> Counts:
        """SIGTERM to all that are left; their exit codes after the drain."""
        for member in self.members:
            member.process.send_signal(signal.SIGCONT)
            member.process.terminate()
        codes: Counts = {}
        for member in self.members:
            code = member.process.wait(seconds)
            if code == -signal.SIGKILL and member.point:
                self._note(member)
            codes[str(code)] = codes.get(str(code), 0) + 1
        self.members.clear()
        return codes

    def abandon(self) -> None:
        """Kill what is left, whatever happened."""
        for member in self.members:
            member.process.kill()
            member.process.wait()
        self.members.clear()

    def _free(self) -> list[Member]:
        """Those that neither die by themselves nor are stopped now."""
        return [m for m in self.members if not m.point and m.stopped_until is None]

    def _draw_point(self) -> str:
        if self._points:
            return self._points.pop(0)
        if self.quiet:
            return ""
        weights = [*POINTS.values(), 100 - sum(POINTS.values())]
        return self.chance.choices([*POINTS, ""], weights)[0]

    def _start(self, point: str) -> Member:
        id = uuid4()
        place = [self.dsn, self.url, str(self.journals), str(id), str(self.plan.concurrency)]
        end = [point, str(round(self.chance.uniform(0.5, 4.0), 3))] if point else []
        with (self.journals.parent / "workers.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.soak.worker", *place, *end],
                stderr=log,
                env={k: v for k, v in os.environ.items() if k != "SEQCONSOLE_FAILPOINT"},
            )
        return Member(id, process, point, time.monotonic())

    def _note(self, member: Member) -> None:
        self.kills.append(Kill(member.id, member.point, open_in_journal(self.journals, member.id)))


def open_in_journal(journals: Path, worker: UUID) -> str:
    """How far the furthest attempt without a `settled` line had come, by a dead worker's journal."""
    for name in (f"{worker}.journal", f"{worker}.journal.done"):
        try:
            lines = (journals / name).read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            continue
        open: dict[str, str] = {}
        for line in map(json.loads, lines):
            if line.get("k") == "settled":
                for id in line["ids"]:
                    open.pop(id, None)
            elif "a" in line:
                open[line["a"]] = line["k"]
        doing = set(open.values())
        return next((kind for kind in ("writing", "answered", "claimed") if kind in doing), "")
    return ""
