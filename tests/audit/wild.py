"""A database as another application left it, and the audit of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from engine.audit import Options, Result, audited
from engine.store import Access
from tests.world import World

PHONE = "60123456789"
OTHER = "60198765432"


async def audit(dsn: str, *, schema: str = "public", **options: Any) -> dict[str, Result]:
    """Every check's answer, by its name."""
    async with audited(Access(dsn, schema=schema), Options(**options)) as asked:
        return {result.check.name: result async for result in asked.results()}


def firing(results: dict[str, Result]) -> dict[str, int]:
    """What was found or noted, or could not be answered: by name, with the count (-1: no answer)."""
    return {
        name: r.found or r.noted or -1 for name, r in results.items() if r.state.value != "clean"
    }


def ids_of(result: Result) -> set[str]:
    """All row ids of the examples."""
    return {row_id for example in result.examples for row_id in example["ids"]}


class Wild(World):
    """The operator's tables only; the clock is the server's."""

    @property
    def dsn(self) -> str:
        """Where it is."""
        return self.connection.info.dsn

    def now(self) -> datetime:
        moment: datetime = self.value("SELECT date_trunc('second', clock_timestamp())")
        return moment

    def row(self, sequence: list[UUID], day: int = 1, **columns: Any) -> UUID:
        """A contact row, by default one that is completed, with its message sent where `sent` is given."""
        values: dict[str, Any] = {
            "id": uuid4(),
            "sequence_id": sequence[0],
            "sequence_stepid": sequence[day],
            "current_step": day,
            "contact_phone": PHONE,
            "status": "completed",
            "user_id": self.user,
            **columns,
        }
        return self._insert("sequence_contacts", values)

    def sent(self, sequence: list[UUID], day: int = 1, **columns: Any) -> UUID:
        """A message of a step, by default one that was sent an hour ago."""
        sent_at = columns.get("sent_at", self.now() - timedelta(hours=1))
        values: dict[str, Any] = {
            "id": uuid4(),
            "user_id": self.user,
            "sequence_id": sequence[0],
            "sequence_stepid": sequence[day],
            "recipient_phone": PHONE,
            "content": "hello",
            "status": "sent",
            "scheduled_at": sent_at,
            "created_at": sent_at,
            "updated_at": sent_at,
            "sent_at": sent_at,
            **columns,
        }
        return self._insert("broadcast_messages", values)

    def step(self, sequence: list[UUID], day: int = 1, **columns: Any) -> tuple[UUID, UUID]:
        """A step as it should be: row completed, message sent. The row's id and the message's."""
        sent_at = columns.get("sent_at", self.now() - timedelta(hours=1))
        phone = columns.get("recipient_phone", PHONE)
        row = self.row(sequence, day, contact_phone=phone, completed_at=sent_at,
                       assigned_device_id=columns.get("device_id"))  # fmt: skip
        return row, self.sent(sequence, day, **columns)

    def _insert(self, table: str, values: dict[str, Any]) -> UUID:
        names = ", ".join(values)
        marks = ", ".join(["%s"] * len(values))
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())
        made: UUID = values["id"]
        return made
