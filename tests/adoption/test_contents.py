"""What adoption makes of single rows: people without a key, rows without a sequence, one person with very many rows."""

from __future__ import annotations

from typing import Any

import pytest

from engine import filling
from engine.adoption import migrate
from engine.store import Access, Transaction
from engine.store.migrator import Migrator
from tests.world import World

pytestmark = pytest.mark.anyio

LEDGER = "SELECT phone_key, outcome::text, (message_id = %s) AS has_message FROM seqconsole.deliveries ORDER BY 1, 3"
NIL = "00000000-0000-0000-0000-000000000000"


async def test_completed_rows_without_a_key_or_a_sequence(world: World, dsn: str) -> None:
    sequences = [world.sequence(), world.sequence("Other")]
    device = world.device()
    for sequence in sequences:  # a key that is NULL in each: the end of one is not the end of all
        for phone in ("not a phone", "123456789012345", "012-345 6789"):
            world.contact(sequence, phone, device, statuses=("completed", "pending"))
    world.run(
        "UPDATE sequence_contacts SET sequence_id = NULL WHERE sequence_stepid = %s",
        sequences[1][1],
    )
    assert (await migrate(Access(dsn), country="60")).left == ()
    assert (
        world.run(LEDGER, NIL)
        == [{"phone_key": "60123456789", "outcome": "s", "has_message": True}] * 2
    )
    open_steps = world.run("SELECT phone_key, step_id FROM seqconsole.progress")
    assert {r["step_id"] for r in open_steps} == {sequences[0][2], sequences[1][2]}


async def test_one_person_with_more_rows_than_a_portion(
    world: World, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "PORTION", 3)
    sequence = world.sequence(delays=[0] * 30)
    device = world.device()
    for phone in ("60111222333", "60123456789", "60199999999"):
        world.contact(sequence, phone, device, statuses=["completed"] * 29 + ["pending"])
        for _ in range(20):
            world.run(
                "INSERT INTO broadcast_messages (device_id, recipient_phone, content, status) "
                "VALUES (%s, %s, 'news', 'sent')",
                device,
                phone,
            )
    await migrate(Access(dsn), country="60")
    per_person = world.run(
        "SELECT phone_key, count(*) AS n FROM seqconsole.deliveries GROUP BY 1 ORDER BY 1"
    )
    assert [r["n"] for r in per_person] == [49, 49, 49]
    assert world.value("SELECT count(*) FROM seqconsole.progress WHERE state = 'w'") == 3


async def test_of_two_messages_for_one_step_the_better_evidence_has_the_delivery(
    world: World, dsn: str
) -> None:
    sequence, device = world.sequence(), world.device()
    world.contact(sequence, "60123456789", device)
    for status in ("failed", "pending", "processing", "sent"):
        world.run(
            "INSERT INTO broadcast_messages (device_id, sequence_id, sequence_stepid, recipient_phone, content, status) "
            "VALUES (%s, %s, %s, '+60 12-345 6789', 'hello', %s)",
            device, sequence[0], sequence[1], status,
        )  # fmt: skip
    await migrate(Access(dsn), country="60")
    [delivery] = world.run(
        "SELECT d.outcome::text, m.status FROM seqconsole.deliveries d JOIN broadcast_messages m ON m.id = d.message_id"
    )
    assert delivery == {"outcome": "s", "status": "sent"}
    contact = world.run("SELECT status, completed_at IS NOT NULL AS done FROM sequence_contacts")
    assert contact == [{"status": "completed", "done": True}]
    [finding] = world.run("SELECT kind, detail ->> 'why' AS why FROM seqconsole.findings")
    assert finding == {"kind": "unsendable message", "why": "this person has this step already"}


async def test_rows_that_contradict_their_messages(world: World, dsn: str) -> None:
    """Pending, and its message was sent: completed. Completed, and its message is in doubt: that is open work."""
    sequence, device = world.sequence(delays=[0]), world.device()
    world.contact(sequence, "60111222333", device)
    world.contact(sequence, "60199999999", device, statuses=("completed",))
    for phone, status in (("60111222333", "sent"), ("60199999999", "processing")):
        world.run(
            "INSERT INTO broadcast_messages (device_id, sequence_id, sequence_stepid, recipient_phone, content, status) "
            "VALUES (%s, %s, %s, %s, 'hello', %s)",
            device, sequence[0], sequence[1], phone, status,
        )  # fmt: skip
    await migrate(Access(dsn), country="60")
    assert world.statuses() == {"completed": 2}
    assert world.run("SELECT phone_key, state::text, gate FROM seqconsole.progress") == [
        {"phone_key": "60199999999", "state": "u", "gate": "unknown"}
    ]


