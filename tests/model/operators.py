"""Operators of the model: pause and resume every scope, switch the engine, take things back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final

from engine.operations.engine_switch import engine_off, engine_on
from engine.operations.holds import pause, resume
from engine.operations.model import Done, OperationRefused, Scope, Target
from engine.operations.targets import NotFound
from engine.operations.undo import undo
from engine.store import Database
from tests.model.oracle import Oracle, Violation
from tests.world import World

WHO: Final = "ops@model"


@dataclass
class Operators:
    """They act at random and often in vain; the oracle learns what they were told."""

    database: Database
    world: World
    oracle: Oracle

    async def act(self, pick: int, now: datetime) -> None:
        """One operation. `now` is the frozen clock's instant."""
        random = Random(pick)
        verb = random.choices(("pause", "resume", "off", "on", "undo"), (6, 10, 1, 4, 3))[0]
        target = self._target(random)
        match verb:
            case "pause":
                done = await pause(self.database, WHO, target, None)
                self.oracle.closed(target.scope, target.keys[0], done.in_flight)
                self._is_held(target)
            case "resume":
                at_once = random.random() < 0.5
                done = await resume(self.database, WHO, target, None, now=at_once)
                if done.operation_id is not None:
                    until = now if at_once else done.sends_from
                    self.oracle.opens(target.scope, target.keys[0], until or now)
            case "off":
                done = await engine_off(self.database, WHO)
                self.oracle.closed("engine", "", done.in_flight)
            case "on":
                if not await self._on(now):
                    return
            case "undo":
                await self._undo()
        self.oracle.note(verb, f"{target.scope} {target.keys[0][:11]}" if "e" in verb else "")

    def _target(self, random: Random) -> Target:
        paused = [k for k, p in self.oracle.pauses.items() if p.until is None and k[0] != "engine"]
        if paused and random.random() < 0.6:
            scope, key = random.choice(paused)
            return Target(Scope(scope), (key,))
        scope = random.choices(("all", "device", "sequence", "contact"), (1, 4, 4, 4))[0]
        tracks = sorted(self.oracle.expected, key=str)
        keys = {
            "all": [""],
            "device": [str(d) for d in self.oracle.devices],
            "sequence": sorted({str(s.sequence) for s in self.oracle.steps.values()}),
            "contact": sorted({phone for _, phone in tracks}),
        }
        return Target(Scope(scope), (random.choice(keys[scope]),))

    def _is_held(self, target: Target) -> None:
        held = self.world.value(
            "SELECT count(*) FROM seqconsole.holds WHERE scope = %s AND key = %s AND holder = 'operator' "
            "AND until > seqconsole.now()",
            target.scope,
            target.keys[0],
        )
        if held != 1:
            raise Violation(f"paused, and there is no hold: {target}")

    async def _on(self, now: datetime) -> bool:
        try:
            done = await engine_on(self.database, WHO, gateway_configured=True)
        except OperationRefused:
            self.oracle.note("on refused")
            return False
        if done.operation_id is not None:
            self.oracle.opens("engine", "", done.sends_from or now)
        return True

    async def _undo(self) -> None:
        try:
            done = await undo(self.database, WHO, None)
        except (OperationRefused, NotFound):
            self.oracle.note("undo refused")
            return
        self.oracle.note("undone", done.summary)
        self._learn(done)

    def _learn(self, done: Done) -> None:
        """An undo puts back what was: read which gates stand now; what it named may still arrive."""
        rows = self.world.run(
            "SELECT scope, key, until FROM seqconsole.holds "
            "WHERE holder = 'operator' AND until > seqconsole.now()"
        )
        stand = {
            (r["scope"], r["key"]): None if r["until"].year > 9000 else r["until"] for r in rows
        }
        if self.world.value("SELECT seqconsole.setting('engine')") != "on":
            stand["engine", ""] = None
        for key in [k for k in self.oracle.pauses if k not in stand]:
            del self.oracle.pauses[key]
        for (scope, key), until in stand.items():
            self.oracle.closed(scope, key, done.in_flight, until)
