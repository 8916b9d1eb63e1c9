"""Since you left: what changed since a moment, each line with the command that shows its rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from engine.operations.journal import without_secrets
from engine.operations.limit_values import span
from engine.operations.model import OperationRefused
from engine.operations.wording import counted, listed, moment
from engine.store import Database, Transaction

LONGEST: Final = timedelta(days=31)
"""How far back is looked."""

USUAL: Final = timedelta(hours=24)
"""How far for an operator who was never here."""

LAST: Final = "last"


class Topic(StrEnum):
    """What a line is about, in the order in which they are told."""

    NOTE = "note"
    GAP = "engine gap"
    STOPPED = "stopped"
    BREAKER = "breaker"
    HELD = "held"
    UNKNOWN = "in doubt"
    DUPLICATE = "duplicate"
    FINDING = "finding"
    OFFLINE = "offline"
    FAILED = "failed"
    SENT = "sent"
    OPERATION = "operation"


_COUNTED: Final = frozenset(
    {Topic.NOTE, Topic.GAP, Topic.BREAKER, Topic.DUPLICATE, Topic.FINDING, Topic.OPERATION}
)


@dataclass(frozen=True, slots=True)
class Change:
    """One line. `command` shows its rows; `view` and `filter` do in the console. Text is unclean.

    `quiet`: told where the report was asked for, no reason to be called.
    """

    topic: Topic
    n: int
    text: str
    command: str
    view: str
    filter: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed from `since` to `now`."""

    since: datetime
    now: datetime
    lines: Sequence[Change]

    @property
    def headline(self) -> str:
        """The lines that one should look at, in a few words; empty where there is none."""
        loud: Counter[Topic] = Counter()
        for line in self.lines:
            loud[line.topic] += 0 if line.quiet else line.n
        return ", ".join(
            counted(n, topic) if topic in _COUNTED else f"{n} {topic}"
            for topic, n in loud.items()
            if n
        )


class BadMoment(OperationRefused):
    """A text that names no moment that is past."""


@dataclass(frozen=True, slots=True)
class _Counts:
    sent: int
    failed: int
    unknown: int
    unknown_new: int
    unknown_foreign: int
    due: int
    duplicates: int
    duplicates_new: int
    engine_on: bool


@dataclass(frozen=True, slots=True)
class _Holds:
    kind: str
    n: int
    still: int
    names: list[str]


@dataclass(frozen=True, slots=True)
class _Gap:
    from_at: datetime
    to_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Acts:
    who: str
    n: int
    latest: str


@dataclass(frozen=True, slots=True)
class _Note:
    id: int
    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class _Kind:
    kind: str
    n: int


def moment_of(text: str, now: datetime) -> datetime:
    """A moment before `now`, in its zone: `18:00` (the latest), `2026-11-23 18:00`, `2026-11-23`, `8h`.

    Raises BadMoment.
    """
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", text.strip())
    try:
        if found:
            at = now.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
            at = at if at <= now else at - timedelta(days=1)
        elif re.fullmatch(r"[0-9]+[smhd]", text.strip().lower()):
            at = now - span(text)
        else:
            at = datetime.fromisoformat(text.strip())
            at = at if at.tzinfo else at.replace(tzinfo=now.tzinfo)
    except (ValueError, OverflowError, OperationRefused):
        raise BadMoment(f"{text!r} is no moment: 18:00, 2026-11-23 18:00, 8h, last") from None
    if at > now:
        raise BadMoment(f"{text!r} is not past yet")
    if at < now - LONGEST:
        raise BadMoment(f"{text!r} is more than {LONGEST.days} days ago: see report --month")
    return at


async def last_here(database: Database, who: str) -> datetime | None:
    """When an operator last looked at a console or changed something; None: never."""
    async with database.transaction(snapshot=True) as tx:
        at: datetime | None = await tx.value("reports/last_here", who=without_secrets(who))
        return at


async def note_here(database: Database, who: str) -> datetime:
    """Remember that an operator is here; returns when that is. Raises Refused where it may not write."""
    async with database.transaction() as tx:
        now = await tx.now()
        await tx.run("reports/note_here", who=without_secrets(who), now=now)
        return now


