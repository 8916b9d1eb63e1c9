"""Each check: one violation planted in a clean database, and exactly that check fires, with its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from engine.adoption import migrate
from engine.audit import State, all_checks
from engine.store import Access
from tests.audit.wild import OTHER, PHONE, Wild, audit, firing, ids_of

pytestmark = pytest.mark.anyio


@dataclass
class Scene:
    """A clean database: people who got their steps in order, and one who waits for the next."""

    wild: Wild
    device: UUID = field(init=False)
    sequence: list[UUID] = field(init=False)
    now: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.wild.now()
        self.device = self.wild.device()
        self.sequence = self.wild.sequence(delays=(0, 24, 24))
        for n in range(3):
            phone = f"6011000000{n}"
            for day in (1, 2):
                self.done(day, phone, self.ago(hours=60 - 25 * day, minutes=n))
            self.wild.row(self.sequence, 3, contact_phone=phone, status="pending",
                          next_trigger_time=self.ago(hours=-5), assigned_device_id=self.device)  # fmt: skip

    def ago(self, **by: float) -> datetime:
        return self.now - timedelta(**by)

    def done(self, day: int, phone: str, at: datetime, **columns: Any) -> tuple[UUID, UUID]:
        """A step as it should be: row completed, message sent."""
        return self.wild.step(
            self.sequence, day,
            **{"recipient_phone": phone, "sent_at": at, "device_id": self.device, **columns},
        )  # fmt: skip

    def sent(self, day: int = 1, **columns: Any) -> UUID:
        return self.wild.sent(self.sequence, day, **{"device_id": self.device, **columns})

    def row(self, day: int = 1, **columns: Any) -> UUID:
        return self.wild.row(self.sequence, day, **{"assigned_device_id": self.device, **columns})


@pytest.fixture
def scene(wild: Wild) -> Scene:
    return Scene(wild)


def sent_twice(s: Scene) -> set[UUID]:
    other = s.wild.device("another")
    _, first = s.done(1, PHONE, s.ago(hours=9))
    return {first, s.sent(recipient_phone="+60 12-345 6789", device_id=other)}


def completed_twice(s: Scene) -> set[UUID]:
    first, _ = s.done(1, PHONE, s.ago(hours=9))
    return {first, s.row(contact_phone="+60123456789", completed_at=s.ago(hours=8))}


def duplicate_rows(s: Scene) -> set[UUID]:
    due = s.ago(hours=-1)
    return {
        s.row(status="pending", next_trigger_time=due),
        s.row(status="pending", next_trigger_time=due, contact_phone="0060123456789"),
    }


def over_limit(s: Scene) -> set[UUID]:
    """81 within the hour; an 82nd exactly an hour after the first is none of them."""
    start = s.ago(hours=3)
    made = [s.done(1, f"60130000{n:03}", start + timedelta(seconds=44 * n))[1] for n in range(81)]
    s.done(1, "60130000999", start + timedelta(hours=1))
    return set(made[-20:])


def out_of_order(s: Scene) -> set[UUID]:
    _, second = s.done(2, PHONE, s.ago(hours=9))
    _, first = s.done(1, PHONE, s.ago(hours=8))
    return {second, first}


def step_left_out(s: Scene) -> set[UUID]:
    left = s.row(1, status="pending", next_trigger_time=s.ago(hours=-1))
    s.done(2, PHONE, s.ago(hours=8))
    return {left}


def sent_early(s: Scene) -> set[UUID]:
    _, message = s.done(1, PHONE, s.ago(hours=9), scheduled_at=s.ago(hours=8))
    return {message}


def sent_before_delay(s: Scene) -> set[UUID]:
    _, first = s.done(1, PHONE, s.ago(hours=9))
    _, second = s.done(2, PHONE, s.ago(hours=8))
    return {first, second}


def bursts(s: Scene) -> set[UUID]:
    times = [s.ago(hours=9, minutes=-n) for n in range(3)]
    return {s.done(day, PHONE, at)[1] for day, at in enumerate(times, start=1)}


def in_doubt(s: Scene) -> set[UUID]:
    s.row(status="active", next_trigger_time=s.ago(hours=9))
    return {s.sent(status="unknown", sent_at=None)}


def stuck_messages(s: Scene) -> set[UUID]:
    """In a state on the way, or in one that nobody knows."""
    old, young = s.ago(minutes=61), s.ago(minutes=59)
    s.row(status="active", next_trigger_time=s.ago(hours=9))
    s.sent(status="processing", recipient_phone=OTHER, sent_at=None, updated_at=young)
    return {
        s.sent(
            status=status,
            recipient_phone=phone,
            sent_at=None,
            created_at=old,
            scheduled_at=old,
            updated_at=old,
        )
        for status, phone in (("processing", PHONE), ("half way", "60122222222"))
    }


def stuck_rows(s: Scene) -> set[UUID]:
    s.row(contact_phone=OTHER, status="active", processing_started_at=s.ago(minutes=59))
    s.sent(
        recipient_phone="60111111111", status="pending", sent_at=None, scheduled_at=s.ago(hours=-1)
    )
    s.row(contact_phone="60111111111", status="active")
    return {
        s.row(status="active", processing_started_at=s.ago(minutes=61)),
        s.row(contact_phone="60122222222", status="processing"),
    }


def locked_rows(s: Scene) -> set[UUID]:
    due = s.ago(hours=-1)
    s.row(contact_phone=OTHER, status="pending", next_trigger_time=due,
          processing_device_id=s.device, processing_started_at=s.ago(minutes=5))  # fmt: skip
    return {s.row(status="pending", next_trigger_time=due, processing_device_id=s.device)}


def sent_but_open(s: Scene) -> set[UUID]:
    row = s.row(status="pending", next_trigger_time=s.ago(hours=-1))
    return {row, s.sent(sent_at=s.ago(hours=9))}


def completed_unsent(s: Scene) -> set[UUID]:
    """Completed when it was queued, and then it failed."""
    row = s.row(completed_at=s.ago(hours=1))
    return {row, s.sent(status="failed", sent_at=None)}


def sent_with_error(s: Scene) -> set[UUID]:
    _, message = s.done(1, PHONE, s.ago(hours=9), error_message="401 Unauthorized")
    return {message}


def several_sequences(s: Scene) -> set[UUID]:
    noon = s.ago(days=5).replace(hour=12)
    warm = s.wild.sequence("Warm")
    _, first = s.done(1, PHONE, noon)
    _, second = s.wild.step(warm, recipient_phone=PHONE, sent_at=noon, device_id=s.device)
    return {first, second}


PLANTS: list[Callable[[Scene], set[UUID]]] = [
    sent_twice, completed_twice, duplicate_rows, over_limit, out_of_order, step_left_out, sent_early,
    sent_before_delay, bursts, in_doubt, stuck_messages, stuck_rows, locked_rows, sent_but_open,
    completed_unsent, sent_with_error, several_sequences,
]  # fmt: skip
BY_CAUSE = {"rows_nobody_claims", "messages_nobody_claims"}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
async def test_it_alone_fires_with_its_rows(
    scene: Scene, plant: Callable[[Scene], set[UUID]]
) -> None:
    planted = plant(scene)
    results = await audit(scene.wild.dsn, country="60", zone="UTC")
    name = plant.__name__
    assert firing(results) == {name: len(planted) if name.startswith("stuck") else 1}
    assert ids_of(results[name]) == {str(row) for row in planted}
    assert (results[name].state is State.NOTED) == results[name].check.notice


def test_every_check_has_its_plant() -> None:
    assert {check.name for check in all_checks()} == {p.__name__ for p in PLANTS} | BY_CAUSE


async def test_nothing_fires_on_a_clean_database(scene: Scene) -> None:
    """Steps without a delay may follow each other at once."""
    quick = scene.wild.sequence("Quick", delays=(0, 0, 0))
    for day in (1, 2, 3):
        scene.wild.step(quick, day, recipient_phone=OTHER, device_id=scene.device,
                        sent_at=scene.ago(hours=9, seconds=-day))  # fmt: skip
    results = await audit(scene.wild.dsn, country="60", zone="UTC")
    assert firing(results) == {}
    assert not any(result.state is State.SKIPPED for result in results.values())


async def test_by_how_much_and_when_a_limit_was_broken(scene: Scene) -> None:
    start = scene.ago(hours=3)
    for n in range(100):  # 90 in the first hour of them, 10 later
        at = start + timedelta(seconds=40 * n if n < 90 else 3600 + 40 * n)
        scene.done(1, f"60130000{n:03}", at)
    [worst] = (await audit(scene.wild.dsn))["over_limit"].examples
    assert (worst["most"], worst["over"], worst["limit"]) == (90, 10, 80)
    assert (worst["from"], worst["to"]) == (start, start + timedelta(seconds=40 * 89))
    assert worst["sends_beyond"] == 10
    assert firing(await audit(scene.wild.dsn, limit=90)) == {}
    [worst] = (await audit(scene.wild.dsn, limit=50))["over_limit"].examples
    assert (worst["most"], worst["over"], worst["limit"]) == (90, 40, 50)


async def test_why_a_due_row_is_claimed_by_nobody(scene: Scene) -> None:
    wild = scene.wild
    foreign = wild.value(
        "INSERT INTO user_devices (user_id, status) VALUES (%s, 'online') RETURNING id", uuid4()
    )
    away = wild.value(
        "INSERT INTO user_devices (user_id, status) VALUES (%s, 'logged out') RETURNING id",
        wild.user,
    )
    paused = wild.sequence("Paused", delays=(0,))
    wild.run("UPDATE sequences SET is_active = false WHERE id = %s", paused[0])

    def due(n: int, **columns: Any) -> UUID:
        return scene.row(contact_phone=f"6014000000{n}", status="pending",
                         **{"next_trigger_time": scene.ago(hours=2), **columns})  # fmt: skip

    planted = {
        "no device": due(1, assigned_device_id=None),
        "its device is missing": due(2, assigned_device_id=uuid4()),
        "its device is another user's": due(3, assigned_device_id=foreign),
        "its device is away": due(4, assigned_device_id=away),
        "no due time": due(5, next_trigger_time=None),
        "its step is missing": due(6, sequence_stepid=uuid4()),
        "its sequence is missing": due(7, sequence_id=uuid4()),
    }
    due(8, assigned_device_id=away, next_trigger_time=scene.ago(minutes=30))
    due(9, sequence_id=paused[0], sequence_stepid=paused[1], assigned_device_id=None)
    due(0)
    results = await audit(wild.dsn, country="60", examples=20)
    assert firing(results) == {"rows_nobody_claims": 7}
    assert {e["why"]: e["ids"] for e in results["rows_nobody_claims"].examples} == {
        why: [str(row)] for why, row in planted.items()
    }


async def test_a_later_step_may_lack_its_time_while_an_earlier_one_is_open(scene: Scene) -> None:
    scene.row(1, status="pending", next_trigger_time=scene.ago(hours=-2))
    later = scene.row(2, status="pending")
    assert firing(await audit(scene.wild.dsn)) == {}
    scene.wild.run(
        "UPDATE sequence_contacts SET status = 'skipped' WHERE contact_phone = %s AND current_step = 1",
        PHONE,
    )
    results = await audit(scene.wild.dsn)
    assert firing(results) == {"rows_nobody_claims": 1}
    assert ids_of(results["rows_nobody_claims"]) == {str(later)}


async def test_why_a_due_message_is_claimed_by_nobody(scene: Scene) -> None:
    wild = scene.wild
    foreign = wild.value(
        "INSERT INTO user_devices (user_id, status) VALUES (%s, 'online') RETURNING id", uuid4()
    )
    away = wild.value(
        "INSERT INTO user_devices (user_id, status) VALUES (%s, 'offline') RETURNING id", wild.user
    )

    def due(n: int, **columns: Any) -> UUID:
        return scene.sent(recipient_phone=f"6014000000{n}", status="pending", sent_at=None,
                          **{"scheduled_at": scene.ago(hours=2), **columns})  # fmt: skip

    planted = {
        "no device": due(1, device_id=None),
        "its device is missing": due(2, device_id=uuid4()),
        "its device is another user's": due(3, device_id=foreign),
        "its device is away": due(4, device_id=away),
        "no due time": due(5, scheduled_at=None),
        "its step is missing": due(6, sequence_stepid=uuid4()),
        "its sequence is missing": due(7, sequence_id=uuid4()),
    }
    due(8)
    due(9, sequence_id=None, sequence_stepid=None)
    results = await audit(wild.dsn, country="60", examples=20)
    assert firing(results) == {"messages_nobody_claims": 7}
    assert {e["why"]: e["ids"] for e in results["messages_nobody_claims"].examples} == {
        why: [str(row)] for why, row in planted.items()
    }


async def test_what_was_done_is_found_after_migrate_too(scene: Scene) -> None:
    """Adopting explains nothing away."""
    for plant in (sent_twice, over_limit, bursts):
        plant(scene)
    before = await audit(scene.wild.dsn, country="60", zone="UTC")
    await migrate(Access(scene.wild.dsn), country="60", zone="UTC")
    after = await audit(scene.wild.dsn)
    for name in ("sent_twice", "over_limit", "bursts", "out_of_order"):
        assert before[name].found == after[name].found, name
        assert ids_of(before[name]) == ids_of(after[name]), name
    assert before["over_limit"].found == before["bursts"].found == 1
