"""A running engine: its loops, its heartbeat, its end (DESIGN 5). The same with and without a screen."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import anyio

from engine.addresses import load_addresses
from engine.alarms import find_unclaimable
from engine.clock import boot_id, guard_from_start
from engine.codes import load_rules
from engine.device_states import record_states
from engine.failover import compare, hold_briefly
from engine.gateways.protocol import Addressed, Gateway, GatewayUnavailable
from engine.journal import Journal
from engine.lineage import Lineage, Server
from engine.open_files import at_once
from engine.opening import newer_schema, patiently
from engine.recovery import expire, plan_ahead, recover
from engine.refused import each_for_itself
from engine.replaying import replay_journals
from engine.rollup import hold_for_another_sender, take_portion
from engine.scheduling import MORE, next_due, schedule
from engine.sending import Sender
from engine.store import Access, Database, Refused, StoreError, listen
from engine.takeover import take_over
from engine.upkeep import upkeep
from engine.waiting import boot_time, pause, ring_at
from engine.watching import watch

log = logging.getLogger(__name__)

DRAIN_AT_MOST: Final = 65.0
"""Seconds that a worker waits for what is in flight when it ends (DESIGN 7)."""

JUST_DUE: Final = 0.02
"""Seconds until the next look where a step fell due while the last one ran."""


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How a worker runs. Times in seconds.

    `tick` is the time between looks at the feed; due steps are looked for at their time and at least
    every 4 ticks. `listen` takes hints over a connection of its own: off behind PgBouncer.
    """

    version: str
    journal_directory: Path
    id: UUID = field(default_factory=uuid4)
    concurrency: int = 200
    tick: float = 0.25
    device_poll: float = 10.0
    listen: bool = True


