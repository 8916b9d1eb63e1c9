"""Fault 7, without its ten minutes: whatever costs time after the claim began, no byte leaves past the deadline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import sending
from engine.gateways.protocol import Answer, Outgoing, TooLate, Verdict
from engine.store import Database
from tests.engine.inprocess import RecordingGateway, until, working
from tests.world import World

pytestmark = pytest.mark.anyio

TRIES = "SELECT outcome, code FROM seqconsole.attempts ORDER BY claimed_at"


@dataclass
class Clock:
    """The boot time of this process, which stands still for a while once, where `where` says."""

    where: str
    lost: float
    ahead: float = 0.0

    def pass_at(self, where: str) -> None:
        if where == self.where:
            self.where, self.ahead = "", self.lost


class Waiting(RecordingGateway):
    """As the real ones: connects, which may take long, asks for the last time, writes."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    async def send(self, message: Outgoing, *, before_write: Callable[[], None]) -> Answer:
        self.clock.pass_at("gateway")
        try:
            return await super().send(message, before_write=before_write)
        except TooLate:
            return Answer(Verdict.RETRY, "too_late", wait=timedelta(0), written=False)


@pytest.mark.parametrize(
    ("where", "lost", "late"),
    [
        ("claim", 91.0, True),
        ("gateway", 91.0, True),
        pytest.param("claim", 89.0, False, marks=pytest.mark.slow),
        pytest.param("gateway", 89.0, False, marks=pytest.mark.slow),
    ],
)
async def test_fault_07_no_byte_leaves_past_the_deadline_of_its_claim(
    world: World,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    lost: float,
    late: bool,
) -> None:
    clock, true_time, true_claim = Clock(where, lost), sending.boot_time, sending.claim

    async def claim(*args: Any, **named: Any) -> list[sending.Claim]:
        claims = await true_claim(*args, **named)
        if claims:
            clock.pass_at("claim")
        return claims

    monkeypatch.setattr(sending, "boot_time", lambda: true_time() + clock.ahead)
    monkeypatch.setattr(sending, "claim", claim)
    world.engine()
    world.message(world.device(), "60123456789")
    gateway = Waiting(clock)
    async with working(database, gateway, tmp_path):
        await until(lambda: world.statuses("broadcast_messages") == {"sent": 1})
    *early, last = [(row["outcome"], row["code"]) for row in world.run(TRIES)]
    assert set(early) == ({("never_sent", "too_late")} if late else set())
    assert last == ("sent", "SUCCESS")
    assert len(gateway.sent) == 1