async def test_what_is_sent_while_the_tables_are_read_has_its_delivery(
    world: World, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is sent after the queue was read; another is completed, without a message, after its row was read."""
    sequence, device = world.sequence(), world.device()
    [sent] = world.contact(sequence, "60111222333", device)
    [completed] = world.contact(sequence, "60199999999", device)
    without, opened = filling._read_without_sequence, filling._read_open_messages
    complete = (
        "UPDATE sequence_contacts SET status = 'completed', completed_at = now() WHERE id = %s"
    )

    async def after_messages(tx: Transaction, place: list[Any], limit: int) -> filling.Portion:
        world.run(
            "INSERT INTO broadcast_messages (device_id, sequence_id, sequence_stepid, recipient_phone, content, status, "
            "sent_at) VALUES (%s, %s, %s, '60111222333', 'hello', 'sent', now())",
            device, sequence[0], sequence[1],
        )  # fmt: skip
        world.run(complete, sent)
        return await without(tx, place, limit)

    async def after_contacts(tx: Transaction, place: list[Any], limit: int) -> filling.Portion:
        world.run(complete, completed)
        return await opened(tx, place, limit)

    monkeypatch.setattr(filling, "_read_without_sequence", after_messages)
    monkeypatch.setattr(filling, "_read_open_messages", after_contacts)
    await migrate(Access(dsn), country="60")
    [message] = world.run("SELECT id FROM broadcast_messages")
    assert world.run("SELECT phone_key, message_id::text, outcome::text, contact_id FROM seqconsole.deliveries ORDER BY 1") == [
        {"phone_key": "60111222333", "message_id": str(message["id"]), "outcome": "s", "contact_id": sent},
        {"phone_key": "60199999999", "message_id": NIL, "outcome": "s", "contact_id": completed},
    ]  # fmt: skip
    assert world.value("SELECT count(*) FROM seqconsole.progress") == 0


async def test_a_duplicate_that_comes_before_the_key_leaves_no_index_behind(
    world: World, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An INVALID unique index would refuse the other application's rows for ever."""
    sequence = world.sequence()
    for _ in range(2):
        world.contact(sequence, "60123456789", None)
    asked = Migrator.value

    async def too_early(tool: Migrator, name: str, **params: Any) -> Any:
        return False if name == "adopt/raw_duplicates" else await asked(tool, name, **params)

    monkeypatch.setattr(Migrator, "value", too_early)
    adopted = await migrate(Access(dsn), country="60")
    assert not adopted.unique_key
    assert [line.split(":")[0] for line in adopted.left] == [
        "1 duplicate groups",
        "the unique key (sequence_id, contact_phone, sequence_stepid) is missing",
    ]
    assert world.value("SELECT to_regclass('uk_sequence_contact_stepid') IS NULL")
    world.contact(sequence, "60123456789", None)


async def test_another_index_of_the_name_of_the_key_is_left_alone(world: World, dsn: str) -> None:
    world.run(
        "CREATE UNIQUE INDEX uk_sequence_contact_stepid ON sequence_contacts "
        "(sequence_id, contact_phone, sequence_stepid) WHERE status <> 'failed'"
    )
    adopted = await migrate(Access(dsn), country="60")
    [left] = adopted.left
    assert "drop index concurrently uk_sequence_contact_stepid" in left
    assert world.value("SELECT to_regclass('uk_sequence_contact_stepid') IS NOT NULL")
    world.run("DROP INDEX CONCURRENTLY uk_sequence_contact_stepid")
    assert (await migrate(Access(dsn), country="60")).unique_key


async def test_long_stages_say_how_far_they_are(
    world: World, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "PORTION", 10)
    monkeypatch.setattr(filling, "TELL", 0.0)
    for i in range(25):
        world.contact(world.sequence(), f"601234567{i:02}", None)
    said: list[str] = []
    await migrate(Access(dsn), country="60", report=said.append)
    assert [line for line in said if line.startswith("contacts: ")] == [
        "contacts: 10 rows read",
        "contacts: 20 rows read",
    ]
