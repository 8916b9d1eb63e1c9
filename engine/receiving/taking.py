"""Takes what webhooks tell: the one way in, for every gateway. Raises the errors of the store.

Repeating it, in any order and any number, changes nothing more. The caller answers the gateway afterwards:
what raises was not taken, and comes again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from engine.receiving.events import Event, Receipt, Reply
from engine.receiving.receipts import take_receipts
from engine.receiving.replies import take_replies
from engine.store import Database

FRESH: Final = 60.0
"""Seconds for which a device's name at its gateway is remembered."""
MOST_NAMES: Final = 20_000


@dataclass(frozen=True, slots=True)
class NamedDevice:
    """A gateway's name of a device."""

    name: str
    device_id: UUID


class Taker:
    """Takes the events of one webhook. `devices`: the gateway's names of devices that the settings map."""

    def __init__(self, database: Database, devices: Mapping[str, UUID] | None = None) -> None:
        self._database = database
        self._given = {_plain(name): device for name, device in (devices or {}).items()}
        self._known: dict[str, tuple[float, UUID | None]] = {}

    async def take(self, events: Sequence[Event]) -> None:
        """Take these. Stop first: it must not wait for receipts."""
        devices = await self._devices({e.device for e in events if e.device})
        await take_replies(self._database, [e for e in events if isinstance(e, Reply)], devices)
        await take_receipts(self._database, [e for e in events if isinstance(e, Receipt)], devices)

    async def _devices(self, names: Iterable[str]) -> dict[str, UUID]:
        now = asyncio.get_running_loop().time()
        asked = set(names)
        fresh = {n for n in asked if n in self._known and self._known[n][0] > now}
        if missing := sorted(n for n in asked - fresh if _plain(n) not in self._given):
            rows = await self._database.read(NamedDevice, "receiving/devices_named", names=missing)
            found = {row.name: row.device_id for row in rows}
            if len(self._known) > MOST_NAMES:
                self._known.clear()
            self._known |= {name: (now + FRESH, found.get(name)) for name in missing}
        known = {n: d for n in asked if (d := self._known.get(n, (0.0, None))[1]) is not None}
        return known | {n: self._given[p] for n in asked if (p := _plain(n)) in self._given}


def _plain(name: str) -> str:
    """A JID without its linked-device number: `60123:7@s.whatsapp.net` is the account 60123."""
    user, at, server = name.partition("@")
    return f"{user.partition(':')[0]}{at}{server}" if at else name
