"""What is due but claimable by nobody, as `status` says it."""

from __future__ import annotations

import asyncio

from engine.alarms import find_unclaimable
from engine.store import Access, Database
from tests.cli.conftest import Command
from tests.world import World


def look(dsn: str) -> None:
    async def once() -> None:
        async with Database.open(Access(dsn)) as database:
            await find_unclaimable(database)

    asyncio.run(once())


def test_status_names_the_gate_and_the_repair(seqconsole: Command, world: World, dsn: str) -> None:
    world.engine()
    device, gone = world.device("Sales 3"), world.device("Sales 4")
    message = world.message(device, "60123456789")
    world.message(gone, "60123456780")
    world.run("DELETE FROM user_devices WHERE id = %s", gone)
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, reason) VALUES ('device', %s, 'breaker', 'UNKNOWN DEVICE')",
        str(device),
    )
    assert seqconsole("status", "--json").json["alarms"] == []
    look(dsn)
    shown = seqconsole("status", "--json").json
    assert shown["overview"]["unclaimable"] == 2
    alarms = {alarm["scope"]: alarm for alarm in shown["alarms"]}
    assert alarms["device"]["ids"] == [str(message)]
    assert alarms["device"]["text"] == "device Sales 3: UNKNOWN DEVICE"
    assert alarms["device"]["repair"].endswith("holds --lift 'breaker' --device 'Sales 3'")
    assert alarms["gone"]["repair"] == f"seqconsole reassign --device {gone} --to NAME"
    said = seqconsole("status").out
    assert "alarm      due, claimable by nobody: device Sales 3: UNKNOWN DEVICE; mend" in said
