"""A message as the screens show it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.views import MessageView
from seqconsole.text import NOTHING, clock, full_phone, mask_phone
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone

STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "pending": ("· pending", Tone.PLAIN),
    "sending": ("▶ sending", Tone.OK),
    "sent": ("√ sent", Tone.OK),
    "failed": ("× failed", Tone.BAD),
    "unknown": ("? unknown", Tone.BAD),
    "skipped": ("» skipped", Tone.MUTED),
}
_ORDER: Final = {"unknown": 0, "sending": 1, "failed": 2, "pending": 3, "skipped": 5, "sent": 6}


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message; `place` is its place in the order of the database."""

    place: int
    view: MessageView
    when: str
    phone: str


def message_rows(messages: Sequence[MessageView], now: datetime, wide: bool) -> list[MessageRow]:
    """The messages at a moment; `wide` shows phones in full."""
    phone = full_phone if wide else mask_phone
    return [
        MessageRow(place, message, _when(message, now), phone(message.phone_key))
        for place, message in enumerate(messages)
    ]


def _when(message: MessageView, now: datetime) -> str:
    if message.status in {"sent", "failed", "skipped"}:
        return clock(message.sent_at or message.scheduled_at, now)
    at = message.at or message.scheduled_at
    if message.status == "sending" and message.at is not None:
        return f"lease {clock(message.at, now)}"
    if message.status == "pending" and at is not None and at <= now:
        return "due"
    return clock(at, now)


def state_of(status: str) -> tuple[str, Tone]:
    """A status with its glyph; a foreign one is shown as it is."""
    return STATES.get(status, (f"? {status}", Tone.WARN))


def why(row: MessageRow) -> str:
    """What the gateway answered, or what the message waits for."""
    view = row.view
    return view.error or (f"waits: {view.gate}" if view.gate else "")


COLUMNS: Final[tuple[Column[MessageRow], ...]] = (
    Column("state", "State", 10, lambda row: state_of(row.view.status)[0],
           tone=lambda row: state_of(row.view.status)[1],
           order=lambda row: (_ORDER.get(row.view.status, 4), row.place)),
    Column("when", "When", 15, lambda row: row.when, priority=1,
           order=lambda row: row.view.at or row.view.scheduled_at),
    Column("device", "Device", 13, lambda row: row.view.device_name or NOTHING, priority=2,
           flex=True, most=22, order=lambda row: row.view.device_name),
    Column("to", "To", 10, lambda row: row.phone, priority=1,
           order=lambda row: row.view.phone_key),
    Column("name", "Name", 14, lambda row: row.view.name or "", priority=5,
           order=lambda row: row.view.name),
    Column("sequence", "Sequence", 12, lambda row: row.view.sequence_name or "campaign",
           priority=6, flex=True, most=24, from_width=96, order=lambda row: row.view.sequence_name),
    Column("step", "Step", 4, lambda row: str(row.view.day_number or NOTHING), right=True,
           priority=6, from_width=96, order=lambda row: row.view.day_number),
    Column("tries", "Try", 3, lambda row: str(row.view.tries or "·"), right=True, priority=4,
           falling=True, order=lambda row: row.view.tries),
    Column("why", "Why", 10, why, priority=3, flex=True, order=lambda row: why(row) or None,
           tone=lambda row: Tone.BAD if row.view.error else Tone.MUTED),
)  # fmt: skip


def message_fields(row: MessageRow) -> Mapping[str, str]:
    """What a filter searches in a message."""
    view = row.view
    return {
        "state": view.status,
        "when": row.when,
        "what": view.sequence_name or "campaign",
        "device": view.device_name or "",
        "name": view.name or "",
        "sequence": view.sequence_name or "",
        "error": view.error or "",
        "gate": view.gate or "",
        "phone": row.phone,
        "_phone": view.phone_key or "",
    }
