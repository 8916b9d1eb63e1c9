"""Who takes over what of a device's future: the earliest projected free slot, and one device a person.

A person with work in several sequences gets one new number, not several.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from engine.operations.model import OperationRefused, Scope
from engine.operations.targets import Found, NotFound, the_one
from engine.operations.wording import listed
from engine.store import Transaction

MOST: Final = 200_000
"""So much open work is moved by one operation; more is named, and moved by the next."""

NEVER: Final = 1e12
"""Seconds until a device that nothing opens is free."""


@dataclass(frozen=True, slots=True)
class Source:
    """The device whose future is moved; `gone` = it is in no row of user_devices any more."""

    device_id: UUID
    name: str
    gone: bool
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class Work:
    """Open work to move. state: w waits, r queued; `parked` has no time; `seen` knows the old number."""

    track: UUID
    phone: str
    run: int
    state: str
    parked: bool
    seen: bool

    @property
    def unit(self) -> str:
        """The unit of undo: one person's way through one sequence, or one campaign message."""
        return f"{self.track}|{self.phone}|{self.run}"


@dataclass(frozen=True, slots=True)
class Left:
    """What stays with the device: in flight, in doubt, given up."""

    in_flight: int
    in_doubt: int
    given_up: int


@dataclass(frozen=True, slots=True)
class Taker:
    """A device that may take over. `free_in`: seconds to a slot behind its queue; None: nothing opens it."""

    device_id: UUID
    name: str
    same_user: bool
    queued: int
    held: str | None
    steady: bool
    pace: float
    free_in: float | None


@dataclass(frozen=True, slots=True)
class Drained:
    """When a device will have sent its queue; None: it has none."""

    device_id: UUID
    drained_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: `to` = names or ids of devices; none = all that can, by their free slots.

    `while_lost`: only as long as its gateway or its breaker holds the device without an end.
    """

    device: str
    to: tuple[str, ...] = ()
    sequence: UUID | None = None
    limit: int | None = None
    while_lost: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes where. `of` gives each person of `work` a device."""

    source: Source
    work: Sequence[Work]
    takers: Sequence[Taker]
    of: dict[str, UUID]
    left: Left
    more: bool

    @property
    def pinned(self) -> str:
        """The hash of what is moved, from where, and of the devices that take over."""
        takers = sorted(str(taker.device_id) for taker in self.takers)
        lines = [str(self.source.device_id), *takers, *sorted(w.unit for w in self.work)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def share(self, taker: Taker) -> Counter[str]:
        """How much of each state a device takes over."""
        return Counter(w.state for w in self.work if self.of[w.phone] == taker.device_id)


async def plan(tx: Transaction, wanted: Wanted, now: datetime) -> Plan:
    """What this request means now. Raises NotFound, Ambiguous, OperationRefused with the reason."""
    source = await _source(tx, wanted.device)
    takers = await _takers(tx, source, wanted.to, now)
    most = min(wanted.limit or MOST, MOST)
    of = {"device": source.device_id, "sequence": wanted.sequence}
    work = await tx.rows(Work, "operations/reassign_work", **of, limit=most + 1)
    left = await tx.one(Left, "operations/reassign_left", **of)
    assert left is not None  # a select without a table always answers
    more = len(work) > most
    return Plan(source, work[:most], takers, _spread(work[:most], takers), left, more)


async def _source(tx: Transaction, text: str) -> Source:
    found = await tx.rows(Found, "operations/find_devices", text=text.replace("\0", ""))
    try:
        device = UUID(the_one(Scope.DEVICE, text, found).key) if found else UUID(text)
    except ValueError:
        raise NotFound(f"there is no device {text!r}") from None
    source = await tx.one(Source, "operations/reassign_source", device=device)
    if source is None:
        raise NotFound(f"there is no device {text!r}, and no message waits for it")
    return source


async def _takers(
    tx: Transaction, source: Source, names: Sequence[str], now: datetime
) -> list[Taker]:
    named = [await _named(tx, name) for name in names] or None
    if named and source.device_id in named:
        raise OperationRefused(f"{source.name!r} can't take over from itself")
    found = await tx.rows(
        Taker,
        "operations/reassign_targets",
        device=source.device_id,
        user=source.user_id,
        named=named,
        now=now,
    )
    if named:
        strangers = [f"{t.name!r}" for t in found if not t.same_user]
        if strangers:
            raise OperationRefused(f"{listed(strangers)}: of another user than {source.name!r}")
        if len(found) < len(set(named)):
            raise OperationRefused("a device is not known to the engine yet; try again in a second")
        return found
    able = [t for t in found if t.steady]
    if not able:
        why = listed([f"{t.name!r} {t.held or 'may send nothing'}" for t in found])
        raise OperationRefused(
            f"no other device of the same user can take over{': ' + why if why else ''}"
        )
    return able


async def _named(tx: Transaction, text: str) -> UUID:
    found = await tx.rows(Found, "operations/find_devices", text=text.replace("\0", ""))
    return UUID(the_one(Scope.DEVICE, text, found).key)


def _spread(work: Sequence[Work], takers: Sequence[Taker]) -> dict[str, UUID]:
    """Each person to the device that is free first, what is due first before the rest."""
    free = [
        (NEVER if taker.free_in is None else taker.free_in, place, taker)
        for place, taker in enumerate(takers)
    ]
    heapq.heapify(free)
    of: dict[str, UUID] = {}
    for item in work:
        if item.phone not in of:
            at, place, taker = free[0]
            of[item.phone] = taker.device_id
            heapq.heapreplace(free, (at + taker.pace, place, taker))
    return of
