"""The demo database as the pictures show it: worked on for a while, on a clock that stands still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from engine.adoption import migrate
from engine.claiming import Claim, claim
from engine.device_states import record_states
from engine.gateways.protocol import Answer, DeviceState, GatewayState, Verdict
from engine.opening import open_adopted
from engine.operations.engine_switch import engine_on
from engine.operations.holds import pause
from engine.operations.model import Scope, Target
from engine.recovery import recover
from engine.rollup import roll_up_all
from engine.scheduling import schedule
from engine.settling import settle
from engine.store import Access, Database
from engine.verdicts import settlement
from seqconsole import __version__
from seqconsole.demo.dataset import DemoSize
from seqconsole.demo.loader import LoadedDemo, load

MOMENT: Final = datetime(2026, 11, 24, 10, 41, 7, tzinfo=UTC)
"""When every picture is taken."""

WORKER: Final = UUID("00000000-0000-4000-8000-000000000001")
SENT: Final = Answer(Verdict.SENT, "SUCCESS", gateway_id="3EB0C431C26A1916E07E")
REFUSED: Final = Answer(Verdict.FAIL, "INVALID_JID", body="Phone is not on whatsapp")
DOWN: Final = Answer(Verdict.RETRY, "DEVICE_MANAGER_UNAVAILABLE", body="device manager unavailable")


@dataclass(frozen=True, slots=True)
class DeviceName:
    """A device and its name."""

    id: UUID
    device_name: str


async def prepare_scene(access: Access, size: DemoSize | None = None) -> None:
    """Fill an empty database and work on it, the same each time. Raises StoreError."""
    async with Database.open(access) as database:
        loaded = await load(database, size or DemoSize(), MOMENT)
        async with database.transaction() as tx:
            await tx.run("demo/even_gaps")
    await migrate(access, country="60", zone="UTC")
    async with open_adopted(access) as database:
        async with database.transaction() as tx:
            await tx.run("demo/mark_picture", at=MOMENT)
        await engine_on(
            database, "ops@console", reason="start", now=True, gateway_configured=True, park=False
        )
        await record_states(database, await _states(database, loaded))
        await _work(database, loaded)
        await _heartbeat(database)
        await roll_up_all(database)


async def _states(database: Database, loaded: LoadedDemo) -> list[DeviceState]:
    async with database.transaction() as tx:
        devices = await tx.rows(DeviceName, "demo/busiest_devices")
    return [
        DeviceState(
            device.id,
            GatewayState.OFFLINE if device.id in loaded.offline_devices else GatewayState.ONLINE,
        )
        for device in devices
    ]


async def _work(database: Database, loaded: LoadedDemo) -> None:
    """A silence that became a doubt, a few rounds of sends, and one round still in flight."""
    await _schedule(database)
    first = sorted(await _claim(database), key=_order)
    await _end(database, loaded, first[1:])
    await _move(database, 200)
    await recover(database)
    for seconds in (215, 230, 245, 260):
        await _move(database, seconds)
        await _schedule(database)
        await _end(database, loaded, sorted(await _claim(database), key=_order))
    await _pause_one(database)
    await _move(database, 275)
    await _schedule(database)
    claims = sorted(await _claim(database), key=_order)
    await _move(database, 278)
    await _end(database, loaded, claims[: len(claims) * 2 // 3])


def _order(claim: Claim) -> str:
    return str(claim.device_id)


async def _schedule(database: Database) -> None:
    await roll_up_all(database)
    while await schedule(database):
        pass


async def _claim(database: Database) -> list[Claim]:
    return await claim(database, WORKER, 500)


async def _end(database: Database, loaded: LoadedDemo, claims: Sequence[Claim]) -> None:
    answers = [
        DOWN if c.device_id == loaded.failing_device else REFUSED if n == 3 else SENT
        for n, c in enumerate(claims)
    ]
    await settle(
        database, [settlement(c, a, chance=0.5) for c, a in zip(claims, answers, strict=True)]
    )


async def _move(database: Database, seconds: int) -> None:
    async with database.transaction() as tx:
        await tx.run("demo/move_clock", offset=f"{seconds} seconds")


async def _pause_one(database: Database) -> None:
    async with database.transaction() as tx:
        device = (await tx.rows(DeviceName, "demo/busiest_devices"))[0]
    target = Target(Scope.DEVICE, (str(device.id),), (device.device_name,))
    await pause(database, "ops@night", target, "number under review")


async def _heartbeat(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.run(
            "engine/heartbeat",
            worker=WORKER,
            host="worker-1",
            pid=1,
            version=__version__,
            now=await tx.now(),
            sending=0,
            draining=False,
            boot_id="",
            booted=0.0,
        )
