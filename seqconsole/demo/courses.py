"""How far an ordinary contact has come: the states that most contact rows are in."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable
from itertools import accumulate
from typing import Final

from seqconsole.demo.rows import HOUR, Enrolment, Rows
from seqconsole.demo.texts import FAILURES

Course = Callable[[Rows, Enrolment], None]


def finished(rows: Rows, who: Enrolment) -> None:
    """All steps sent."""
    rows.history(who, len(who.steps), -rows.span * HOUR * rows.rng.random() - 2.2 * HOUR)


def waiting(rows: Rows, who: Enrolment) -> None:
    """Some steps sent, the next due soon or a little late."""
    standing(rows, who, 1 + int(rows.rng.random() * (len(who.steps) - 1)))


def new(rows: Rows, who: Enrolment) -> None:
    """Nothing sent yet, the first step due soon."""
    standing(rows, who, 0)


def overdue(rows: Rows, who: Enrolment) -> None:
    """The next step due hours or days ago."""
    late = rows.rng.choice((3, 5, 9, 20, 30, 52, 100, 190))
    standing(
        rows, who, rows.rng.randrange(len(who.steps)), due=-late * HOUR * rows.rng.uniform(1, 1.3)
    )


def queued(rows: Rows, who: Enrolment) -> None:
    """The next step's message waits in the queue, put there minutes ago."""
    at = rows.rng.randrange(len(who.steps))
    due = -20 - 900 * rows.rng.random()
    before(rows, who, at, due)
    rows.contact(who, who.steps[at], "active", due, started=due + 2)
    rows.message(who, who.steps[at], "pending", due + 2)
    rows.later(who, at + 1, due)


def failed(rows: Rows, who: Enrolment, *, error: str = "") -> None:
    """A step was given up, with the reason (else any); the later ones wait behind it."""
    at = rows.rng.randrange(len(who.steps))
    due = -rows.rng.uniform(2.5, rows.span) * HOUR
    error = error or rows.rng.choice(FAILURES)
    before(rows, who, at, due)
    rows.contact(who, who.steps[at], "failed", due, error=error, retries=3)
    rows.message(who, who.steps[at], "failed", due + 5, error=error)
    rows.later(who, at + 1, due)


def skipped(rows: Rows, who: Enrolment) -> None:
    """The step before the next was skipped by hand."""
    at = rows.rng.randrange(1, len(who.steps))
    due = rows.due(who)
    settled = rows.settled_before(who, at, due)
    rows.history(who, at - 1, settled - who.steps[at - 1].wait - 60)
    rows.contact(who, who.steps[at - 1], "skipped", settled - 30, completed=settled)
    rows.contact(who, who.steps[at], "pending", due)
    rows.later(who, at + 1, due)


def standing(rows: Rows, who: Enrolment, at: int, due: float | None = None) -> float:
    """A contact before step `at`, which is pending; returns when it is due."""
    if due is None:
        due = rows.due(who)
    before(rows, who, at, due)
    rows.contact(who, who.steps[at], "pending", due)
    rows.later(who, at + 1, due)
    return due


def before(rows: Rows, who: Enrolment, at: int, due: float) -> None:
    """The steps before `at` as sent, in time for `at` to be due then."""
    if at:
        rows.history(who, at, rows.settled_before(who, at, due))


_WEIGHTS: Final[tuple[tuple[int, Course], ...]] = (
    (57, waiting), (20, finished), (9, new), (6, queued), (4, failed), (3, overdue), (1, skipped),
)  # fmt: skip
_STEPS: Final = tuple(accumulate(weight / 100 for weight, _ in _WEIGHTS))[:-1]
_COURSES: Final = tuple(course for _, course in _WEIGHTS)


def ordinary(rows: Rows, who: Enrolment) -> None:
    """One of the courses above, as often as an operator would see it."""
    _COURSES[bisect(_STEPS, rows.rng.random())](rows, who)
