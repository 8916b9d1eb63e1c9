"""Copies of one text for one person, made by a loop of another application (FAILURES 10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.doctor import examine
from engine.store import Access, Database
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.mark.slow
async def test_f10_copies_of_one_text_for_one_person(wild: str) -> None:
    world = World.at(wild)
    device, start = world.value("SELECT id FROM user_devices LIMIT 1"), world.value("SELECT now()")

    def queue(phone: str, text: str, hours: float, status: str = "pending") -> str:
        return str(
            world.value(
                "INSERT INTO broadcast_messages (id, device_id, recipient_phone, content, status, scheduled_at) "
                "VALUES (gen_random_uuid(), %s, %s, %s, %s, %s) RETURNING id",
                device,
                phone,
                text,
                status,
                start + timedelta(hours=hours),
            )
        )

    spellings = ("60198765001", "019-876 5001", "+60 19 8765001")
    copies = [queue(phone, "Promotion", n / 10) for n, phone in enumerate(spellings)]
    queue(spellings[0], "Promotion", 30)  # a day later is another message
    queue(spellings[0], "Another", 0)
    queue("60198765002", "Promotion", 0)
    queue("60198765003", "Promotion", 0)
    queue("60198765003", "Promotion", 0, "sent")
    world.close()
    async with Database.open(Access(wild)) as database:
        report = await examine(database, country="60")
    [found] = [f for f in report.findings if f.check.name == "repeated-message"]
    assert found.n == 1
    assert list(found.examples[0].ids) == copies
    assert "3 copies of one text" in str(found.examples[0].detail)
