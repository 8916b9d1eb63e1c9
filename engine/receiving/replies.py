"""Replies: noted once, never their words. Stop suppresses the person; another may hold or end the sequence.

What a reply does is done in the transaction that notes it, so a repeated webhook does nothing. Ending begins
with the hold; the steps that are left are skipped right after, and later where one is in flight or in doubt.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from engine.operations import holds, journal
from engine.operations.ending import EndSequence
from engine.operations.model import OperationRefused, Scope, Target
from engine.operations.repair import apply_repair, preview_repair
from engine.operations.repair_facts import Selection
from engine.operations.suppress import put_suppressions
from engine.operations.targets import described
from engine.receiving.events import Reply
from engine.receiving.receipts import WHO, ReceivingSettings
from engine.receiving.stop_words import plain, says_stop, words_of
from engine.store import Busy, Database, Transaction
from engine.store.retrying import again_on_conflict

log = logging.getLogger(__name__)

STOP: Final = "s"
PLAIN: Final = "p"
ENDINGS: Final = 50
"""Replies whose sequences are ended at a time."""


@dataclass(frozen=True, slots=True)
class NewReply:
    """A reply that was not known before."""

    reply_id: str
    phone_key: str
    device_id: UUID | None
    kind: str


@dataclass(frozen=True, slots=True)
class Act:
    """What a setting asks for: `pause` or `end` a sequence for the person of this reply."""

    reply_id: str
    phone_key: str
    sequence_id: UUID
    act: str


@dataclass(frozen=True, slots=True)
class InSequence:
    """A person in a sequence."""

    phone_key: str
    sequence_id: UUID


@dataclass(frozen=True, slots=True)
class Ending:
    """A reply that ends sequences."""

    reply_id: str
    phone_key: str
    sequences: list[UUID]


async def take_replies(
    database: Database, replies: Sequence[Reply], devices: Mapping[str, UUID]
) -> None:
    """Note replies, and do what they ask for. Senders that are no phone number are left out, and logged."""
    if not replies:
        return
    async with database.transaction() as tx:
        settings = await tx.one(ReceivingSettings, "receiving/settings")
    words = words_of(settings.stop_words if settings else None)
    stops = {r: r.opted_out or says_stop(r.text, words) for r in replies}
    acts = any(stops.values()) or (settings is not None and settings.acts)
    await _take(database, stops, devices, acts=acts)
    await finish_endings(database)


@again_on_conflict
async def _take(
    database: Database, stops: Mapping[Reply, bool], devices: Mapping[str, UUID], *, acts: bool
) -> None:
    async with database.transaction(writer="operator" if acts else "engine") as tx:
        if acts:
            await tx.lock_gate(exclusive=True)
            await tx.run("session/lock_projection")
        now = await tx.now()
        new = await tx.rows(
            NewReply,
            "receiving/keep_replies",
            now=now,
            reply_ids=[r.reply_id for r in stops],
            phones=[r.phone for r in stops],
            device_ids=[devices.get(r.device) for r in stops],
            kinds=[STOP if stops[r] else PLAIN for r in stops],
            ats=[r.at for r in stops],
        )
        if acts and new:
            said = {r.reply_id: r for r in stops}
            await _suppress(tx, [n for n in new if n.kind == STOP], said, now)
            await _hold(tx, [n for n in new if n.kind == PLAIN], now)
        await _find_nameless(tx, [r for r in stops if stops[r]], devices, now)


async def _find_nameless(
    tx: Transaction, said: Sequence[Reply], devices: Mapping[str, UUID], now: datetime
) -> None:
    """Who said stop under a name that is no number (a linked id) can't be suppressed: a finding says so."""
    if not said:
        return
    n = await tx.run(
        "receiving/find_nameless",
        now=now,
        reply_ids=[r.reply_id for r in said],
        phones=[r.phone for r in said],
        device_ids=[devices.get(r.device) for r in said],
    )
    if n:
        log.warning("%d said stop whose number the gateway does not tell: look at the chat", n)


async def _suppress(
    tx: Transaction, new: Sequence[NewReply], said: Mapping[str, Reply], now: datetime
) -> None:
    by_reason: dict[str, list[str]] = {}
    for reply in new:
        found = said[reply.reply_id]
        why = "opted out" if found.opted_out else f"replied: {plain(found.text)}"
        by_reason.setdefault(why, []).append(reply.phone_key)
    for why, keys in sorted(by_reason.items()):
        await put_suppressions(tx, WHO, sorted(set(keys)), why, now)


async def _hold(tx: Transaction, new: Sequence[NewReply], now: datetime) -> None:
    acts = await tx.rows(
        Act,
        "receiving/replied_sequences",
        reply_ids=[n.reply_id for n in new],
        phones=[n.phone_key for n in new],
        device_ids=[n.device_id for n in new],
    )
    held = await tx.rows(
        InSequence,
        "receiving/not_held",
        phones=[a.phone_key for a in acts],
        sequences=[a.sequence_id for a in acts],
    )
    if held:
        people = sorted({h.phone_key for h in held})
        target = Target(Scope.CONTACT, tuple(people))
        operation = await journal.record(
            tx,
            who=WHO,
            verb="hold replied",
            now=now,
            n=len(people),
            summary=f"held {described(target)} in the sequence that was replied to",
            reason="replied",
            target=holds.as_json(target),
        )
        await tx.run(
            "receiving/hold_replied",
            operation=operation,
            phones=[h.phone_key for h in held],
            sequences=[h.sequence_id for h in held],
            now=now,
        )
        await holds.park(tx, Scope.CONTACT, people, now)
    ends = [a for a in acts if a.act == "end"]
    if ends:
        await tx.run(
            "receiving/mark_ending",
            reply_ids=[a.reply_id for a in ends],
            phones=[a.phone_key for a in ends],
            sequences=[a.sequence_id for a in ends],
            now=now,
        )


async def finish_endings(database: Database) -> int:
    """Skip what is left of sequences that replies ended; returns how many replies are done with."""
    async with database.transaction() as tx:
        found = await tx.rows(Ending, "receiving/endings", now=await tx.now(), limit=ENDINGS)
    done = 0
    for ending in found:
        ended = await _end(database, ending)
        done += ended
        async with database.transaction(writer="engine") as tx:
            await tx.run(
                "receiving/end_noted",
                phone=ending.phone_key,
                reply=ending.reply_id,
                done=ended,
                now=await tx.now(),
            )
    return done


async def _end(database: Database, ending: Ending) -> bool:
    """Whether nothing is left that could be skipped later."""
    repair = EndSequence()
    selection = Selection(sequences=tuple(ending.sequences), phones=(ending.phone_key,))
    try:
        preview = await preview_repair(database, repair, selection)
        if preview.steps:
            done = await apply_repair(
                database, WHO, repair, selection, pinned=preview.pinned, reason="replied"
            )
            return not done.refused
    except (OperationRefused, Busy) as error:  # something moved meanwhile: later again
        log.info("ending after a reply: %s", error)
        return False
    return not preview.refused
