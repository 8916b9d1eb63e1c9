"""Explain names the gate that keeps a thing from being sent."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from engine.reader import GateView, Reader
from engine.store import Database
from tests.views.test_rows import hold, settled
from tests.world import World

pytestmark = pytest.mark.anyio


def closed(gates: list[GateView]) -> list[str]:
    return [gate.name for gate in gates if gate.passes is False]


def gate(gates: list[GateView], name: str) -> GateView:
    return next(g for g in gates if g.name == name)


async def test_a_message_that_nothing_holds_passes_every_gate(
    world: World, database: Database, reader: Reader
) -> None:
    world.engine(True)
    message = world.message(world.device(), "60123456789")
    await settled(database)
    gates = await reader.explain_message(message)
    assert closed(gates) == []
    assert [g.name for g in gates] == [
        "state", "engine", "hold: everything", "hold: user", "hold: device", "hold: contact",
        "duplicate", "step order", "due time", "device assigned", "online", "breaker", "gap",
        "window", "lease", "retry wait",
    ]  # fmt: skip


@pytest.mark.parametrize("scope", ["all", "user", "device", "contact"])
async def test_each_hold_is_named_with_its_end(
    world: World, database: Database, reader: Reader, scope: str
) -> None:
    now = world.freeze()
    world.engine(True)
    device = world.device()
    message = world.message(device, "60123456789")
    await settled(database)
    keys = {"all": "", "user": world.user, "device": device, "contact": "60123456789"}
    hold(world, scope, keys[scope], "operator", minutes=5)
    gates = await reader.explain_message(message)
    name = "hold: everything" if scope == "all" else f"hold: {scope}"
    assert closed(gates) == [name]
    assert gate(gates, name) == GateView(
        name, False, "operator says so", now + timedelta(minutes=5)
    )


async def test_the_devices_own_gates(world: World, database: Database, reader: Reader) -> None:
    now = world.freeze()
    world.engine(True)
    device = world.device(limit=2)
    world.message(device, "60123456789")
    await settled(database)
    assert closed(await reader.explain_device(device)) == []
    world.run(
        "UPDATE seqconsole.devices SET ring = %s, slot_at = %s",
        [now - timedelta(minutes=50), now - timedelta(minutes=1)],
        now + timedelta(minutes=10),
    )
    hold(world, "device", device, "gateway")
    hold(world, "device", device, "breaker", minutes=2)
    gates = await reader.explain_device(device)
    assert closed(gates) == [
        "online",
        "breaker",
        "window",
    ]  # the gap is over, the slot is the window's
    assert gate(gates, "window") == GateView(
        "window", False, "2/2 in 01:00:00", now + timedelta(minutes=10)
    )
    assert gate(gates, "breaker").opens_at == now + timedelta(minutes=2)


async def test_a_later_step_waits_for_the_earlier(
    world: World, database: Database, reader: Reader
) -> None:
    now = world.freeze()
    world.engine(True)
    sequence = world.sequence()
    first, second = world.contact(
        sequence, "60123456789", world.device(), statuses=("pending", "pending"),
        due=now + timedelta(hours=3),
    )  # fmt: skip
    await settled(database)
    gates = await reader.explain_contact(first)
    assert closed(gates) == ["due time"]
    assert gate(gates, "due time").opens_at == now + timedelta(hours=3)
    gates = await reader.explain_contact(second)
    assert gate(gates, "step order") == GateView("step order", False, "waits for step 1", None)


async def test_a_duplicate_is_a_gate(world: World, database: Database, reader: Reader) -> None:
    world.engine(True)
    sequence = world.sequence()
    world.contact(sequence, "+60 12-345 6789", world.device(), statuses=("active",))
    [row] = world.contact(sequence, "0123456789", None)
    await settled(database)
    assert "duplicate" in closed(await reader.explain_contact(row))
    gates = await reader.explain_sequence(sequence[0])
    assert gate(gates, "duplicate") == GateView("duplicate", False, "one group", None)


async def test_engine_off_and_an_undecided_order(
    world: World, database: Database, reader: Reader
) -> None:
    sequence = world.sequence()
    world.run("UPDATE sequence_steps SET day_number = 1")
    gates = await reader.explain_sequence(sequence[0])
    assert closed(gates) == ["engine", "order decided"]


async def test_what_does_not_exist_has_no_gates(reader: Reader) -> None:
    for explain in (
        reader.explain_contact,
        reader.explain_message,
        reader.explain_device,
        reader.explain_sequence,
    ):
        assert await explain(uuid4()) == []
