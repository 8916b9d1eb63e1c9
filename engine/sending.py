"""Claims what can be put on the wire now, sends it, hands what came of it to settle (DESIGN 5.2 to 5.4)."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import anyio
from anyio.abc import TaskGroup

from engine.claiming import LEASE, REQUEST_TIMEOUT, Claim, claim
from engine.clock import ClockGuard, ClockJumped, hold_for_clock
from engine.codes import Rules
from engine.failpoints import failpoint
from engine.gateways.protocol import Answer, Gateway, Outgoing, TooLate, Verdict
from engine.journal import Claimed, Journal, JournalError
from engine.lineage import Lineage, Server, ServerChanged
from engine.settling import Evidence, Settlement, settle, settle_free
from engine.store import Database, Rejected, StoreError
from engine.verdicts import settlement
from engine.waiting import boot_time, pause, ring_at
from engine.watching import ClaimTimes

log = logging.getLogger(__name__)

SETTLE_AT_ONCE = 500
ASK_AGAIN = 0.2
"""Seconds until outcomes are tried again whose rows another session holds."""
REFUSED_AGAIN = 2.0
"""Seconds until outcomes are tried again that the tables refuse; at the end the journal keeps them."""
NO_JOURNAL = "the journal cannot be written, so nothing is sent"
NOT_WRITTEN = Answer(Verdict.RETRY, "not written", written=False)
NEVER_HEARD_OF = replace(NOT_WRITTEN, wait=timedelta(0))
SEND_WITHIN = (LEASE - REQUEST_TIMEOUT).total_seconds()


@dataclass
class Sender:
    """One worker's sending: bounded concurrency, one message a device at a time.

    `rules` say what answers lead to; they may be exchanged at any time. `idle` is the longest wait between
    claims that found nothing; setting `wake` ends it. `on_settled` is called when outcomes were recorded.
    `compare` is awaited, with the attempts under way, when `lineage` finds that the server changed. `lease`
    is changed by tests only.
    """

    database: Database
    gateway: Gateway
    journal: Journal
    worker: UUID
    concurrency: int = 200
    idle: float = 0.2
    lease: timedelta = LEASE
    clock: ClockGuard | None = None
    lineage: Lineage | None = None
    compare: Callable[[Set[UUID]], Awaitable[None]] | None = None
    rules: Rules = field(default_factory=Rules)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    on_settled: Callable[[], None] = lambda: None
    in_flight: int = field(default=0, init=False)
    error: str | None = field(default=None, init=False)
    claim_times: ClaimTimes = field(default_factory=ClaimTimes, init=False)
    answers: Counter[Verdict] = field(default_factory=Counter, init=False)

    def __post_init__(self) -> None:
        self._answers: asyncio.Queue[Settlement] = asyncio.Queue()
        self._waiting: list[Settlement] = []
        self._ask_at = 0.0
        self._refused: list[Settlement] = []
        self._refused_at = 0.0
        self._held: set[UUID] = set()
        self._settling = True
        self._done = asyncio.Event()
        self._claiming = asyncio.Lock()
        self._recording = asyncio.Lock()
        self._freed = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Claim and send until `stop`; then wait for what is in flight and settle all of it."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._settle_loop)
            tasks.start_soon(ring_at, stop, self.wake, self._freed)
            try:
                async with anyio.create_task_group() as sends:
                    await self._claim_loop(stop, sends)
            finally:
                self._done.set()

    async def _claim_loop(self, stop: asyncio.Event, sends: TaskGroup) -> None:
        while not stop.is_set():
            free = self.concurrency - self.in_flight
            if free <= 0 or not self._settling:
                self._freed.clear()
                await pause(self._freed, self.idle)
                continue
            self.wake.clear()
            started = boot_time()
            claims = await self._claim(free)
            for one in claims:
                self.in_flight += 1
                sends.start_soon(self._send, one, started)
            if not claims:
                await pause(self.wake, self.idle)

    async def _claim(self, free: int) -> list[Claim]:
        try:
            self.journal.probe()
            failpoint("before claim")
            async with self._claiming:  # until we know what we claimed, nothing of ours is lost
                started = boot_time()
                claims = await claim(
                    self.database,
                    self.worker,
                    free,
                    lease=self.lease,
                    clock=self.clock,
                    lineage=self.lineage,
                )
                self.claim_times.add(boot_time() - started)
                self._held |= {c.attempt_id for c in claims}
            if claims:
                failpoint("after claim")
        except JournalError as error:
            self.error = f"{NO_JOURNAL}: {error}"
        except ClockJumped as jumped:
            self.error = str(jumped)
            await self._hold_for_clock(jumped)
        except ServerChanged:
            await self._compare()
            return []
        except (StoreError, OSError) as error:
            self.error = str(error)
            if self.lineage is not None:
                self.lineage.doubt()
        else:
            return self._noted(claims)
        await anyio.sleep(1)
        return []

    async def _compare(self) -> None:
        """Until the journal was compared with the database that answers now, nothing is claimed."""
        try:
            async with self._recording:
                if self.compare is not None:
                    await self.compare(self._held)
        except (StoreError, OSError) as error:
            self.error = str(error)
            await anyio.sleep(1)

    async def _hold_for_clock(self, jumped: ClockJumped) -> None:
        """Until the hold stands, nothing is claimed: the next claim would see no jump."""
        while True:
            try:
                await hold_for_clock(self.database, jumped)
            except (StoreError, OSError) as error:
                self.error = f"{jumped}; {error}"
                await anyio.sleep(1)
            else:
                return

    def _noted(self, claims: list[Claim]) -> list[Claim]:
        """The claims, once they stand in the journal; without it they go back, provably not sent."""
        try:
            self.journal.claimed(
                Claimed(c.attempt_id, c.claimed_at, c.message_id, c.device_id, c.phone, c.step_id)
                for c in claims
            )
        except JournalError as error:
            self.error = f"{NO_JOURNAL}: {error}"
            for one in claims:
                self._answers.put_nowait(settlement(one, NOT_WRITTEN, Evidence.JOURNAL))
            return []
        self.error = None
        return claims

    async def give_back_lost(self) -> int:
        """Claims that committed while their answer was lost on the way: never sent, and we know it."""
        async with self._claiming, self.database.transaction() as tx:
            if self.lineage is not None:
                try:
                    self.lineage.check(await tx.one(Server, "session/server"))
                except ServerChanged:
                    return 0  # what this database lacks tells nothing of what was sent
            held = set(self._held)
            mine = await tx.rows(
                Claim, "engine/attempts_of_worker", worker=self.worker, settled=False
            )
        lost = [c for c in mine if c.attempt_id not in held and c.attempt_id not in self._held]
        return len(
            await settle(
                self.database, [settlement(c, NEVER_HEARD_OF, Evidence.JOURNAL) for c in lost]
            )
        )

    async def _send(self, one: Claim, started: float) -> None:
        def before_write() -> None:
            if boot_time() > started + SEND_WITHIN - (LEASE - self.lease).total_seconds():
                raise TooLate
            self.journal.writing(one.attempt_id)
            failpoint("before write")

        message = Outgoing(
            one.attempt_id,
            one.message_id,
            one.device_id,
            one.phone,
            one.message_type,
            one.content,
            one.media_url,
        )
        try:
            answer = await self.gateway.send(message, before_write=before_write)
            failpoint("after answer")
            self._note(one, answer)
        except JournalError as error:
            self.error = f"{NO_JOURNAL}: {error}"
            answer = NOT_WRITTEN
        rules = self.rules
        judged = rules.judged(answer)
        self.answers[judged.verdict] += 1
        self._answers.put_nowait(settlement(one, judged, policy=rules.policy))
        self.in_flight -= 1
        self._freed.set()

    def _note(self, one: Claim, answer: Answer) -> None:
        try:
            self.journal.answered(one.attempt_id, answer)
        except JournalError as error:
            self.error = f"the journal cannot be written: {error}"

    async def _settle_loop(self) -> None:
        while not (self._done.is_set() and self._answers.empty() and not self._waiting):
            batch = await self._next_batch()
            if batch:
                await self._settle(batch)

    async def _next_batch(self) -> list[Settlement]:
        batch: list[Settlement] = []
        if self._refused and boot_time() >= self._refused_at:
            batch, self._refused = self._refused, []
            return batch
        with anyio.move_on_after(0.05):
            batch.append(await self._answers.get())
        while len(batch) < SETTLE_AT_ONCE and not self._answers.empty():
            batch.append(self._answers.get_nowait())
        if self._waiting and boot_time() >= self._ask_at:
            batch, self._waiting = batch + self._waiting, []
        return batch

    async def _settle(self, batch: list[Settlement]) -> None:
        """Retried for ever; meanwhile this worker takes no new work. What others hold waits aside."""
        wait = 0.2
        while True:
            try:
                failpoint("before settle")
                async with self._recording:
                    done = await settle_free(self.database, batch)
                failpoint("after settle")
                break
            except Rejected as error:
                self.error, self._settling = str(error), True
                await self._settle_apart(batch)
                return
            except (StoreError, OSError) as error:
                self.error, self._settling = str(error), False
                log.warning("settle: %s", error)
                await anyio.sleep(wait)
                wait = min(wait * 2, 5.0)
        self._settling = True
        self.wake.set()  # a device without a gap is free again
        self.on_settled()
        self._waiting += done.held
        self._ask_at = boot_time() + ASK_AGAIN
        settled = {s.attempt_id for s in batch} - {s.attempt_id for s in done.held}
        self._held -= settled
        try:
            self.journal.settled(list(settled))
        except JournalError as error:
            self.error = f"the journal cannot be written: {error}"

    async def _settle_apart(self, batch: list[Settlement]) -> None:
        """The operator's table refuses something of a batch: the others must not wait for it."""
        if len(batch) > 1:
            for one in batch:
                await self._settle([one])
            return
        bare = replace(batch[0], body="", code=batch[0].code[:20])
        if bare != batch[0]:
            await self._settle([bare])
            return
        log.warning("settle, attempt %s: %s", bare.attempt_id, self.error)
        self._refused.append(bare)
        self._refused_at = boot_time() + REFUSED_AGAIN
