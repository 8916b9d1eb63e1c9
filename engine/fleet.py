"""The devices as a reader knows them: asked again, the database sends those alone that have changed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from engine.store import FOREVER, Transaction
from engine.views import DeviceCondition, DeviceView

DUE_LIMIT: Final = 1000
"""`due` of a device is counted up to here: a figure this high means "or more"."""

WHOLE_EVERY: Final = 300.0
"""Seconds after which all are read again: marks have 32 bits, and a proof alone is no change."""

_Names = tuple[UUID, str, UUID | None, str | None, str | None]
"""Id, name, user, platform, phone; the host follows the figures."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """A row of sql/views/devices: one device, or only the fleet where there are none."""

    fleet: int | None
    place: int | None
    mark: int | None
    named: str | None
    moving: str


class Fleet:
    """The devices of one reader, by name. A device that has not changed stays the same object."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._read_at = 0.0
        self._fleet: int | None = None
        self._known: dict[int, DeviceView] = {}
        self._marks = bytearray()

    async def read(self, tx: Transaction, now: datetime) -> Sequence[DeviceView]:
        """All devices at an instant, as that transaction sees them."""
        if self._clock() - self._read_at > WHOLE_EVERY:
            self._fleet = None
        sent = await tx.rows(
            _Sent,
            "views/devices",
            now=now,
            due_limit=DUE_LIMIT,
            fleet=self._fleet,
            marks=bytes(self._marks),
        )
        fleet = sent[0].fleet
        if fleet is not None and fleet != self._fleet:
            self._fleet, self._read_at = fleet, self._clock()
            self._known, self._marks = {}, bytearray(4 * len(sent))
        for row in sent:
            if row.place is not None and row.mark is not None:
                self._known[row.place] = _device(row, self._known.get(row.place))
                self._marks[4 * row.place - 4 : 4 * row.place] = row.mark.to_bytes(
                    4, "big", signed=True
                )
        return list(self._known.values())


def _device(row: _Sent, known: DeviceView | None) -> DeviceView:
    if row.named is not None:
        id, name, user, platform, phone, host = json.loads(row.named)
        names: _Names = (UUID(id), name, UUID(user) if user else None, platform, phone)
    else:
        assert known is not None
        names = (known.id, known.name, known.user_id, known.platform, known.phone)
        host = known.host
    (condition, hold, held_until, pending, due, sending, unknown, failed, sent_in_window, limit, slot_at,
     failures, gateway_state, proven_at, last_sent_at, drained_at) = json.loads(row.moving)  # fmt: skip
    slot = _moment(slot_at)
    assert slot is not None
    return DeviceView(
        *names,
        DeviceCondition(condition),
        hold,
        _moment(held_until),
        pending,
        due,
        sending,
        unknown,
        failed,
        sent_in_window,
        limit,
        slot,
        failures,
        gateway_state,
        _moment(proven_at),
        _moment(last_sent_at),
        FOREVER if drained_at == -1 else _moment(drained_at),
        host,
    )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
