"""The demo's rows: the same for the same size and the same `now`, made while they are loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from seqconsole.demo import campaigns, catalogue, defects, people
from seqconsole.demo.catalogue import Catalogue, DemoDevice, DemoSequence
from seqconsole.demo.courses import Course, ordinary
from seqconsole.demo.rows import Enrolment, Portion, Row, Rows

FEWEST_DEVICES: Final = 6
FEWEST_CONTACTS: Final = 60
_PORTION: Final = 2000  # contacts, so that memory stays small
_HISTORY: Final = 12 * 24.0  # hours


@dataclass(frozen=True, slots=True)
class DemoSize:
    """How much there is. `contacts`: people enrolled in a sequence, one row each a step.

    `sequences` are the live ones: an inactive one and one with an undecided order come on top.
    Raises ValueError when there is too little room for every defect.
    """

    devices: int = 24
    contacts: int = 1500
    sequences: int = 5
    seed: int = 7

    def __post_init__(self) -> None:
        for what, least in (
            ("devices", FEWEST_DEVICES),
            ("contacts", FEWEST_CONTACTS),
            ("sequences", 1),
        ):
            if getattr(self, what) < least:
                raise ValueError(f"the demo needs at least {least} {what}")


@dataclass(frozen=True, slots=True)
class Dataset:
    """The rows of a demo database, as tuples in the order of the columns of `sql/demo/copy_*`."""

    size: DemoSize
    now: datetime
    catalogue: Catalogue
    salt: int
    rng_state: Any

    def device_rows(self) -> list[Row]:
        """user_devices."""
        made = str(self.now - timedelta(days=90))
        return [
            (d.id, d.user_id, d.name, d.phone, f"{d.phone}@s.whatsapp.net", d.status, d.platform,
             *d.gap, made, made)
            for d in self.catalogue.devices
        ]  # fmt: skip

    def sequence_rows(self) -> list[Row]:
        """sequences."""
        made = str(self.now - timedelta(days=60))
        return [
            (s.id, s.user_id, s.plan.name, "active" if s.active else "inactive",
             "true" if s.active else "false", 5, 15, s.plan.trigger, made, made)
            for s in self._sequences()
        ]  # fmt: skip

    def step_rows(self) -> list[Row]:
        """sequence_steps."""
        return [
            (step.id, s.id, step.number, step.delay_hours, "text", step.content)
            for s in self._sequences()
            for step in s.steps
        ]

    def portions(self) -> Iterator[Portion]:
        """sequence_contacts and broadcast_messages, some thousand rows at a time."""
        rng = Random()
        rng.setstate(self.rng_state)
        rows = self._empty_rows(rng)
        enrolments = self._enrolments(rng)
        for number, (course, who) in enumerate(enrolments, start=1):
            course(rows, who)
            if number % _PORTION == 0:
                yield rows.take()
        numbers = iter(range(self.size.contacts, 14_000_000))

        def stranger() -> tuple[str, str]:
            return people.name(rng), people.phone(next(numbers), self.salt)

        for number, device in enumerate(self.catalogue.devices, start=1):
            campaigns.write(rows, self.catalogue, device, stranger)
            if number % _PORTION == 0:
                yield rows.take()
        yield rows.take()

    def _sequences(self) -> tuple[DemoSequence, ...]:
        return (*self.catalogue.live, self.catalogue.inactive, self.catalogue.tied)

    def _empty_rows(self, rng: Random) -> Rows:
        per_device = self.size.contacts / self.size.devices
        horizon = max(6.0, per_device / 25)
        span = max(_HISTORY, per_device / 4)
        return Rows(rng, self.now, self.size.devices, self.catalogue.full, horizon, span)

    def _enrolments(self, rng: Random) -> Iterator[tuple[Course, Enrolment]]:
        courses = self._courses()
        deck = self._deck(rng)
        own = [self.catalogue.sequences_of(device) for device in self.catalogue.devices]
        usual = self.catalogue.devices[-1]
        for number in range(self.size.contacts):
            course, sequence = courses[number] if number < len(courses) else (ordinary, None)
            if course is defects.aqil:
                name, digits = defects.AQIL
                yield course, Enrolment(name, digits, digits, self.catalogue.live[0], usual)
                continue
            device = deck[number % len(deck)]
            sequence = sequence or own[device.index][int(rng.random() * len(own[device.index]))]
            digits = people.phone(number, self.salt)
            phone = digits if rng.random() < 0.7 else rng.choice(people.spellings(digits))
            yield course, Enrolment(people.name(rng), phone, digits, sequence, device)

    def _courses(self) -> list[tuple[Course, DemoSequence | None]]:
        """What is wrong with the first contacts; the others are ordinary."""
        contacts = self.size.contacts
        found: list[tuple[Course, DemoSequence | None]] = [(defects.aqil, None)]
        for per, course in defects.PER_CONTACTS:
            found += [(course, None)] * (1 + contacts // per)
        for sequence in (self.catalogue.inactive, self.catalogue.tied):
            found += [(defects.waits, sequence)] * defects.in_faulty_sequence(contacts)
        return found

    def _deck(self, rng: Random) -> list[DemoDevice]:
        """The devices in the order in which contacts are dealt to them, busy ones more often."""
        devices = list(self.catalogue.devices)
        deck = devices + [d for d in devices for _ in range(d.index % 3)]
        rng.shuffle(deck)
        return deck


def generate(size: DemoSize, now: datetime) -> Dataset:
    """The dataset of a size at an aware time; cheap, the rows are made as they are read."""
    if now.tzinfo is None:
        raise ValueError("the demo's time needs a zone")
    rng = Random(size.seed)
    salt = rng.randrange(10**8)
    made = catalogue.make(rng, size.devices, size.sequences, salt)
    return Dataset(size, now.replace(microsecond=0), made, salt, rng.getstate())
