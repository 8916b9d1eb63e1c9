"""What a repair is asked for, and what is known of it (DESIGN 4 and 6): read here, judged by each verb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from engine.store import Transaction


@dataclass(frozen=True, slots=True)
class Selection:
    """The queue's filters. None asks for all; `ids` (messages or contact rows) stand alone.

    `phones` are phone keys; `older` is the least age of a message's due time; `states` replaces the
    states that a verb looks at by itself.
    """

    devices: tuple[UUID, ...] | None = None
    sequences: tuple[UUID, ...] | None = None
    phones: tuple[str, ...] | None = None
    error: str | None = None
    older: timedelta | None = None
    states: tuple[str, ...] | None = None
    ids: tuple[UUID, ...] = ()


EVERYTHING: Final = Selection()
"""All that a verb can repair."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a verb looks: statuses of messages and contact rows, states of open work without a message.

    `idle` leaves out contact rows whose message is queued or in flight; `unlinked` adds rows that name no
    step, `behind` active steps behind the one whose turn it is.
    """

    messages: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    work: tuple[str, ...] = ()
    idle: bool = False
    unlinked: bool = False
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A contact row or a message that was selected."""

    contact_id: UUID | None
    message_id: UUID | None


@dataclass(frozen=True, slots=True)
class Facts:
    """One step of one person, or one campaign message, as `sql/operations/repair_facts.sql` reads it.

    `meaning`: what the message's status means (pending, sent, failed, skipped, unknown), None without a
    message. `outcome`: the ledger's. `surplus`: another message stands for the step. `link_*`: the
    step that the day number decides, for a row that names none. `pin` hashes all that was read.
    """

    track: UUID | None
    phone_key: str | None
    step_id: UUID | None
    campaign: bool
    surplus: bool
    copies: int
    day_number: int | None
    step_known: bool
    contact_id: UUID | None
    contact_status: str | None
    contact_state: str | None
    contact_meaning: str | None
    claimed: bool | None
    message_id: UUID | None
    message_status: str | None
    meaning: str | None
    ledger_message: UUID | None
    outcome: str | None
    sent_at: str | None
    tries: int
    open_attempt: bool
    was_doubt: bool
    attempt_id: UUID | None
    attempt_claimed_at: datetime | None
    attempt_outcome: str | None
    attempt_code: str | None
    work_state: str | None
    work_gate: str | None
    permanent: bool
    skips_failed: bool
    later_sent: bool
    later_open: bool
    day: int | None
    link_step: UUID | None
    link_rivals: int
    link_taken: bool
    link_renumbered: bool
    link_outcome: str | None
    completed_at: str | None
    pin: int

    @property
    def unit(self) -> str:
        """The unit of undo: the person's chain, or the campaign message."""
        return f"{self.track}|{self.phone_key}|1"

    @property
    def key(self) -> str:
        """What this is, among all that was selected."""
        return f"{self.contact_id}|{self.message_id}"

    @property
    def in_doubt(self) -> bool:
        """Nobody knows whether it was sent."""
        return self.meaning == "unknown" or self.outcome == "u"

    @property
    def state(self) -> str:
        """The message's status, else the contact row's: what an operator sees."""
        return self.message_status or self.contact_status or "empty"


async def select(
    tx: Transaction, sources: Sources, selection: Selection, now: datetime
) -> list[Pair]:
    """What the selection asks for, of what the verb looks at."""
    by_id = bool(selection.ids)
    states = selection.states
    return await tx.rows(
        Pair,
        "operations/repair_select",
        messages=[] if by_id else _among(states, sources.messages),
        contacts=[] if by_id else _among(states, sources.contacts),
        work=[] if by_id else list(sources.work),
        idle=sources.idle,
        unlinked=sources.unlinked and not by_id,
        behind=sources.behind and not by_id,
        ids=list(selection.ids),
        devices=_listed(selection.devices),
        sequences=_listed(selection.sequences),
        phones=_listed(selection.phones),
        error=selection.error,
        before=None if selection.older is None else now - selection.older,
    )


async def known(tx: Transaction, pairs: Sequence[Pair], now: datetime) -> list[Facts]:
    """The facts of these pairs; two pairs that are one step give one."""
    return await tx.rows(
        Facts,
        "operations/repair_facts",
        contacts=[p.contact_id for p in pairs if p.contact_id is not None],
        messages=[p.message_id for p in pairs if p.message_id is not None],
        now=now,
    )


def _among(states: tuple[str, ...] | None, usual: tuple[str, ...]) -> list[str]:
    return list(usual if states is None or not usual else states)


def _listed(values: Sequence[object] | None) -> list[object] | None:
    return None if values is None else list(values)