async def changes_since(
    database: Database, who: str, since: datetime, *, limit: str = "60s"
) -> Changes:
    """What changed since a moment, for `who`. `limit` bounds each statement; raises Busy beyond it."""
    async with database.transaction(snapshot=True, statement_timeout=limit) as tx:
        now = await tx.now()
        since = max(since.astimezone(now.tzinfo), now - LONGEST)
        lines = [line async for line in _lines(tx, without_secrets(who), since, now)]
    order = list(Topic)
    return Changes(since, now, sorted(lines, key=lambda line: order.index(line.topic)))


async def _lines(
    tx: Transaction, who: str, since: datetime, now: datetime
) -> AsyncIterator[Change]:
    counts = await tx.one(_Counts, "reports/since_counts", since=since, now=now)
    assert counts is not None  # one row, whatever there is
    for line in _of_counts(counts):
        yield line
    for note in await tx.rows(_Note, "reports/since_notes", since=since):
        text = f"{moment(note.at, now)} {note.who}: {note.text}"
        yield Change(Topic.NOTE, 1, text, f"seqconsole journal {note.id}", "6", "verb:note")
    for hold in await tx.rows(_Holds, "reports/since_holds", since=since, now=now):
        yield _of_holds(hold)
    gaps = await tx.rows(_Gap, "reports/since_gaps", since=since, now=now)
    if gaps:
        yield _of_gaps(gaps, now, quiet=not counts.engine_on)
    for acts in await tx.rows(_Acts, "reports/since_operations", since=since, who=who):
        text = f"{acts.who} did {counted(acts.n, 'operation')}, the latest: {acts.latest}"
        yield Change(
            Topic.OPERATION, acts.n, text, "seqconsole journal", "6", f'who:"{acts.who}"', True
        )
    for kind in await tx.rows(_Kind, "reports/since_findings", since=since):
        text = f"{kind.kind}: {counted(kind.n, 'finding')}"
        yield Change(Topic.FINDING, kind.n, text, "seqconsole doctor", "5")


def _of_counts(counts: _Counts) -> Iterator[Change]:
    planned = counts.sent + counts.failed + counts.unknown_new + counts.due
    if planned:
        text = f"{counts.sent} sent of {planned} planned; {counts.due} due and not sent"
        yield Change(Topic.SENT, counts.sent, text, "seqconsole status", "1", quiet=True)
    if counts.failed:
        text = f"{counted(counts.failed, 'message')} failed"
        command = "seqconsole retry --all --dry-run"
        yield Change(Topic.FAILED, counts.failed, text, command, "4", "state:failed", True)
    if counts.unknown:
        text = f"{counted(counts.unknown, 'message')} to settle, {counts.unknown_new} of them new"
        command = "seqconsole settle --sent --all --dry-run"
        chosen = "" if counts.unknown_foreign else "state:unknown"
        quiet = not counts.unknown_new
        yield Change(Topic.UNKNOWN, counts.unknown, text, command, "4", chosen, quiet)
    if counts.duplicates_new:
        text = f"{counted(counts.duplicates_new, 'new group')}, {counts.duplicates} in all"
        command = "seqconsole duplicates --dry-run"
        yield Change(Topic.DUPLICATE, counts.duplicates_new, text, command, "3")


_HOLDS: Final = {
    "stopped": (Topic.STOPPED, "stopped by its gateway", "state:breaker"),
    "breaker": (Topic.BREAKER, "paused by a breaker", "state:breaker"),
    "offline": (Topic.OFFLINE, "went offline", "state:offline"),
}


def _of_holds(hold: _Holds) -> Change:
    topic, what, chosen = _HOLDS.get(hold.kind, (Topic.HELD, f"held by {hold.kind}", ""))
    names = listed([*hold.names, *[""] * (hold.n - len(hold.names))])
    text = f"{what}: {names}" + ("" if hold.still == hold.n else f"; {hold.still} still")
    return Change(
        topic,
        hold.n,
        text,
        "seqconsole holds",
        "1",
        chosen,
        topic is Topic.OFFLINE or not hold.still,
    )


def _of_gaps(gaps: Sequence[_Gap], now: datetime, *, quiet: bool) -> Change:
    each = [
        f"{moment(gap.from_at, now)} to {moment(gap.to_at, now) if gap.to_at else 'now'}"
        for gap in gaps
    ]
    lasted = sum((((gap.to_at or now) - gap.from_at) for gap in gaps), timedelta())
    minutes = max(1, round(lasted.total_seconds() / 60))
    text = f"no engine for {minutes} min: {listed(each)}"
    return Change(Topic.GAP, len(gaps), text, "seqconsole status", "5", quiet=quiet)
