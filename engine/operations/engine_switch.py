"""The engine switch (DESIGN 5): one row in the database, part of the claim's gate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.operations import backlog, holds, journal
from engine.operations.model import WAIT, Done, InFlight, OperationRefused, Preview, Scope, Target
from engine.operations.previews import BlastRadius, blast_radius
from engine.operations.wording import counted, moment, verb
from engine.store import Database, Transaction
from engine.store.retrying import again_on_conflict

SWITCH: Final = "switch"
UNIT: Final = "engine"
"""The unit of undo of the switch: the setting and the hold of its wait go together."""


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What decides whether the engine may be switched on."""

    engine: str
    timezone: str
    another_sender_at: datetime | None

    def refusals(self, now: datetime, *, gateway_configured: bool) -> tuple[str, ...]:
        """Every reason against switching on, each with what to do."""
        found = []
        if self.another_sender_at is not None:
            found.append(
                f"another sender is at work (last seen {moment(self.another_sender_at, now)}): stop it "
                "and wait 10 minutes"
            )
        if not self.timezone:
            found.append(
                "the zone of this database's timestamps is not declared: "
                "`seqconsole migrate --timezone Asia/Kuala_Lumpur` (or yours)"
            )
        if not gateway_configured:
            found.append("no gateway is configured, so nothing could be sent")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Sample:
    """The beginning of a text that would be sent."""

    text: str


async def facts(tx: Transaction, now: datetime) -> EngineFacts:
    """The engine's switch and what stands against it."""
    found = await tx.one(EngineFacts, "operations/engine_facts", now=now)
    assert found is not None  # a select without a table always answers
    return found


async def preview_engine_on(database: Database, *, gateway_configured: bool) -> Preview:
    """Due now, overdue by age, first hour, and sample texts; `refused` says why it can't be switched on."""
    async with database.transaction() as tx:
        now = await tx.now()
        known = await facts(tx, now)
        radius = await blast_radius(tx, Target(Scope.ALL, ()), now)  # no hold is lifted by it
        samples = await tx.rows(Sample, "operations/sample_texts", now=now)
        overdue = await backlog.overdue(tx, now)
    lines = [*radius.lines(), *_overdue(radius)]
    if overdue.late or overdue.parked:
        n = overdue.late + overdue.parked
        lines.append(
            f"Those overdue by more than 24 h start parked ({n}): `seqconsole resume --overdue`."
        )
    lines += [f"Text: {' '.join(s.text.split())[:120]}" for s in samples]
    if known.engine == "on":
        lines.insert(0, "The engine is already on.")
    refused = known.refusals(now, gateway_configured=gateway_configured)
    return Preview("engine on", "Switch the engine on?", tuple(lines), radius.due, "", refused)


def _overdue(radius: BlastRadius) -> tuple[str, ...]:
    if not radius.due:
        return ()
    return (
        f"Overdue: {radius.overdue_hour} by less than 1 h, {radius.overdue_day} by less than 24 h, "
        f"{radius.overdue_older} by more than 24 h.",
    )


async def engine_on(
    database: Database,
    who: str,
    *,
    reason: str | None = None,
    now: bool = False,
    gateway_configured: bool,
    park: bool = True,
) -> Done:
    """Switch the engine on; it sends from 10 s ahead (`now`: at once). Raises OperationRefused, why.

    `park`: what is due for more than 24 h is parked first, by an operation of its own.
    """
    async with database.transaction() as tx:
        instant = await tx.now()
        _allow(await facts(tx, instant), instant, gateway_configured)
    parked = (await backlog.park_overdue(database, who))[1] if park else 0
    async with database.transaction(writer="operator") as tx:
        await tx.lock_gate(exclusive=True)
        instant = await tx.now()
        known = await facts(tx, instant)
        if known.engine == "on":
            return Done(None, 0, "the engine is already on")
        _allow(known, instant, gateway_configured)
        operation = await journal.record(
            tx,
            who=who,
            verb="engine on",
            now=instant,
            n=1,
            summary="switched the engine on",
            reason=reason,
        )
        await charge_what_was_sent(tx, instant)
        await tx.run("operations/write_engine", operation=operation, value="on")
        until = None if now else instant + WAIT
        if until:
            await wait(tx, operation, until, instant)
    when = f", sending from {moment(until, instant)}" if until else ""
    if parked:
        when += f"; {counted(parked, 'overdue message')} parked: `seqconsole resume --overdue`"
    return Done(operation, 1, f"the engine is on{when}", sends_from=until or instant)


def _allow(known: EngineFacts, now: datetime, gateway_configured: bool) -> None:
    refused = known.refusals(now, gateway_configured=gateway_configured)
    if refused and known.engine != "on":
        raise OperationRefused("; ".join(refused))


async def charge_what_was_sent(tx: Transaction, now: datetime) -> None:
    """A throttle row for each device, charged with what any sender sent in the last window."""
    await tx.run("engine/sync_devices", ids=None, now=now)
    await tx.run("engine/seed_rings", now=now)


async def wait(tx: Transaction, operation: int, until: datetime, now: datetime) -> None:
    """The hold on everything that gives the operator 10 s to take it back."""
    reason = "the engine was switched on"
    await holds.put(tx, operation, Scope.ALL, [""], SWITCH, reason, until=until, now=now, unit=UNIT)


@again_on_conflict
async def engine_off(database: Database, who: str, *, reason: str | None = None) -> Done:
    """Switch the engine off: then nothing more is claimed; `in_flight` names what still may arrive."""
    async with database.transaction(writer="operator") as tx:
        await tx.lock_gate(exclusive=True)
        now = await tx.now()
        flying = await tx.rows(InFlight, "operations/in_flight", scope=Scope.ALL, keys=[""])
        if (await facts(tx, now)).engine != "on":
            return Done(None, 0, "the engine is already off", in_flight=tuple(flying))
        operation = await journal.record(
            tx,
            who=who,
            verb="engine off",
            now=now,
            n=1,
            summary="switched the engine off",
            reason=reason,
        )
        await tx.run("operations/write_engine", operation=operation, value="off")
    n = len(flying)
    tail = f"; {counted(n, 'message')} {verb(n, 'is', 'are')} still in flight" if n else ""
    return Done(operation, 1, f"the engine is off{tail}", in_flight=tuple(flying))
