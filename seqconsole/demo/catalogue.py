"""The demo's devices, sequences and steps: the few rows that all others refer to."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final
from uuid import UUID

from seqconsole.demo import people
from seqconsole.demo.texts import DEVICE_ROLES, SEQUENCES, STEP_TEXTS, TOWNS, SequencePlan

USERS: Final = 4
FULL_DEVICE_NAME: Final = "Klang 80/80"
FAILING_DEVICE_NAME: Final = "Ipoh (flaky)"
INACTIVE_SEQUENCE: Final = SequencePlan("Old Promo 2024", "old_promo", (0, 24, 24))
TIED_SEQUENCE: Final = SequencePlan("Ramadan Reminder", "ramadan", (0, 24, 24, 48))


def new_id(rng: Random) -> str:
    """A random version 4 uuid in plain hexadecimal digits, the same for the same seed."""
    bits = rng.getrandbits(128) & ~(0xF << 76 | 0x3 << 62) | (0x4 << 76 | 0x2 << 62)
    return f"{bits:032x}"


@dataclass(frozen=True, slots=True)
class DemoStep:
    """A step; `wait` is its delay in seconds as the engine reads it, `number` its day number."""

    id: str
    number: int
    delay_hours: int | None
    wait: int
    content: str


@dataclass(frozen=True, slots=True)
class DemoSequence:
    """A sequence and its steps; `plans_ahead`: later rows have their next_trigger_time already."""

    id: str
    user_id: str
    plan: SequencePlan
    active: bool
    plans_ahead: bool
    steps: tuple[DemoStep, ...]


@dataclass(frozen=True, slots=True)
class DemoDevice:
    """A device; `index` is its place in the catalogue."""

    index: int
    id: str
    user_id: str
    name: str
    phone: str
    status: str
    platform: str
    gap: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything but people: `live` sequences, the two faulty ones, and the devices by role."""

    live: tuple[DemoSequence, ...]
    inactive: DemoSequence
    tied: DemoSequence
    devices: tuple[DemoDevice, ...]
    full: DemoDevice
    failing: DemoDevice
    offline: tuple[DemoDevice, ...]

    def sequences_of(self, device: DemoDevice) -> tuple[DemoSequence, ...]:
        """The live sequences that a device sends for: its user's, else all."""
        own = tuple(s for s in self.live if s.user_id == device.user_id)
        return own or self.live


def make(rng: Random, devices: int, sequences: int, salt: int) -> Catalogue:
    """A catalogue of so many devices and live sequences; two faulty sequences are added."""
    users = [new_id(rng) for _ in range(USERS)]
    live = tuple(
        _sequence(rng, users[i % USERS], _plan(i), plans_ahead=i % 2 == 0) for i in range(sequences)
    )
    inactive = _sequence(rng, users[0], INACTIVE_SEQUENCE, active=False)
    tied = _sequence(rng, users[0], TIED_SEQUENCE, numbers=(1, 2, 2, 3))
    offline = max(2, round(devices * 0.05))
    made = tuple(_device(rng, i, users, salt, is_offline=2 <= i < 2 + offline)
                 for i in range(devices))  # fmt: skip
    return Catalogue(live, inactive, tied, made, made[0], made[1], made[2 : 2 + offline])


def _plan(index: int) -> SequencePlan:
    plan = SEQUENCES[index % len(SEQUENCES)]
    again = index // len(SEQUENCES)
    if not again:
        return plan
    return SequencePlan(f"{plan.name} {again + 1}", f"{plan.trigger}_{again + 1}", plan.delays)


def _sequence(
    rng: Random,
    user_id: str,
    plan: SequencePlan,
    *,
    active: bool = True,
    plans_ahead: bool = False,
    numbers: tuple[int, ...] = (),
) -> DemoSequence:
    first = int(rng.random() * len(STEP_TEXTS))
    steps = tuple(
        DemoStep(
            id=new_id(rng),
            number=numbers[i] if numbers else i + 1,
            delay_hours=delay,
            wait=3600 * (24 if delay is None else delay),
            content=STEP_TEXTS[(first + i) % len(STEP_TEXTS)],
        )
        for i, delay in enumerate(plan.delays)
    )
    return DemoSequence(new_id(rng), user_id, plan, active, plans_ahead, steps)


def _device(
    rng: Random, index: int, users: list[str], salt: int, *, is_offline: bool
) -> DemoDevice:
    if is_offline:
        status = "disconnected" if rng.random() < 0.5 else "offline"
    else:
        status = "connected" if rng.random() < 0.15 else "online"
    return DemoDevice(
        index=index,
        id=new_id(rng),
        user_id=users[index % USERS],
        name=_device_name(index),
        phone=people.phone(15_000_000 + index, salt),
        status=status,
        platform=rng.choice(("gowa", "gowa", "gowa", "wablas", "whacenter")),
        gap=rng.choice(((5, 15), (5, 15), (5, 15), (8, 20), (10, 30), (3, 10), (None, None))),
    )


def _device_name(index: int) -> str:
    if index < 2:
        return (FULL_DEVICE_NAME, FAILING_DEVICE_NAME)[index]
    round_, town = divmod(index, len(TOWNS))
    if round_ == 0 and index % 3 == 0:
        return f"{TOWNS[town]} {DEVICE_ROLES[index // 3 % len(DEVICE_ROLES)]}"
    return f"{TOWNS[town]} {round_ + 1:02d}"


def as_uuid(hexadecimal: str) -> UUID:
    """The id as the database's driver gives it."""
    return UUID(hex=hexadecimal)