class Worker:
    """One engine. `run` returns when it has drained; `error` is what keeps it from working now."""

    def __init__(self, database: Database, gateway: Gateway, options: WorkerOptions) -> None:
        self.database = database
        self.gateway = gateway
        self.options = options
        self.error: str | None = None
        self.journal = Journal.open(options.journal_directory, options.id)
        self._stop = asyncio.Event()
        self._lineage = Lineage()
        self._newer: Refused | None = None
        self._due, self._fed = asyncio.Event(), asyncio.Event()
        self.sender = Sender(
            database,
            gateway,
            self.journal,
            options.id,
            concurrency=at_once(options.concurrency),
            on_settled=self._due.set,
            lineage=self._lineage,
            compare=self._compare,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then let what is in flight end and settle it.

        Raises Refused where the database got a newer schema meanwhile; `stop` is set then.
        """
        self._stop = stop
        ended = asyncio.Event()
        if not await patiently(self._begin, stop):
            self.journal.close()
            return
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._repeat, self._schedule, self._until_due, stop, self._due)
            tasks.start_soon(self._repeat, self._roll_up, self.options.tick, stop, self._fed)
            for work, seconds in (
                (self._recover, 1.0),
                (self._alarms, 1.0),
                (self._replay, 10.0),
                (self._take_over, 30.0),
                (self._rules, 3.0),
                (self._watch, 20.0),
                (self._schema, 1.0),
                (self._device_states, self.options.device_poll),
                (self._upkeep, 3600.0),
            ):
                tasks.start_soon(self._repeat, work, seconds, stop)
            tasks.start_soon(self._repeat, self._heartbeat, 1.0, ended)
            tasks.start_soon(ring_at, stop, self._due, self._fed)
            if self.options.listen:
                tasks.start_soon(listen, self.database.access, self._hinted, stop)
            with anyio.CancelScope() as limit:
                tasks.start_soon(self._limit_drain, stop, ended, limit)
                await self.sender.run(stop)
            ended.set()
        await self._sign_off()
        self.journal.close()
        if self._newer is not None:
            raise self._newer

    async def _begin(self) -> bool:
        async with self.database.transaction() as tx:
            self.database.zone = await tx.value("session/known_zone") or "UTC"
        self.sender.clock = await guard_from_start(self.database)
        await self._compare(frozenset())
        await self._first_states()
        return True

    async def _compare(self, in_flight: Set[UUID]) -> None:
        """Prove that the database holds what the journals here know, or put it back (FAULTS 15)."""
        async with self.database.transaction() as tx:
            server = await tx.one(Server, "session/server")
        if server is None:
            raise Refused("the database does not name itself")
        if self._lineage.changed(server):
            await hold_briefly(self.database, server)
        await compare(self.database, self.options.journal_directory, server, in_flight)
        self.journal.belongs_to(server.adopted)
        self._lineage.compared(server)

    async def _first_states(self) -> None:
        """Know the rules, and which devices are offline, before the first claim, as far as possible."""
        try:
            await self._rules()
            await self._device_states()
        except (StoreError, GatewayUnavailable, OSError) as error:
            self.error = str(error)
            log.warning("device states: %s", error)

    async def _limit_drain(
        self, stop: asyncio.Event, ended: asyncio.Event, limit: anyio.CancelScope
    ) -> None:
        await stop.wait()
        if not await pause(ended, DRAIN_AT_MOST):
            log.warning("still %d in flight after the drain: in doubt", self.sender.in_flight)
            limit.cancel()

    async def _repeat(
        self,
        work: Callable[[], Awaitable[bool]],
        seconds: float | Callable[[], Awaitable[float]],
        until: asyncio.Event,
        bell: asyncio.Event | None = None,
    ) -> None:
        """Do `work` again at once while it says there is more, else after a pause; survive the database.

        `bell` ends the pause early, but not the one after a failure.
        """
        failing = 0
        while not until.is_set():
            if bell is not None:
                bell.clear()
            wait = 0.0
            try:
                if not await work():
                    wait = await seconds() if callable(seconds) else seconds
                failing = 0
            except (StoreError, GatewayUnavailable, OSError) as error:
                failing += 1
                self.error = str(error)
                log.warning("%s: %s", work.__name__.strip("_"), error)
                usual = self.options.tick if callable(seconds) else seconds
                wait = min(usual * 2 ** min(failing, 10), 5.0)
            if wait:
                await pause(until if failing or bell is None else bell, wait)

    def _hinted(self) -> None:
        """Something changed: look at once."""
        self._fed.set()
        self._due.set()
        self.sender.wake.set()

    async def _until_due(self) -> float:
        """What is overdue for longer and yet not queued is held by something else: no haste."""
        tick = self.options.tick
        seconds = await next_due(self.database)
        if seconds is None or seconds > 4 * tick:
            return 4 * tick
        return max(seconds, JUST_DUE) if seconds > -tick else tick

    async def _schedule(self) -> bool:
        queued = await schedule(self.database)
        if queued:
            self.sender.wake.set()
        return queued >= MORE

    async def _roll_up(self) -> bool:
        taken = await take_portion(self.database)
        if taken.entries:
            self._due.set()
            self.sender.wake.set()
        return taken.more

    async def _recover(self) -> bool:
        await each_for_itself(
            partial(hold_for_another_sender, self.database),
            partial(recover, self.database),
            partial(expire, self.database),
            partial(plan_ahead, self.database),
            self.sender.give_back_lost,
        )
        return False

    async def _alarms(self) -> bool:
        await find_unclaimable(self.database)
        return False

    async def _take_over(self) -> bool:
        await take_over(self.database)
        return False

    async def _replay(self) -> bool:
        await replay_journals(self.database, self.options.journal_directory)
        return False

    async def _device_states(self) -> bool:
        if isinstance(self.gateway, Addressed):
            self.gateway.know(await load_addresses(self.database))
        await record_states(self.database, await self.gateway.device_states())
        return False

    async def _rules(self) -> bool:
        self.sender.rules = await load_rules(self.database)
        return False

    async def _watch(self) -> bool:
        await watch(self.database, self.options.id, self.sender.claim_times)
        return False

    async def _schema(self) -> bool:
        """A newer program's schema may mean something else by the same names: nothing more is claimed."""
        self._newer = await newer_schema(self.database)
        if self._newer is not None:
            self._stop.set()
        return False

    async def _upkeep(self) -> bool:
        await upkeep(self.database)
        return False

    async def _heartbeat(self) -> bool:
        async with self.database.transaction() as tx:
            await tx.run(
                "engine/heartbeat",
                worker=self.options.id,
                host=socket.gethostname(),
                pid=os.getpid(),
                version=self.options.version,
                now=await tx.now(),
                sending=self.sender.in_flight,
                draining=self._stop.is_set(),
                boot_id=boot_id(),
                booted=boot_time(),
            )
            self.database.zone = await tx.value("session/known_zone") or "UTC"
        self.error = self.sender.error
        return False

    async def _sign_off(self) -> None:
        try:
            async with self.database.transaction() as tx:
                await tx.run("engine/sign_off", worker=self.options.id, now=await tx.now())
        except StoreError as error:
            log.warning("sign off: %s", error)


async def run(
    access: Access, gateway: Gateway, options: WorkerOptions, stop: asyncio.Event
) -> None:
    """Open the database, work until `stop`, drain, close. A database that is away is waited for.

    Raises Refused where this one cannot be worked on.
    """
    async with Database.open(access, prove=False) as database:
        try:
            worker = Worker(database, gateway, options)
            await worker.run(stop)
        finally:
            await gateway.close()
