"""The figures of a database for monitoring: counts by state, no name, no text and no phone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from engine.alarm_command import CalledAlarm
from engine.reader import Reader
from engine.store import Database
from engine.views import DeviceView, Overview, WorkerView


@dataclass(frozen=True, slots=True)
class Figures:
    """One look at a database. `alarms` counts by kind, `devices` are all of them."""

    overview: Overview
    workers: Sequence[WorkerView]
    devices: Sequence[DeviceView]
    alarms: Mapping[str, int]

    def age(self, worker: UUID | None) -> float | None:
        """Seconds since a worker's heartbeat (None: the latest of all); None: there was none."""
        ticks = [w.ticked_at for w in self.workers if worker is None or w.id == worker]
        return (self.overview.now - max(ticks)).total_seconds() if ticks else None


async def figures(database: Database) -> Figures:
    """Look once. Raises StoreError."""
    reader = Reader(database)
    overview = await reader.overview()
    devices = await reader.devices()
    workers = await reader.workers()
    async with database.transaction(snapshot=True) as tx:
        alarms = await tx.rows(CalledAlarm, "reports/alarms", now=await tx.now(), limit=1000)
    return Figures(overview, workers, devices, Counter(alarm.kind for alarm in alarms))
