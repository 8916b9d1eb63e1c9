"""What the tests of receipts share: one person who was sent one step, by name of the gateway's message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from engine.claiming import Claim
from engine.gateways.protocol import Answer, Verdict
from engine.receiving.events import Event, Mark, Receipt, Reply
from engine.receiving.receipts import look_again
from engine.receiving.taking import Taker
from engine.store import Database
from tests.engine.steps import end, prepare, take
from tests.world import World

DOUBT = Answer(Verdict.UNKNOWN, "timeout")


@dataclass
class Sent:
    """A step on its way to a person."""

    world: World
    database: Database
    phone: str
    device: UUID
    sequence: list[UUID]
    claim: Claim
    gateway_id: str

    async def ended(self, answer: Answer | None = None) -> None:
        """Settle it; by default the gateway proves it, with its id."""
        found = answer or Answer(Verdict.SENT, "SUCCESS", gateway_id=self.gateway_id)
        await end(self.database, [self.claim], found)

    async def took(self, *events: Event) -> None:
        await Taker(self.database).take(events)

    def receipt(self, mark: Mark, seconds: float = 0, **given: Any) -> Receipt:
        at = self.claim.claimed_at.timestamp() + seconds
        from datetime import UTC, datetime

        return Receipt(
            given.pop("gateway_id", self.gateway_id), mark, datetime.fromtimestamp(at, UTC),
            str(self.device), f"{self.phone}@s.whatsapp.net", **given,
        )  # fmt: skip

    def reply(self, text: str, reply_id: str | None = None, phone: str | None = None) -> Reply:
        return Reply(reply_id or uuid4().hex, phone or self.phone, None, str(self.device), text)

    @property
    def attempt(self) -> dict[str, Any]:
        return self.world.run(
            "SELECT * FROM seqconsole.attempts WHERE id = %s", self.claim.attempt_id
        )[0]

    @property
    def delivery(self) -> dict[str, Any]:
        return self.world.run(
            "SELECT * FROM seqconsole.deliveries WHERE message_id = %s", self.claim.message_id
        )[0]

    @property
    def contact_states(self) -> list[str]:
        rows = self.world.run(
            "SELECT status FROM sequence_contacts WHERE contact_phone = %s AND sequence_id = %s ORDER BY current_step",
            self.phone, self.sequence[0],
        )  # fmt: skip
        return [row["status"] for row in rows]

    @property
    def message_status(self) -> str:
        found: str = self.world.value(
            "SELECT status FROM broadcast_messages WHERE id = %s", self.claim.message_id
        )
        return found

    def suppressed(self, phone: str | None = None) -> int:
        found: int = self.world.value(
            "SELECT count(*) FROM seqconsole.holds WHERE scope = 'contact' AND key = %s AND holder = 'suppression'",
            phone or self.phone,
        )
        return found

    def waiting(self) -> int:
        found: int = self.world.value(
            "SELECT count(*) FROM seqconsole.receipts WHERE phone_key = %s", self.phone
        )
        return found


async def sent(
    world: World,
    database: Database,
    phone: str,
    *,
    delays: Sequence[int] = (0, 0, 0),
    sequence: list[UUID] | None = None,
    device: UUID | None = None,
) -> Sent:
    """A person in a sequence of three steps, the first of them claimed just now."""
    device = device or world.device(f"of {phone}")
    made = sequence or world.sequence(f"S {phone}", delays)
    world.contact(made, phone, device, statuses=["pending"] * len(delays), due=world.now())
    await prepare(database)
    claims = [c for c in await take(database) if c.phone == phone]
    assert len(claims) == 1
    return Sent(world, database, phone, device, made, claims[0], f"3EB0{uuid4().hex[:16].upper()}")


async def settle_all(database: Database) -> None:
    """Look at what waits until nothing of it is due."""
    while await look_again(database):
        pass
