"""A contact row as the screens show it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.operations.model import Scope, Target
from engine.views import ContactRowView
from seqconsole.text import NOTHING, clock, full_phone, mask_phone
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone

STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "pending": ("· pending", Tone.PLAIN),
    "active": ("● active", Tone.OK),
    "completed": ("√ completed", Tone.OK),
    "failed": ("× failed", Tone.BAD),
    "skipped": ("» skipped", Tone.MUTED),
}


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact row; `place` is its place in the order of the database."""

    place: int
    view: ContactRowView
    next: str
    phone: str


def contact_rows(rows: Sequence[ContactRowView], now: datetime, wide: bool) -> list[ContactRow]:
    """Contact rows at a moment; `wide` shows phones in full."""
    phone = full_phone if wide else mask_phone
    return [
        ContactRow(place, row, _next(row, now), phone(row.phone_key or row.phone))
        for place, row in enumerate(rows)
    ]


def _next(row: ContactRowView, now: datetime) -> str:
    if row.completed_at is not None and row.status in {"completed", "sent"}:
        return clock(row.completed_at, now)
    at = row.at or row.next_trigger_time
    return "due" if at is not None and at <= now else clock(at, now)


def state_of(status: str) -> tuple[str, Tone]:
    """A status with its glyph; a foreign one is shown as it is and never guessed at."""
    return STATES.get(status, (f"? {status}", Tone.WARN))


def _engine(row: ContactRow) -> str:
    view = row.view
    if view.gate:
        return f"waits: {view.gate}"
    return view.open_state or view.last_error or ""


COLUMNS: Final[tuple[Column[ContactRow], ...]] = (
    Column("contact", "Contact", 14, lambda row: row.view.name or NOTHING,
           order=lambda row: row.view.name, flex=True, most=28),
    Column("phone", "Phone", 10, lambda row: row.phone, priority=1,
           order=lambda row: row.view.phone_key),
    Column("sequence", "Sequence", 14, lambda row: row.view.sequence_name or NOTHING, flex=True,
           most=28, priority=6, from_width=110, order=lambda row: row.view.sequence_name),
    Column("step", "Step", 4, lambda row: str(row.view.day_number or NOTHING), right=True,
           priority=2, order=lambda row: row.view.day_number),
    Column("state", "State", 11, lambda row: state_of(row.view.status)[0],
           tone=lambda row: state_of(row.view.status)[1], priority=1,
           order=lambda row: row.view.status),
    Column("when", "When", 15, lambda row: row.next, priority=2,
           order=lambda row: row.view.at or row.view.next_trigger_time or row.view.completed_at),
    Column("device", "Device", 12, lambda row: row.view.device_name or NOTHING, flex=True, most=22,
           priority=5, from_width=100, order=lambda row: row.view.device_name),
    Column("engine", "Engine", 12, _engine, flex=True, priority=3, order=lambda row: row.view.gate,
           tone=lambda row: Tone.BAD if row.view.open_state in {"unknown", "failed"}
           else Tone.MUTED),
    Column("message", "Message", 9, lambda row: row.view.message_status or NOTHING, priority=7,
           from_width=110, order=lambda row: row.view.message_status),
)  # fmt: skip


def contact_fields(row: ContactRow) -> Mapping[str, str]:
    """What a filter searches in a contact row."""
    view = row.view
    return {
        "contact": view.name or "",
        "state": view.status,
        "sequence": view.sequence_name or "",
        "step": str(view.day_number or ""),
        "device": view.device_name or "",
        "gate": view.gate or "",
        "error": view.last_error or "",
        "phone": row.phone,
        "_phone": view.phone_key or view.phone or "",
    }


def people(rows: Sequence[ContactRow]) -> Target:
    """The persons of these rows, by phone key; rows without a phone are left out."""
    known = {row.view.phone_key: row for row in rows if row.view.phone_key}
    names = tuple(row.view.name or mask_phone(key) for key, row in known.items())
    return Target(Scope.CONTACT, tuple(known), names)
