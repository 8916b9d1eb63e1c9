"""The judge outside the database: what the gateway's log says reached the wire, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.gateways.simulator.wirelog import WireEntry

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """What the database says of an attempt."""

    id: str
    outcome: str | None


def judge(
    entries: Sequence[WireEntry],
    attempts: Iterable[AttemptRow],
    *,
    steps: Mapping[str, tuple[str, int]],
    limit: int,
    window: float,
) -> dict[str, list[Any]]:
    """What the log shows that must never be, by kind; at most MOST_SHOWN of each. Empty: none."""
    found = {
        "the same text twice to one phone": _twice(entries, steps),
        "more than the limit in a window": _crowded(entries, limit, window),
        "a step before its predecessor": _out_of_order(entries, steps),
        **_disagreements(entries, attempts),
    }
    return {kind: rows[:MOST_SHOWN] for kind, rows in found.items() if rows}


def _twice(entries: Sequence[WireEntry], steps: Mapping[str, tuple[str, int]]) -> list[Any]:
    seen: dict[tuple[str, str], WireEntry] = {}
    found = []
    for entry in entries:
        first = seen.setdefault((entry.phone, entry.text_sha), entry)
        if first is not entry:
            step = steps.get(entry.text_sha, ("campaign", 0))
            found.append([entry.phone, *step, first.t, entry.t, first.attempt, entry.attempt])
    return found


def _crowded(entries: Sequence[WireEntry], limit: int, window: float) -> list[Any]:
    by_device: dict[str, list[float]] = defaultdict(list)
    for entry in entries:
        by_device[entry.device].append(entry.t)
    found = []
    for device, times in by_device.items():
        times.sort()
        for first, last in zip(times, times[limit:], strict=False):
            if last - first < window:
                found.append([device, limit + 1, round(last - first, 4), first])
    return found


def _out_of_order(entries: Sequence[WireEntry], steps: Mapping[str, tuple[str, int]]) -> list[Any]:
    """Each step of these sequences is sent only after the one before it was."""
    reached: dict[tuple[str, str], int] = defaultdict(int)
    found = []
    for entry in sorted(entries, key=lambda e: e.t):
        if entry.text_sha not in steps:
            continue
        sequence, day = steps[entry.text_sha]
        if day > reached[entry.phone, sequence] + 1:
            found.append([entry.phone, sequence, day, reached[entry.phone, sequence], entry.t])
        reached[entry.phone, sequence] = max(day, reached[entry.phone, sequence])
    return found


def _disagreements(
    entries: Sequence[WireEntry], attempts: Iterable[AttemptRow]
) -> dict[str, list[Any]]:
    outcomes = {a.id: a.outcome for a in attempts}
    on_wire = {e.attempt for e in entries}
    denied = ("never_sent", "retry", "failed")
    return {
        "on the wire, and the database has no attempt": sorted(on_wire - outcomes.keys()),
        "on the wire, and the database says not sent": sorted(
            a for a in on_wire if outcomes.get(a) in denied
        ),
        "sent by the database, and not on the wire": sorted(
            a for a, outcome in outcomes.items() if outcome == "sent" and a not in on_wire
        ),
    }
