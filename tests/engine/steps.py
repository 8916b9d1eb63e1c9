"""The engine's moves one at a time, for tests that own the clock."""

from __future__ import annotations

from uuid import UUID, uuid4

from engine.claiming import Claim, claim
from engine.gateways.protocol import Answer, Verdict
from engine.rollup import roll_up_all
from engine.scheduling import schedule
from engine.settling import Recorded, settle
from engine.store import Database
from engine.verdicts import settlement

WORKER = uuid4()
SENT = Answer(Verdict.SENT, "SUCCESS", gateway_id="3EB0")
FAILED = Answer(Verdict.FAIL, "INVALID_JID")


async def prepare(database: Database) -> None:
    """Read other writers' edits and queue what is due."""
    await roll_up_all(database)
    while await schedule(database):
        pass


async def take(database: Database, limit: int = 100, worker: UUID = WORKER) -> list[Claim]:
    return await claim(database, worker, limit)


async def end(database: Database, claims: list[Claim], answer: Answer = SENT) -> list[Recorded]:
    return await settle(database, [settlement(c, answer, chance=0) for c in claims])


async def send_all(database: Database) -> list[Claim]:
    """Schedule, claim and settle as sent, once."""
    await prepare(database)
    claims = await take(database)
    await end(database, claims)
    return claims
