"""What resolving would do, as the operator sees it: group by group, row by row (DESIGN 6, DESIGN 10.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.operations.model import WAIT, Preview
from engine.operations.survivorship import Group, when_sent
from engine.operations.wording import counted, verb
from engine.phones import masked


@dataclass(frozen=True, slots=True)
class RowPreview:
    """A row of a group side by side with the others. `verdict` is keep or archive."""

    id: UUID
    status: str
    completed_at: datetime | None
    next_trigger_time: datetime | None
    phone: str | None
    name: str | None
    device: str | None
    message: str | None
    evidence: str
    verdict: str


@dataclass(frozen=True, slots=True)
class GroupPreview:
    """What resolving does to one group. `refusal` is None where it can be resolved."""

    key: str
    sequence_name: str | None
    day_number: int | None
    person: str | None
    phone_key: str
    rows: tuple[RowPreview, ...]
    survivor: UUID
    rule: str
    result: str
    refusal: str | None
    when: str
    skipped_messages: int


@dataclass(frozen=True, slots=True)
class ResolvePreview(Preview):
    """The preview of a resolve, group by group."""

    groups: tuple[GroupPreview, ...] = ()


def summed_up(ready: Sequence[Group], previews: Sequence[GroupPreview]) -> tuple[str, ...]:
    """The preview's lines: over all groups, and of a single one in full."""
    rows = sum(len(g.removed) for g in ready)
    messages = sum(len(g.survivor.surplus) for g in ready)
    lines = [f"{counted(rows, 'row')} {verb(rows, 'goes', 'go')} to the archive."]
    if messages:
        lines.append(f"{counted(messages, 'surplus message')} will be skipped.")
    if len(previews) == 1:
        one = previews[0]
        name = " ".join((one.person or "").split())[:60]
        if ready:
            lines.insert(0, f"{name} {named(ready[0])}.".strip())
        lines.append(
            f"Keeps {one.survivor} ({one.rule}); the result is {one.result or 'an empty state'}."
        )
        lines.append(f"Its message is {one.when}.")
    else:
        again = sum(1 for g in ready if g.survivor.is_sent)
        were = verb(again, "was", "were")
        lines.append(f"{counted(again, 'group')} {were} sent and will not be sent again.")
    return tuple(lines)


def group_preview(group: Group, now: datetime, *, engine_on: bool) -> GroupPreview:
    """A judged group as the operator sees it."""
    row = group.survivor
    return GroupPreview(
        key=str(group.key),
        sequence_name=row.sequence_name,
        day_number=row.day_number,
        person=row.name or next((r.name for r in group.rows if r.name), None),
        phone_key=row.phone_key,
        rows=tuple(
            RowPreview(
                id=r.id,
                status=r.status or "",
                completed_at=r.completed_at,
                next_trigger_time=r.next_trigger_time,
                phone=r.phone,
                name=r.name,
                device=r.device_name,
                message=r.message,
                evidence=r.evidence,
                verdict="keep" if r is row else "archive",
            )
            for r in group.rows
        ),
        survivor=row.id,
        rule=row.rule,
        result=row.result or "",
        refusal=group.refusal,
        when=when_sent(group, now, now + WAIT, engine_on=engine_on),
        skipped_messages=len(row.surplus),
    )


def named(group: Group) -> str:
    """A group as a line names it, the phone masked."""
    row = group.survivor
    day = "" if row.day_number is None else f", day {row.day_number}"
    name = " ".join((row.sequence_name or str(row.sequence_id)).split())[:60]
    return f"{masked(row.phone_key)} in {name}{day}"
