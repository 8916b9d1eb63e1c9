"""Runs a soak: load, faults by seed, an orderly end, the judges."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg

from engine.gateways.simulator.behaviour import Odds
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess
from engine.invariants import violations
from engine.recovery import recover
from engine.replaying import replay_journals
from engine.rollup import roll_up_all
from engine.store import Access, Database
from tests.audit.wild import audit
from tests.engine.wire import until
from tests.postgres import prepare_template
from tests.soak.crew import Counts, Crew
from tests.soak.load import Load, patiently, query
from tests.soak.oracle import AttemptRow, judge
from tests.soak.plan import Plan
from tests.soak.report import Report, figures
from tests.soak.server import Server

DATABASE = "soak"
LEASE_AND_MORE = "200 seconds"
Say = Callable[[str], None]


@dataclass
class Soak:
    """One run. Everything of it is below `root`."""

    plan: Plan
    root: Path
    say: Say = lambda _: None
    faults: Counter[str] = field(default_factory=Counter)
    ups: list[datetime] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)

    def run(self) -> Report:
        """Load, faults, the end, the judgement. Whatever happens, no process is left."""
        self.planned = list(self.plan.first_faults)
        self.chance = random.Random(self.plan.seed)
        self.server = Server.create(self.root)
        self.gateway = SimulatedGatewayProcess(
            Options(
                self.root / "wire.log", seed=self.plan.seed, odds=Odds(latency=self.plan.latency)
            )
        )
        crew: Crew | None = None
        try:
            self.server.start()
            self.dsn = self.server.dsn(DATABASE)
            with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {DATABASE}")
            prepare_template(self.dsn)
            asyncio.run(self.gateway.start())
            self.load = Load.create(self.dsn, self.plan)
            crew = Crew(self.dsn, self.gateway.url, self.root / "journals", self.plan, self.chance)
            spent = self._weather(crew)
            codes = crew.end()
            return self._judged(crew, spent, codes)
        finally:
            if crew is not None:
                crew.abandon()
            asyncio.run(self.gateway.stop())
            self.server.stop()

    def _weather(self, crew: Crew) -> float:
        """Load and faults until the time is up; returns the seconds it took."""
        crew.tend()
        until(lambda: self.gateway.entries(), 60)
        started = time.monotonic()
        next_fault = started + 1
        next_look = started
        long_stop = started + 30 if self.plan.long_stop else float("inf")
        while self._goes_on((now := time.monotonic()) - started, crew):
            crew.tend()
            if now > next_look:
                next_look = now + 2
                patiently(self.load.top_up)
                self.say(f"{now - started:5.0f} s  {len(crew.kills)} kills, {dict(self.faults)}")
            if now > long_stop:
                long_stop = float("inf")
                crew.stop_one(self.plan.long_stop)
                self.faults["long stop"] += 1
            crew.quiet = self._has_had_enough(crew)
            if now > next_fault and not crew.quiet:
                self._fault(crew)
                next_fault = time.monotonic() + self.chance.uniform(*self.plan.pause)
            time.sleep(0.02)
        return time.monotonic() - started

    def _goes_on(self, spent: float, crew: Crew) -> bool:
        if spent < self.plan.seconds:
            return True
        done = self._has_had_enough(crew) and len(self.gateway.entries()) >= self.plan.messages
        return self.plan.kills > 0 and not done and spent < self.plan.longest

    def _has_had_enough(self, crew: Crew) -> bool:
        return 0 < self.plan.kills <= len(crew.kills) and not self.planned

    def _fault(self, crew: Crew) -> None:
        shares = {
            "server": self.plan.servers,
            "gateway": self.plan.gateways,
            "stop": self.plan.stops,
        }
        shares["worker"] = 100 - sum(shares.values())
        fault = self.chance.choices([*shares], [*shares.values()])[0]
        fault = self.planned[0] if self.planned else fault
        match fault:
            case "server":
                self._kill_server(crew)
            case "gateway":
                self._restart_gateway()
            case "stop":
                self._stop_worker(crew)
            case _:
                if not crew.kill_one():
                    return
        del self.planned[:1]

    def _kill_server(self, crew: Crew) -> None:
        """Mostly `kill -9` of the postmaster, else an immediate shutdown; sometimes a worker dies meanwhile."""
        if self.chance.random() < 0.8:
            self.server.kill()
            self.faults["PostgreSQL killed"] += 1
        else:
            self.server.stop(signal.SIGQUIT)
            self.faults["PostgreSQL stopped at once"] += 1
        time.sleep(self.chance.choice((0, 0, 0.5, 2)))
        if self.chance.random() < 0.3 and crew.kill_one():
            self.faults["worker killed while PostgreSQL is down"] += 1
        self.starts.append(self.server.start())
        self.ups.append(query(self.dsn, "SELECT clock_timestamp()")[0][0])

    def _restart_gateway(self) -> None:
        if self.chance.random() < 0.5:
            self.gateway.kill()
            self.faults["gateway killed"] += 1
        else:
            asyncio.run(self.gateway.stop())
            self.faults["gateway stopped"] += 1
        asyncio.run(self.gateway.start())

    def _stop_worker(self, crew: Crew) -> None:
        crew.stop_one(self.chance.uniform(0.5, 5))
        self.faults["worker stopped for a while"] += 1

    def _judged(self, crew: Crew, spent: float, codes: Counts) -> Report:
        broken = asyncio.run(self._settle_the_rest())
        attempts = query(self.dsn, "SELECT id::text, outcome FROM seqconsole.attempts")
        entries = self.gateway.entries()
        wire = judge(
            entries,
            [AttemptRow(*row) for row in attempts],
            steps=self.load.steps(),
            limit=self.plan.limit,
            window=self.plan.window,
        )
        return figures(self, crew, spent, codes, len(entries), broken, wire)

    async def _settle_the_rest(self) -> dict[str, int]:
        """As after a night: leases over, journals read, engine off; what invariants and audit then say."""
        for sql in (
            "UPDATE seqconsole.settings SET value = '\"off\"' WHERE name = 'engine'",
            "INSERT INTO seqconsole.settings (scope, key, name, value) "
            f"VALUES ('database', '', 'clock_offset', '\"{LEASE_AND_MORE}\"') "
            "ON CONFLICT (scope, key, name) DO UPDATE SET value = excluded.value",
        ):
            with psycopg.connect(self.dsn, autocommit=True) as connection:
                connection.execute(sql)
        async with Database.open(Access(self.dsn)) as database:
            await replay_journals(database, self.root / "journals")
            while await recover(database):
                pass
            await roll_up_all(database)
            found = await violations(database)
        answers = await audit(self.dsn)
        found |= {f"audit: {n}": list(r.examples) for n, r in answers.items() if not r.is_clean}
        for name, rows in found.items():
            self.say(f"VIOLATED {name}: {rows[:3]}")
        return {name: len(rows) for name, rows in found.items()}
