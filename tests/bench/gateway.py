"""A gateway in process that answers SENT at once and notes when it was asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from engine.gateways.protocol import Answer, DeviceState, Outgoing, Verdict

SENT = Answer(Verdict.SENT, "SUCCESS", gateway_id="3EB0")


class AtOnce:
    """Implements `engine.gateways.protocol.Gateway`; `asked` holds wall-clock seconds by message."""

    def __init__(self) -> None:
        self.asked: dict[UUID, float] = {}

    async def send(self, message: Outgoing, *, before_write: Callable[[], None]) -> Answer:
        before_write()
        self.asked[message.message_id] = time.time()
        return SENT

    async def device_states(self) -> list[DeviceState]:
        return []

    async def close(self) -> None:
        pass
