"""What the console knows: one immutable snapshot, and the facts that its frame shows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, cast

from engine import reader
from engine.views import Overview
from seqconsole.options import ConsoleOptions
from seqconsole.readings import AnyReading, Reading, Row
from seqconsole.text import clock, harmless, short_count
from seqconsole.widgets.status_strip import EngineState, StripFacts

NOBODY: Final = "due, claimable by nobody"

LAGGING_AFTER: Final = timedelta(seconds=5)
"""A worker that is this far behind is shown as lagging."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The figures of one instant with the answers to what the screen asked.

    `read_at` is the console's own clock (seconds) when it was asked for; `failures` holds, for a
    question that could not be answered, why. One panel's failure stays in that panel.
    """

    figures: reader.Snapshot
    read_at: float
    answers: Mapping[AnyReading, Sequence[object]] = field(default_factory=dict)
    failures: Mapping[AnyReading, str] = field(default_factory=dict)

    @property
    def overview(self) -> Overview:
        """The facts of the status strip."""
        return self.figures.overview

    @property
    def now(self) -> datetime:
        """The database's clock when this was read."""
        return self.figures.overview.now

    def rows_of(self, reading: Reading[Row]) -> Sequence[Row] | None:
        """The answer to a question; None when it was not asked or could not be answered."""
        return cast("Sequence[Row] | None", self.answers.get(reading))


@dataclass(frozen=True, slots=True)
class Lost:
    """The database does not answer: since when, why, and when it is asked again (own clock)."""

    since: float
    text: str
    attempt: int
    next_try: float


def now_of(snapshot: Snapshot, at: float) -> datetime:
    """The database's clock now, `at` being the console's own clock."""
    return snapshot.now + timedelta(seconds=max(0.0, at - snapshot.read_at))


def engine_state(overview: Overview) -> EngineState:
    """What the strip says of the engine."""
    if not overview.engine_on:
        return EngineState.OFF
    if not overview.workers:
        return EngineState.IDLE
    if overview.everything_held:
        return EngineState.PAUSED
    if overview.lag is not None and overview.lag > LAGGING_AFTER:
        return EngineState.LAGGING
    return EngineState.ON


def alarms(overview: Overview, options: ConsoleOptions) -> tuple[str, ...]:
    """What needs a person now, the gravest first."""
    found: list[str] = []
    if overview.everything_held:
        found.append(f"ALL PAUSED: {overview.everything_held}")
    if overview.server_read_only:
        found.append("READ-ONLY SERVER")
    if overview.alarm:
        found.append(harmless(overview.alarm, 100))
    engine = options.engine
    if engine is not None and engine.error is not None:
        found.append(f"engine here stopped: {type(engine.error).__name__}")
    elif engine is not None and not engine.alive:
        found.append("engine here has ended")
    if overview.unclaimable:
        found.append(f"{NOBODY}: {overview.unclaimable}")
    if overview.versions > 1:
        found.append(f"{overview.versions} versions at work")
    return tuple(found)


def strip_facts(
    snapshot: Snapshot | None, lost: Lost | None, options: ConsoleOptions, at: float
) -> StripFacts:
    """The status strip at a moment of the console's own clock."""
    lost_text = "LOST" if lost is not None else ""
    if snapshot is None:
        return StripFacts(
            database=options.database_label,
            production=options.production,
            read_only=options.read_only,
            clock_note=options.clock_note,
            lost=lost_text,
        )
    overview = snapshot.overview
    return StripFacts(
        database=options.database_label,
        production=options.production,
        engine=engine_state(overview),
        workers=overview.workers,
        sends_a_minute=overview.sent_last_minute,
        queued=overview.pending,
        duplicates=overview.duplicates,
        paused=overview.paused_devices,
        offline=overview.offline_devices,
        unknown=overview.unknown,
        age=max(0.0, at - snapshot.read_at),
        alarms=alarms(overview, options),
        read_only=options.read_only,
        clock_note=options.clock_note or clock_note(overview),
        lost=lost_text,
    )


def clock_note(overview: Overview) -> str:
    """That the database's clock is moved, where it is: a faster clock is never hidden."""
    if not overview.clock_offset:
        return ""
    hours = overview.clock_offset.total_seconds() / 3600
    return f"clock {hours:+.1f} h"


def tab_counts(overview: Overview) -> Mapping[str, int]:
    """The alarming numbers behind the names of the views, by the key of the view."""
    return {"3": overview.duplicates, "5": overview.findings + overview.unknown}


def shown_at(snapshot: Snapshot | None) -> str:
    """The time of the data shown, as a clock text."""
    return "nothing" if snapshot is None else clock(snapshot.now, snapshot.now)


def due_text(overview: Overview) -> str:
    """How many messages are due, as the question before leaving says it."""
    return f"{short_count(overview.due)} due message{'' if overview.due == 1 else 's'}"
