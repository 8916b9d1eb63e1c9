"""The engine as a machine of micro-steps on a real database whose clock is ours (DESIGN 10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

from engine.claiming import REQUEST_TIMEOUT, Claim, claim
from engine.gateways.protocol import Answer, Verdict
from engine.invariants import violations
from engine.recovery import recover
from engine.rollup import roll_up, roll_up_all
from engine.scheduling import schedule
from engine.settling import Evidence, settle
from engine.store import Database
from engine.verdicts import settlement
from tests.model.foreign import Foreign
from tests.model.operators import Operators
from tests.model.oracle import Device, Oracle, Step, Violation, brief
from tests.world import World

WORKERS: Final = ("worker 1", "worker 2", "worker 3")
ACTORS: Final = (
    *WORKERS,
    "schedule",
    "roll up",
    "recover",
    "replay",
    "receipt",
    "operator",
    "foreign",
    "clock",
)
NOT_WRITTEN: Final = Answer(Verdict.RETRY, "not written", written=False)
ANSWERS: Final = {
    "none": (Answer(Verdict.SENT, "SUCCESS", gateway_id="3EB0"), True),
    "failed": (Answer(Verdict.FAIL, "131026"), False),
    "retry": (Answer(Verdict.RETRY, "503"), False),
    "unknown, arrived": (Answer(Verdict.UNKNOWN, "timeout"), True),
    "unknown, lost": (Answer(Verdict.UNKNOWN, "timeout"), False),
    "hold device": (Answer(Verdict.HOLD_DEVICE, "offline", wait=timedelta(minutes=2)), False),
    "slow device": (Answer(Verdict.SLOW_DEVICE, "429", wait=timedelta(minutes=1)), False),
    "hold contact": (Answer(Verdict.HOLD_CONTACT, "busy", wait=timedelta(minutes=3)), False),
    "suppress": (Answer(Verdict.SUPPRESS, "131050"), False),
    "unwritten": (NOT_WRITTEN, False),
}
"""What the gateway says by the fault of the step, and whether the message arrives."""

FAULTS: Final = (*ANSWERS, "crash", "settle twice")
PHASES: Final = ("claimed", "checked", "written", "answered", "settled")


@dataclass
class Held:
    """A claim in the memory of a worker, or of its journal once it is dead."""

    claim: Claim
    phase: str = "claimed"
    answer: Answer = NOT_WRITTEN


@dataclass
class Machine:
    """A world, three workers, and everything else that acts on it. `step` moves one of them."""

    database: Database
    world: World
    oracle: Oracle
    operators: Operators
    foreign: Foreign
    workers: dict[str, list[Held]] = field(default_factory=lambda: {w: [] for w in WORKERS})
    ids: dict[str, UUID] = field(default_factory=lambda: {w: uuid4() for w in WORKERS})
    dead: list[Held] = field(default_factory=list)

    @classmethod
    def build(cls, database: Database, world: World) -> Machine:
        """Three devices, two sequences, contacts in several spellings, campaign messages."""
        now = world.freeze()
        world.engine()
        limits = [(2, 600, 0), (3, 1800, 5), (1, 300, 0)]
        devices: dict[UUID, Device] = {}
        for limit, window, gap in limits:
            device = world.device(f"d{limit}", gap=(gap, gap), limit=limit)
            world.setting("send_window", f"{window} seconds", "device", str(device))
            devices[device] = Device(limit, timedelta(seconds=window), timedelta(seconds=gap))
        oracle = Oracle(devices, {})
        homes = list(devices)
        phones = [
            "0123456701",
            "+60 12-345 6702",
            "60123456703",
            "012-345 6704",
            "60123456705",
            "+60123456706",
            "0123456707",
            "60 12 345 6708",
        ]
        for nth, delays in enumerate([(0, 1, 0), (0, 0)]):
            made = world.sequence(f"S{nth}", delays)
            for day, delay in enumerate(delays, start=1):
                oracle.steps[made[day]] = Step(made[0], day, timedelta(hours=delay))
            for n, phone in enumerate(phones):
                statuses = ("pending",) * len(delays)
                world.contact(made, phone, homes[(n + nth) % 3], statuses=statuses, due=now)
                key = world.value("SELECT seqconsole.phone_key(%s)", phone)
                oracle.expected[made[0], key] = set(range(1, len(delays) + 1))
        for n, phone in enumerate(phones[:6]):
            world.message(homes[n % 3], phone)
        return cls(
            database, world, oracle, Operators(database, world, oracle), Foreign(world, oracle)
        )

    async def step(self, actor: str, fault: str, pick: int) -> None:
        """One micro-step of one actor. Raises Violation."""
        now = self.world.now()
        match actor:
            case "schedule":
                self._count("scheduled", await schedule(self.database))
            case "roll up":
                self._count("rolled up", await roll_up(self.database))
            case "recover":
                self._count("recovered", await recover(self.database))
            case "replay":
                await self._replay(pick)
            case "receipt":
                await self._receipt(pick)
            case "operator":
                await self.operators.act(pick, now)
            case "foreign":
                self.foreign.act(pick)
            case "clock":
                self._tick(pick)
            case _:
                await self._work(actor, fault, pick, now)

    def _count(self, event: str, n: int = 1, about: object = "") -> None:
        self.oracle.note(event, about, n)

    def _tick(self, pick: int) -> None:
        busy = any(self.workers.values())
        weights = (30, 12, 5, 1, 1) if busy else (5, 5, 10, 20, 12)
        by = Random(pick).choices((7, 40, 151, 700, 4000), weights)[0]
        self.world.advance(seconds=by)
        self._count(f"clock {by}")

    async def _work(self, name: str, fault: str, pick: int, now: datetime) -> None:
        held = self.workers[name]
        if fault == "crash" and held:
            self._crash(name)
        elif held:
            await self._move(name, held[pick % len(held)], fault, now)
        else:
            for one in await claim(self.database, self.ids[name], 1 + pick % 3):
                self._count("claimed", about=brief(one))
                self.oracle.claimed(one, now)
                held.append(Held(one))

    async def _move(self, name: str, held: Held, fault: str, now: datetime) -> None:
        match held.phase:
            case "claimed":
                in_time = now <= held.claim.lease_until - REQUEST_TIMEOUT
                held.phase = "checked" if in_time else "answered"
                self._count("checked" if in_time else "too late to send")
            case "checked":
                self._write(held, fault, now)
            case "written":
                held.phase = "answered"
            case "answered":
                await self._settle(held, Evidence.GATEWAY)
                if fault == "settle twice":
                    self._count("settle twice")
                    return
                self.workers[name].remove(held)

    def _write(self, held: Held, fault: str, now: datetime) -> None:
        held.answer, arrived = ANSWERS.get(fault, ANSWERS["none"])
        held.phase = "written" if held.answer.written else "answered"
        self._count(f"gateway: {fault if fault in ANSWERS else 'none'}")
        if held.answer.written:
            self.oracle.written(held.claim, now, arrived=arrived)

    async def _settle(self, held: Held, evidence: Evidence) -> None:
        recorded = await settle(
            self.database, [settlement(held.claim, held.answer, evidence, chance=0)]
        )
        self.oracle.settled(r.id for r in recorded)
        for one in recorded:
            self._count(f"settled {one.outcome}", about=str(one.message_id)[:8])
            if one.was_unknown:
                self._count("a doubt resolved")
        if not recorded:
            self._count("fenced")

    def _crash(self, name: str) -> None:
        """The worker forgets all; its journal remembers what it wrote before each act."""
        for held in self.workers[name]:
            self._count(f"crash {held.phase}", about=brief(held.claim))
            if held.phase not in ("checked", "written"):  # in between nobody knows
                self.dead.append(held)
        self.workers[name], self.ids[name] = [], uuid4()

    async def _replay(self, pick: int) -> None:
        """A journal of a dead worker is read; sometimes again."""
        if not self.dead:
            return
        held = self.dead[pick % len(self.dead)]
        if pick % 3:
            self.dead.remove(held)
        self._count(f"replayed {'answer' if held.answer.written else 'never sent'}")
        await self._settle(held, Evidence.JOURNAL)

    async def _receipt(self, pick: int) -> None:
        """A delivery receipt of a message whose fate the database does not know."""
        unknown = self.world.run("SELECT id FROM seqconsole.attempts WHERE outcome = 'unknown'")
        ids = {row["id"] for row in unknown}
        arrived = [e for e in self.oracle.log if e.arrived and e.claim.attempt_id in ids]
        if arrived:
            self._count("receipt")
            held = Held(arrived[pick % len(arrived)].claim, "answered", ANSWERS["none"][0])
            await self._settle(held, Evidence.RECEIPT)

    async def check(self) -> None:
        """The queries of sql/invariants, with the feed read."""
        await roll_up_all(self.database)
        self._count("checked by SQL")
        self.foreign.check()
        found = await violations(self.database)
        broken = {name: left for name, rows in found.items() if (left := self._ours(name, rows))}
        if broken:
            raise Violation(str(broken))

    def _ours(self, name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows that no other writer's edit explains."""
        if name[0] not in "257":
            return rows
        phones = {phone for _, phone in self.oracle.touched}
        edited = self.oracle.edited
        return [
            row
            for row in rows
            if row.get("phone_key") not in phones
            and not edited & {row.get("id"), row.get("message_id")}
        ]
