"""Judges duplicate groups (DESIGN 6, "Duplicates"): which row stays, by which rule, what becomes of it.

The order itself is in `sql/operations/rank_duplicates.sql`, which preview and apply share.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from engine.operations.model import OperationRefused
from engine.operations.wording import listed, moment
from engine.projection import Track
from engine.store import Transaction

PORTION: Final = 100
"""Groups judged by one statement: its joins over what it has read grow with the square."""


@dataclass(frozen=True, slots=True, order=True)
class GroupKey:
    """What names a duplicate group: sequence, person, step. As text: `sequence|phone key|step`."""

    sequence_id: UUID
    phone: str
    step_id: UUID

    def __str__(self) -> str:
        return f"{self.sequence_id}|{self.phone}|{self.step_id}"

    @classmethod
    def parse(cls, text: str) -> GroupKey:
        """Raises OperationRefused for what is no key of a group."""
        try:
            sequence, phone, step = text.split("|")
            return cls(UUID(sequence), phone, UUID(step))
        except ValueError:
            raise OperationRefused(f"{text[:120]!r} does not name a duplicate group") from None

    @property
    def track(self) -> Track:
        """The person's way through the sequence."""
        return Track(self.sequence_id, self.phone)


def parameters(keys: Sequence[GroupKey]) -> dict[str, list[object]]:
    """Groups as the arrays that the SQL files take."""
    return {
        "sequences": [k.sequence_id for k in keys],
        "phones": [k.phone for k in keys],
        "steps": [k.step_id for k in keys],
    }


@dataclass(frozen=True, slots=True)
class RankedRow:
    """One contact row of a group in survivorship order, with the verdict on its group on each row."""

    key: str
    sequence_id: UUID
    phone_key: str
    step_id: UUID
    sequence_name: str | None
    day_number: int | None
    id: UUID
    status: str | None
    phone: str | None
    name: str | None
    device_name: str | None
    place: int
    completed_at: datetime | None
    next_trigger_time: datetime | None
    message: str | None
    evidence: str
    rule: str
    result: str | None
    is_sent: bool
    proofs: list[str] | None
    in_doubt: bool
    busy: bool
    busy_until: datetime | None
    result_completed_at: str | None
    result_retry_count: int | None
    survivor_changes: bool
    kept_message: UUID | None
    surplus: list[UUID]
    scheduled_at: datetime | None
    new_outcome: str | None
    new_message: UUID | None
    earlier_open: bool
    held: bool
    pin: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A row that another table points at."""

    id: UUID
    referenced_by: str


@dataclass(frozen=True, slots=True)
class Group:
    """A judged group: its rows in order, the first one stays. `refusal` says why it can't be resolved now."""

    key: GroupKey
    rows: tuple[RankedRow, ...]
    refusal: str | None

    @property
    def survivor(self) -> RankedRow:
        """The row that is kept."""
        return self.rows[0]

    @property
    def removed(self) -> tuple[RankedRow, ...]:
        """The rows that go to the archive."""
        return self.rows[1:]

    @property
    def changes(self) -> int:
        """How many rows resolving changes: removed, rewritten, skipped."""
        return len(self.removed) + self.survivor.survivor_changes + len(self.survivor.surplus)

    @property
    def may_send(self) -> bool:
        """Whether a message of this person may go out as a result: the group's own, or the next step's."""
        return not self.survivor.in_doubt


async def judge(
    tx: Transaction, keys: Sequence[GroupKey], keep: Collection[UUID], now: datetime
) -> list[Group]:
    """The groups among `keys` that still are groups, by key. `keep` = rows the operator chose."""
    rows: list[RankedRow] = []
    for start in range(0, len(keys), PORTION):
        portion = parameters(keys[start : start + PORTION])
        rows += await tx.rows(
            RankedRow, "operations/rank_duplicates", **portion, keep=list(keep), now=now
        )
    surplus = [row.id for row in rows if row.place > 1]
    pointed: dict[UUID, list[str]] = {}
    if surplus:
        for found in await tx.rows(Reference, "operations/referenced", ids=surplus):
            pointed.setdefault(found.id, []).append(found.referenced_by)
    groups = []
    for text, members in groupby(rows, key=lambda row: row.key):
        of_group = tuple(members)
        groups.append(Group(GroupKey.parse(text), of_group, _refusal(of_group, pointed, now)))
    return groups


def _refusal(
    rows: tuple[RankedRow, ...], pointed: Mapping[UUID, Sequence[str]], now: datetime
) -> str | None:
    if rows[0].busy:
        until = rows[0].busy_until
        tail = f" until {moment(until, now)}" if until else ""
        return f"busy: a message of this group is in flight{tail}"
    for row in rows[1:]:
        if row.id in pointed:
            return f"row {row.id} is referenced by {listed(pointed[row.id])}"
    return None


def when_sent(group: Group, now: datetime, wait_until: datetime, *, engine_on: bool) -> str:
    """When a message of this group goes out as a result of resolving it (DESIGN 10.7)."""
    row = group.survivor
    if row.is_sent:
        return f"not sent again: {listed(row.proofs or ())} says that it was"
    if row.in_doubt:
        return "not sent: a message is in doubt until a receipt or you settle it"
    if (row.result or "").lower() not in ("pending", "active"):
        return f"not sent: its state is {row.result or 'empty'}"
    if row.result == "active" and row.kept_message is None:
        return "not sent: stuck in active without a message, until you release it"
    hindrances = []
    if row.earlier_open:
        hindrances.append("the steps before it are done")
    if row.held:
        hindrances.append("its pause ends")
    if not engine_on:
        hindrances.append("the engine is switched on")
    due = row.scheduled_at if row.kept_message else row.next_trigger_time
    if due is None and row.kept_message is None and not row.earlier_open:
        return f"sent after its delay{_once(hindrances)}"
    at = max(due or wait_until, wait_until)
    return f"sent from {moment(at, now)}{_once(hindrances)}"


def _once(hindrances: Sequence[str]) -> str:
    return f", once {listed(hindrances)}" if hindrances else ""
