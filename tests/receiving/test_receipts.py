"""Receipts: noted once, in any order; before the settle too; doubts they prove are settled, others stay."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from engine.gateways.protocol import Answer, Verdict
from engine.operations.mark_sent import MarkNotSent, MarkSent
from engine.operations.repair_facts import Selection
from engine.reader import Reader
from engine.receiving.events import Mark
from engine.store import Database
from tests.engine.steps import end, prepare, take
from tests.operations.repairs import repair
from tests.operations.scene import sound
from tests.receiving.scene import DOUBT, Sent, sent, settle_all
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_delivered_and_read_are_noted(world: World, database: Database, phone: str) -> None:
    one = await sent(world, database, phone)
    await one.ended()
    world.advance(minutes=2)
    await one.took(one.receipt(Mark.DELIVERED, 3))
    assert one.delivery["receipt"] == "d"
    assert one.attempt["delivered_at"] == one.claim.claimed_at + timedelta(seconds=3)
    assert one.attempt["read_at"] is None
    await one.took(one.receipt(Mark.READ, 60))
    assert one.delivery["receipt"] == "r"
    assert one.attempt["delivered_at"] == one.claim.claimed_at + timedelta(seconds=3)
    assert one.attempt["read_at"] == one.claim.claimed_at + timedelta(seconds=60)
    assert one.waiting() == 0
    await sound(world, database)


async def test_absurd_times_of_a_gateway_are_bounded(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended()
    await one.took(one.receipt(Mark.DELIVERED, -9e8), one.receipt(Mark.READ, 9e8))
    assert one.attempt["delivered_at"] == one.claim.claimed_at
    assert one.attempt["read_at"] == world.now()


async def test_read_before_delivered_ends_the_same(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended()
    world.advance(minutes=2)
    await one.took(one.receipt(Mark.READ, 60))
    assert one.attempt["delivered_at"] == one.attempt["read_at"]
    await one.took(one.receipt(Mark.DELIVERED, 3))
    assert one.delivery["receipt"] == "r"
    assert one.attempt["delivered_at"] == one.claim.claimed_at + timedelta(seconds=3)
    await sound(world, database)


async def test_a_repeated_receipt_changes_nothing(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended()
    world.advance(minutes=2)
    await one.took(one.receipt(Mark.DELIVERED, 3), one.receipt(Mark.READ, 9))
    before = (one.attempt, one.delivery, world.value("SELECT count(*) FROM seqconsole.changes"))
    world.advance(hours=1)
    await one.took(one.receipt(Mark.DELIVERED, 3), one.receipt(Mark.READ, 9))
    await one.took(one.receipt(Mark.READ, 9))
    assert before == (
        one.attempt,
        one.delivery,
        world.value("SELECT count(*) FROM seqconsole.changes"),
    )
    assert one.waiting() == 0


async def test_a_receipt_before_our_settle_waits_for_it(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.took(one.receipt(Mark.READ, 1))
    assert one.message_status == "sending"
    assert one.waiting() == 1
    await one.ended()
    assert one.delivery["receipt"] is None
    world.advance(seconds=3)
    await settle_all(database)
    assert one.delivery["receipt"] == "r"
    assert one.waiting() == 0
    await sound(world, database)


async def test_a_receipt_of_a_stranger_waits_less_and_less_and_goes(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended()
    await one.took(one.receipt(Mark.READ, gateway_id=f"of no attempt {phone}"))
    looks = 0
    for _ in range(30):
        ahead = world.value("SELECT max(look_at) - seqconsole.now() FROM seqconsole.receipts")
        if ahead is None:
            break
        world.advance(seconds=ahead.total_seconds())
        await settle_all(database)
        looks += 1
    assert one.waiting() == 0
    assert 10 < looks < 25


async def test_fault_21_a_receipt_with_the_id_proves_a_doubt(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended(Answer(Verdict.UNKNOWN, "no_proof", gateway_id=one.gateway_id))
    assert one.message_status == "unknown"
    await one.took(one.receipt(Mark.DELIVERED, 5))
    assert one.message_status == "sent"
    assert (one.attempt["outcome"], one.attempt["evidence"]) == ("sent", "receipt")
    assert (one.delivery["outcome"], one.delivery["evidence"]) == ("s", "r")
    assert one.delivery["receipt"] == "d"
    assert one.contact_states[0] == "completed"
    assert len(await take(database)) <= 1
    await sound(world, database)


async def test_our_reference_that_comes_back_proves_a_doubt(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended(DOUBT)
    await one.took(one.receipt(Mark.ACCEPTED, attempt=one.claim.attempt_id))
    assert one.message_status == "sent"
    assert one.attempt["gateway_id"] == one.gateway_id
    assert one.delivery["receipt"] is None
    await one.took(one.receipt(Mark.DELIVERED, 4))
    assert one.delivery["receipt"] == "d"
    await sound(world, database)


async def test_fault_21_the_only_unexplained_receipt_of_a_person_proves_a_doubt(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended(DOUBT)
    await one.took(one.receipt(Mark.DELIVERED, 5))
    assert one.message_status == "unknown"  # what was written by hand may still be told
    world.advance(minutes=2, seconds=1)
    await settle_all(database)
    assert one.message_status == "sent"
    assert (one.attempt["evidence"], one.attempt["code"]) == ("receipt", "receipt_of_person")
    assert one.delivery["receipt"] == "d"
    await sound(world, database)


@pytest.mark.parametrize(
    "why", ["by hand", "another id", "another person", "another device", "too late", "setting"]
)
async def test_what_is_no_proof_leaves_a_doubt(
    world: World, database: Database, phone: str, why: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended(DOUBT)
    receipt = one.receipt(Mark.DELIVERED, 5)
    match why:
        case "by hand":
            await one.took(receipt)
            await one.took(one.receipt(Mark.OWN, 4))
        case "another id":
            await one.took(receipt, one.receipt(Mark.READ, 6, gateway_id=f"other {phone}"))
        case "another person":
            other = Sent(world, database, phone + "9", one.device, [], one.claim, one.gateway_id)
            await one.took(other.receipt(Mark.DELIVERED, 5))
        case "another device":
            other = Sent(world, database, phone, world.device(), [], one.claim, one.gateway_id)
            await one.took(other.receipt(Mark.DELIVERED, 5))
        case "too late":
            world.advance(hours=2)
            await one.took(one.receipt(Mark.DELIVERED, 3600))
        case "setting":
            world.setting("receipts_prove", "id", "default")
            await one.took(receipt)
    for _ in range(6):
        world.advance(minutes=3)
        await settle_all(database)
    assert one.message_status == "unknown"
    world.run("DELETE FROM seqconsole.settings WHERE name = 'receipts_prove'")
    world.run("DELETE FROM seqconsole.receipts")


async def test_what_is_in_flight_is_left_to_its_worker(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.took(one.receipt(Mark.DELIVERED, 1, attempt=one.claim.attempt_id))
    for _ in range(3):
        world.advance(seconds=20)
        await settle_all(database)
    assert one.message_status == "sending"
    await one.ended(DOUBT)
    world.advance(minutes=3)
    await settle_all(database)
    assert one.message_status == "sent"
    assert one.delivery["receipt"] == "d"


async def test_the_operators_word_stays_and_the_receipt_is_noted(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended(Answer(Verdict.UNKNOWN, "no_proof", gateway_id=one.gateway_id))
    await repair(database, MarkNotSent("ana"))
    await one.took(one.receipt(Mark.DELIVERED, 5))
    assert one.message_status == "failed"
    assert one.attempt["delivered_at"] is not None
    assert one.delivery["receipt"] is None
    assert one.waiting() == 0
    await sound(world, database)
    found = (
        "SELECT count(*) FROM seqconsole.findings WHERE kind = 'delivered after all' AND key = %s"
    )
    assert world.value(found, str(one.claim.message_id)) == 1
    await repair(database, MarkSent("ana"), Selection(ids=(one.claim.message_id,)))
    await settle_all(database)
    assert world.value(found, str(one.claim.message_id)) == 0


async def test_two_attempts_with_one_id_are_told_apart_by_the_person(
    world: World, database: Database, phone: str, new_phone: object
) -> None:
    one = await sent(world, database, phone)
    two = await sent(world, database, phone + "1")
    two.gateway_id = one.gateway_id
    await one.ended()
    await two.ended()
    await one.took(two.receipt(Mark.READ, 5))
    assert (one.delivery["receipt"], two.delivery["receipt"]) == (None, "r")


async def test_a_refused_message_is_noted_and_its_code_obeyed(
    world: World, database: Database, phone: str
) -> None:
    world.run(
        "INSERT INTO seqconsole.codes (source, code, meaning) VALUES ('meta', '131050', 'suppress') ON CONFLICT DO NOTHING"
    )
    one = await sent(world, database, phone)
    await one.ended()
    await one.took(one.receipt(Mark.REFUSED, 5, code="131050"))
    assert one.delivery["receipt"] == "f"
    assert one.attempt["refused_code"] == "131050"
    assert one.message_status == "sent"
    assert one.suppressed() == 1
    world.advance(days=3)
    await prepare(database)
    assert not [c for c in await take(database) if c.phone == phone]
    operations = world.value("SELECT count(*) FROM seqconsole.operations")
    await one.took(one.receipt(Mark.REFUSED, 5, code="131050"))
    assert world.value("SELECT count(*) FROM seqconsole.operations") == operations
    await sound(world, database)


async def test_delivered_and_read_are_shown_by_sequence(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended()
    await one.took(one.receipt(Mark.DELIVERED, 1), one.receipt(Mark.READ, 2))
    await one.took(one.reply("hello"))
    row = next(s for s in await Reader(database).sequences() if s.id == one.sequence[0])
    assert (row.delivered, row.read, row.replies) == (1, 1, 1)
    claims = await take(database)
    await prepare(database)
    claims += await take(database)
    await end(database, claims, Answer(Verdict.SENT, "SUCCESS", gateway_id=f"second {phone}"))
    await one.took(one.receipt(Mark.DELIVERED, 1, gateway_id=f"second {phone}"))
    row = next(s for s in await Reader(database).sequences() if s.id == one.sequence[0])
    assert (row.delivered, row.read, row.replies) == (2, 1, 1)
    await sound(world, database)


@pytest.mark.parametrize(
    ("doubtful", "orders"),
    [
        pytest.param(False, 3, marks=pytest.mark.slow),
        pytest.param(True, 3, marks=pytest.mark.slow),
        pytest.param(False, 25, marks=pytest.mark.large),
        pytest.param(True, 25, marks=pytest.mark.large),
    ],
)
async def test_any_order_and_any_repetition_ends_the_same(
    world: World, database: Database, phone: str, doubtful: bool, orders: int
) -> None:
    """Receipts and replies of one message, drawn and shuffled, around its settle: one end state."""
    rng = random.Random(doubtful)
    ends = set()
    for n in range(orders):
        one = await sent(world, database, f"{phone}{n}")
        answer = None
        if doubtful:
            answer = Answer(Verdict.UNKNOWN, "no_proof", gateway_id=one.gateway_id)
        events: list[object] = [
            one.receipt(Mark.ACCEPTED, 1), one.receipt(Mark.DELIVERED, 2), one.receipt(Mark.READ, 9),
            one.receipt(Mark.READ, 12), one.receipt(Mark.REFUSED, 3, code="131026"),
            one.reply("thanks", f"hi {phone}{n}"), one.reply("Stop!", f"bye {phone}{n}"),
        ]  # fmt: skip
        drawn = events + rng.choices(events, k=6) + ["settle"]
        rng.shuffle(drawn)
        for event in drawn:
            if event == "settle":
                await one.ended(answer)
            else:
                await one.took(event)  # type: ignore[arg-type]
        world.advance(minutes=10)
        await settle_all(database)
        attempt, delivery = one.attempt, one.delivery
        start = one.claim.claimed_at
        replies = world.run(
            "SELECT kind, sequence_id = %s AS here FROM seqconsole.replies WHERE phone_key = %s ORDER BY kind",
            one.sequence[0], one.phone,
        )  # fmt: skip
        ends.add(
            (
                one.message_status,
                tuple(one.contact_states),
                attempt["outcome"],
                attempt["evidence"],
                attempt["delivered_at"] - start,
                attempt["read_at"] - start,
                attempt["refused_at"] - start,
                attempt["refused_code"],
                delivery["outcome"],
                delivery["receipt"],
                one.suppressed(),
                tuple((r["kind"], r["here"]) for r in replies),
                one.waiting(),
            )
        )
        world.run("DELETE FROM seqconsole.progress WHERE phone_key = %s", one.phone)
    assert len(ends) == 1, ends
    assert next(iter(ends))[0] == "sent"
