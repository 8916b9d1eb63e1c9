"""The seeded scheduler: many episodes, each on a new database, and floors that refuse an empty run."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Final

from engine.store import Access, Database
from tests.model.machine import ACTORS, FAULTS, Machine
from tests.model.oracle import Violation
from tests.world import World

EPISODE: Final = 250
"""Micro-steps on one database."""

CHECK_EVERY: Final = 25
STORY: Final = 200
"""Lines of what happened that a violation shows."""

FLOORS: Final = (
    "arrived", "refused or lost", "later step", "window full", "settled sent", "settled failed",
    "settled retry", "settled unknown", "settled never_sent", "a doubt resolved", "fenced", "recovered",
    "too late to send", "crash claimed", "crash checked", "crash written", "crash answered",
    "replayed answer", "replayed never sent", "receipt", "settle twice", "pause", "resume", "off", "on",
    "undone", "pause with sends in flight", "named in flight, then sent", "foreign: message set back",
    "foreign: message deleted", "foreign: message repeated", "foreign: row repeated", "foreign: message replaced",
    "foreign: device gone", "foreign: device back", "foreign: row readdressed", "foreign: row moved on",
)  # fmt: skip
SHORT_FLOORS: Final = (
    "arrived", "refused or lost", "window full", "settled sent", "settled retry", "settled unknown",
    "settled never_sent", "a doubt resolved", "fenced", "recovered", "crash claimed", "crash written",
    "replayed never sent", "pause", "resume", "pause with sends in flight",
)  # fmt: skip
WEIGHTS: Final = {
    "worker 1": 16, "worker 2": 16, "worker 3": 16, "schedule": 5, "roll up": 4, "recover": 3, "replay": 3,
    "receipt": 2, "operator": 4, "foreign": 3, "clock": 9,
}  # fmt: skip
FAULT_WEIGHTS: Final = {
    "none": 40,
    "crash": 5,
    "retry": 5,
    "unknown, arrived": 4,
    "unknown, lost": 3,
}

NewDatabase = Callable[[], str]


async def episode(dsn: str, seed: str, steps: int, events: Counter[str]) -> None:
    """One world, moved `steps` times. Raises Violation, with the last moves."""
    random = Random(seed)
    world = World.at(dsn)
    story: list[str] = []
    try:
        async with Database.open(Access(dsn)) as database:
            machine = Machine.build(database, world)
            machine.oracle.events = events
            story = machine.oracle.story
            await machine.check()
            for n in range(1, steps + 1):
                actor = random.choices(ACTORS, [WEIGHTS[a] for a in ACTORS])[0]
                fault = random.choices(FAULTS, [FAULT_WEIGHTS.get(f, 2) for f in FAULTS])[0]
                pick = random.randrange(1 << 30)
                story.append(f"-- {n} {actor}")
                await machine.step(actor, fault, pick)
                if n % CHECK_EVERY == 0 or n == steps:
                    await machine.check()
    except Violation as error:
        raise Violation(f"seed {seed}: {error}\n" + "\n".join(story[-STORY:])) from error
    finally:
        world.close()


def run(
    new_database: NewDatabase, steps: int, seed: int, drop: Callable[[str], None] = lambda _: None
) -> Counter[str]:
    """At least `steps` micro-steps from `seed`; the events that happened. Raises Violation."""
    events: Counter[str] = Counter()
    for nth in range(-(-steps // EPISODE)):
        dsn = new_database()
        asyncio.run(episode(dsn, f"{seed}/{nth}", EPISODE, events))
        drop(dsn)
    return events


def missing(events: Counter[str]) -> list[str]:
    """The interesting events that never happened: the run proved too little."""
    return [name for name in FLOORS if not events[name]]


def floors_of_a_short_run(events: Counter[str]) -> list[str]:
    """The same for the run in the suite: what two episodes must have seen."""
    return [name for name in SHORT_FLOORS if not events[name]]
