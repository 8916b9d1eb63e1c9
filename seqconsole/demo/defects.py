"""What is wrong in the demo's database: one function a defect, each at least once in every size."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from seqconsole.demo import people
from seqconsole.demo.catalogue import new_id
from seqconsole.demo.courses import Course, before, failed, standing
from seqconsole.demo.rows import HOUR, Enrolment, Rows
from seqconsole.demo.texts import FAILURES

AQIL: Final = ("Aqil 2", "60142550881")
"""The contact of the operator's notes: step 2 of Welcome once pending and once active."""

FOREIGN_STATES: Final = ("paused", "sequence_failed", "sent")


def aqil(rows: Rows, who: Enrolment) -> None:
    """Two rows for step 2, one pending and one active whose message is queued; step 1 was sent."""
    step, due = who.steps[1], -41 * 60.0
    rows.history(who, 1, due - step.wait)
    rows.contact(who, step, "active", due, started=due)
    rows.message(who, step, "pending", due)
    rows.contact(who, step, "pending", 14 * 60.0)
    rows.later(who, 2, due)


def copies(*states: str) -> Course:
    """A group of duplicate rows in these states for one step, the steps before it sent."""

    def course(rows: Rows, who: Enrolment) -> None:
        at = rows.rng.randrange(1, len(who.steps))
        done = "completed" in states
        due = -rows.rng.uniform(2.5, 30) * HOUR if done or "failed" in states else rows.some_time()
        before(rows, who, at, due)
        for nth, state in enumerate(states):
            _copy(rows, who, at, state, due + 60 * nth)
        rows.later(who, at + 1, due)

    return course


def _copy(rows: Rows, who: Enrolment, at: int, state: str, due: float) -> None:
    step = who.steps[at]
    if state == "completed":
        rows.sent(who, step, due)
    elif state == "failed":
        error = rows.rng.choice(FAILURES)
        rows.contact(who, step, state, due, error=error, retries=3)
        rows.message(who, step, state, due, error=error)
    elif state == "active":
        started = min(due, -600 * rows.rng.random())
        rows.contact(who, step, state, due, started=started)
        rows.message(who, step, "pending", started)
    else:
        rows.contact(who, step, state, due + 1200 * rows.rng.random())


def two_spellings(rows: Rows, who: Enrolment) -> None:
    """One person enrolled twice in a sequence, under two spellings of one phone."""
    ways = people.spellings(who.digits)
    first, second = rows.rng.sample(ways, 2)
    due = standing(rows, replace(who, phone=first), rows.rng.randrange(1, len(who.steps)))
    twin = replace(who, phone=second)
    rows.contact(twin, who.steps[0], "pending", due + HOUR)
    rows.later(twin, 1, due + HOUR)


def stuck(rows: Rows, who: Enrolment, *, is_claimed: bool) -> None:
    """Active for hours, without any message; `is_claimed`: the row says since when."""
    at = rows.rng.randrange(len(who.steps))
    due = -rows.rng.uniform(2, 40) * HOUR
    before(rows, who, at, due)
    rows.contact(who, who.steps[at], "active", due, started=due + 20 if is_claimed else None)
    rows.later(who, at + 1, due)


def in_doubt(rows: Rows, who: Enrolment) -> None:
    """Active for hours, its message left in `processing` by a sender that died."""
    at = rows.rng.randrange(len(who.steps))
    due = -rows.rng.uniform(2, 12) * HOUR
    before(rows, who, at, due)
    rows.contact(who, who.steps[at], "active", due, started=due + 4)
    rows.message(who, who.steps[at], "processing", due + 4)
    rows.later(who, at + 1, due)


def no_step_id(rows: Rows, who: Enrolment) -> None:
    """The row of the open step has no sequence_stepid."""
    at = rows.rng.randrange(1, len(who.steps))
    due = rows.some_time()
    before(rows, who, at, due)
    rows.contact(who, who.steps[at], "pending", due, step_id=None)
    rows.later(who, at + 1, due)


def foreign_state(rows: Rows, who: Enrolment, *, state: str) -> None:
    """The open step stands in a state that only the older application knew."""
    at = rows.rng.randrange(1, len(who.steps))
    due = -rows.rng.uniform(1, 80) * HOUR
    before(rows, who, at, due)
    rows.contact(who, who.steps[at], state, due, retries=1)
    rows.later(who, at + 1, due)


def no_phone(rows: Rows, who: Enrolment, *, phone: str) -> None:
    """The phone can't be one; nothing was ever sent."""
    standing(rows, replace(who, phone=phone, digits=phone), 0)


def hostile_name(rows: Rows, who: Enrolment) -> None:
    """A name with markup, escape sequences and SQL in it."""
    standing(rows, replace(who, name=people.HOSTILE_NAME), 1)


def long_name(rows: Rows, who: Enrolment) -> None:
    """A name that no column is wide enough for."""
    standing(rows, replace(who, name=people.LONG_NAME), 1)


def no_device(rows: Rows, who: Enrolment) -> None:
    """Nobody was assigned to send to this contact."""
    rows.contact(who, who.steps[0], "pending", rows.some_time(), device_id=None)
    for step in who.steps[1:]:
        rows.contact(who, step, "pending", device_id=None)


def lost_device(rows: Rows, who: Enrolment) -> None:
    """The assigned device is not in the database any more."""
    gone = new_id(rows.rng)
    rows.contact(who, who.steps[0], "pending", rows.some_time(), device_id=gone)
    for step in who.steps[1:]:
        rows.contact(who, step, "pending", device_id=gone)


def surplus_message(rows: Rows, who: Enrolment) -> None:
    """Another sender queued a step again that was sent already."""
    at = rows.rng.randrange(1, len(who.steps))
    due = standing(rows, who, at)
    rows.message(who, who.steps[at - 1], "pending", min(due, -60 - 3000 * rows.rng.random()))


def late(rows: Rows, who: Enrolment, *, hours: float) -> None:
    """The open step is overdue by hours or days."""
    standing(rows, who, rows.rng.randrange(1, len(who.steps)), due=-hours * HOUR)


def waits(rows: Rows, who: Enrolment) -> None:
    """An ordinary contact, of a sequence that is itself the defect."""
    standing(rows, who, 1)


PER_CONTACTS: Final[tuple[tuple[int, Course], ...]] = (
    (600, copies("active", "pending")),
    (600, copies("completed", "pending")),
    (600, copies("failed", "pending")),
    (600, copies("pending", "pending")),
    (600, copies("completed", "completed")),
    (600, copies("active", "active")),
    (600, copies("pending", "active", "pending")),
    (900, copies("completed", "pending", "pending")),
    (450, two_spellings),
    (300, partial(stuck, is_claimed=True)),
    (500, partial(stuck, is_claimed=False)),
    (800, in_doubt),
    (500, no_step_id),
    *((1000, partial(foreign_state, state=state)) for state in FOREIGN_STATES),
    *((2000, partial(failed, error=error)) for error in sorted(set(FAILURES))),
    *((5000, partial(no_phone, phone=phone)) for phone in people.NO_PHONES),
    (10_000, hostile_name),
    (10_000, long_name),
    (700, no_device),
    (1500, lost_device),
    (700, surplus_message),
    *((1000, partial(late, hours=hours)) for hours in (3.5, 11, 27, 80, 200)),
)
"""(how many contacts per one more of these, the defect); one of each is always there."""


def in_faulty_sequence(contacts: int) -> int:
    """How many contacts stand in the inactive sequence, and in the one with undecided order."""
    return 2 + contacts // 400
