"""Reconnect: a gateway connects a device to WhatsApp anew (DESIGN 6). It sends nothing, so nothing is undone.

The call goes out before the journal is written: a process that dies between leaves a device that was
reconnected and no line of it, never a line of something that did not happen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import anyio

from engine.device_states import record_states
from engine.gateways.protocol import (
    DeviceState,
    Gateway,
    GatewayState,
    GatewayUnavailable,
    Reconnecting,
)
from engine.operations import journal
from engine.operations.model import Done, OperationRefused, Preview, Scope, Target
from engine.operations.targets import described, named
from engine.operations.wording import counted
from engine.store import Database, StoreError

AT_ONCE: Final = 8
"""Calls under way at a time."""
MOST: Final = 50
"""Devices of one operation: each call may take half a minute."""

WORDS: Final[Mapping[GatewayState, str]] = {
    GatewayState.ONLINE: "connected and logged in",
    GatewayState.LOGGED_OUT: "connected, but logged out: scan its code at the gateway",
    GatewayState.OFFLINE: "still not connected",
    GatewayState.CONNECTING: "still connecting",
    GatewayState.UNKNOWN: "its gateway does not say how it is",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one device. `state` None: its gateway did not do it, for the reason `said`."""

    device_id: UUID
    state: GatewayState | None
    said: str


def preview_reconnect(target: Target) -> Preview:
    """What a reconnect would do. Raises OperationRefused."""
    _check(target)
    lines = (
        "The gateway connects it to WhatsApp anew. The call itself sends nothing.",
        "Once it is logged in, the gateway's hold on it ends and its queue goes on within its limits.",
    )
    return Preview("reconnect", f"Reconnect {described(target)}?", lines, len(target.keys), "")


async def reconnect(
    database: Database, who: str, gateway: Gateway, target: Target, *, reason: str | None = None
) -> Done:
    """Reconnect devices at once; n are logged in afterwards, the others are named with the reason.

    Raises OperationRefused where this gateway has no such call.
    """
    _check(target)
    if not isinstance(gateway, Reconnecting):
        raise OperationRefused("this gateway cannot reconnect a device")
    results = await _ask(gateway, [UUID(key) for key in target.keys])
    states = [DeviceState(r.device_id, r.state) for r in results if r.state is not None]
    with suppress(StoreError):  # a worker asks the gateway too, within seconds
        await record_states(database, states)
    return await _record(database, who, target, results, reason)


def _check(target: Target) -> None:
    if target.scope is not Scope.DEVICE:
        raise OperationRefused("only devices are reconnected")
    if len(target.keys) > MOST:
        raise OperationRefused(f"at most {MOST} devices at a time, not {len(target.keys)}")


async def _ask(gateway: Reconnecting, devices: Sequence[UUID]) -> list[Result]:
    found: dict[UUID, Result] = {}
    places = anyio.CapacityLimiter(AT_ONCE)

    async def ask(device: UUID) -> None:
        async with places:
            try:
                done = await gateway.reconnect(device)
            except GatewayUnavailable as error:
                found[device] = Result(device, None, str(error))
            else:
                found[device] = Result(device, done.state, WORDS[done.state])

    async with anyio.create_task_group() as tasks:
        for device in devices:
            tasks.start_soon(ask, device)
    return [found[device] for device in devices]


async def _record(
    database: Database, who: str, target: Target, results: Sequence[Result], reason: str | None
) -> Done:
    up = sum(r.state is GatewayState.ONLINE for r in results)
    rest = tuple(
        f"{named(target, str(r.device_id))}: {r.said}"
        for r in results
        if r.state is not GatewayState.ONLINE
    )
    if len(results) == 1:
        summary = f"reconnected {described(target)}: {results[0].said}"
        if results[0].state is None:
            summary = f"{described(target)} was not reconnected: {results[0].said}"
    else:
        summary = f"reconnected {counted(len(results), 'device')}: {up} logged in"
    async with database.transaction(writer="operator") as tx:
        operation = await journal.record(
            tx,
            who=who,
            verb="reconnect",
            now=await tx.now(),
            n=up,
            summary=summary,
            reason=reason,
            target={"scope": "device", "keys": list(target.keys)},
        )
    return Done(operation, up, summary, rest if len(results) > 1 else (), undoable=False)
