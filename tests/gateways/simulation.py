"""The simulated gateway's process and its client, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import anyio

from engine.gateways.protocol import (
    Outgoing,
)
from engine.gateways.simulated import SimulatedGateway
from engine.gateways.simulator.behaviour import Odds
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.process import SimulatedGatewayProcess

NAMES = UUID(int=7)
AT_ONCE = Odds(latency=(0.0, 0.0))


def message(number: int = 0, *, device: UUID = NAMES, phone: str = "60123456789") -> Outgoing:
    attempt = uuid5(NAMES, str(number))
    return Outgoing(attempt, uuid4(), device, phone, "text", f"hello {number}")


def allow() -> None:
    """The engine's last check, passed."""


@asynccontextmanager
async def simulator(
    path: Path, *, odds: Odds = AT_ONCE, deadline: float = 20.0, **options: object
) -> AsyncIterator[tuple[SimulatedGatewayProcess, SimulatedGateway]]:
    given = Options(path / "wire.log", odds=odds, **options)  # type: ignore[arg-type]
    async with SimulatedGatewayProcess(given) as process:
        gateway = SimulatedGateway(process.url, deadline=deadline)
        try:
            yield process, gateway
        finally:
            await gateway.close()


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    with anyio.fail_after(seconds):
        while True:
            if condition():
                return
            await anyio.sleep(0.01)
