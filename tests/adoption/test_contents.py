"""What adoption makes of single rows: people without a key, rows without a sequence, one person with very many rows."""

from __future__ import annotations

import pytest

from engine import filling
from engine.adoption import migrate
from engine.store import Access
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
