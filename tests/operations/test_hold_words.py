"""Names, previews and the journal of pause and resume."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.operations.holds import pause
from engine.operations.model import OperationRefused, Scope, Target
from engine.operations.previews import preview_pause_all
from engine.operations.resuming import preview_resume
from engine.operations.targets import Ambiguous, NotFound, find
from engine.operations.undo import undo
from engine.store import Database
from tests.engine.steps import prepare
from tests.operations.scene import ME
from tests.world import World

pytestmark = pytest.mark.anyio


def holds(world: World) -> list[dict[str, object]]:
    return world.run(
        "SELECT scope, key, holder, reason, until, since FROM seqconsole.holds ORDER BY 1, 2, 3"
    )


async def two_devices(world: World, database: Database) -> tuple[str, str]:
    """Two devices with a due message each; the engine is on."""
    world.freeze()
    world.engine()
    keys = []
    for n, name in enumerate(("Alpha", "Beta")):
        device = world.device(name)
        world.message(device, f"6012345678{n}")
        keys.append(str(device))
    await prepare(database)
    return keys[0], keys[1]


async def test_undo_of_a_pause_lifts_that_hold_only(world: World, database: Database) -> None:
    alpha, beta = await two_devices(world, database)
    await pause(database, ME, Target(Scope.DEVICE, (alpha,)), None)
    await pause(database, ME, Target(Scope.DEVICE, (beta,)), None)
    await undo(database, ME, None)
    assert [h["key"] for h in holds(world)] == [alpha]
    await undo(database, ME, None)
    assert holds(world) == []
    with pytest.raises(OperationRefused, match="there is no operation of ana@desk to undo"):
        await undo(database, ME, None)
    journal = world.run("SELECT verb, undoes, undone_by FROM seqconsole.operations ORDER BY id")
    assert [(j["verb"], j["undoes"], j["undone_by"]) for j in journal] == [
        ("pause", None, 4),
        ("pause", None, 3),
        ("undo", 2, None),
        ("undo", 1, None),
    ]


async def test_undo_means_my_latest_and_only_once(world: World, database: Database) -> None:
    alpha, beta = await two_devices(world, database)
    mine = await pause(database, ME, Target(Scope.DEVICE, (alpha,)), None)
    theirs = await pause(database, "bob@desk", Target(Scope.DEVICE, (beta,)), None)
    assert mine.operation_id
    assert theirs.operation_id
    done = await undo(database, ME, None)
    assert [h["key"] for h in holds(world)] == [beta]
    with pytest.raises(
        OperationRefused, match=f"is already undone, by operation {done.operation_id}"
    ):
        await undo(database, ME, mine.operation_id)
    with pytest.raises(OperationRefused, match="is an undo"):
        await undo(database, ME, done.operation_id)
    with pytest.raises(NotFound, match="there is no operation 999"):
        await undo(database, ME, 999)
    await undo(database, ME, theirs.operation_id)
    assert holds(world) == []


async def test_previews_tell_the_truth_about_limits(world: World, database: Database) -> None:
    now = world.freeze(world.now().replace(hour=9, minute=0, second=0, microsecond=0))
    world.engine()
    device = world.device("Alpha", limit=3)
    for n in range(5):
        world.message(device, f"6012345678{n}")
    await prepare(database)
    world.run(
        "UPDATE seqconsole.devices SET ring = array[%s::timestamptz], send_limit = 3",
        now - timedelta(minutes=30),
    )
    await pause(database, ME, Target(Scope.DEVICE, (str(device),)), None)
    preview = await preview_resume(database, Target(Scope.DEVICE, (str(device),), ("Alpha",)))
    soon = now + timedelta(seconds=10, hours=1)
    assert preview.title == "Resume device Alpha?"
    assert preview.lines == (
        "5 messages are due on 1 device.",
        f"They go on in their turn, within the limits, done by {soon:%H:%M:%S}.",
    )
    assert (await preview_pause_all(database)).lines[1] == "Nothing is in flight."
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder) VALUES ('device', %s, 'breaker')",
        str(device),
    )
    assert (await preview_resume(database, Target(Scope.DEVICE, (str(device),)))).n == 0


async def test_names_are_found_exactly_or_refused(world: World, database: Database) -> None:
    first, second = world.device("Alpha"), world.device("alpha")
    twin = [world.device("Twin"), world.device("Twin")]
    sequence = world.sequence("Welcome")
    assert (await find(database, Scope.DEVICE, ["Alpha"])).keys == (str(first),)
    assert (await find(database, Scope.DEVICE, ["alpha", str(first).upper()])).keys == (
        str(second),
        str(first),
    )
    assert (await find(database, Scope.SEQUENCE, ["welcome"])).names == ("Welcome",)
    assert str(sequence[0])
    with pytest.raises(Ambiguous, match=f"2 devices are named 'Twin'.*{min(map(str, twin))}"):
        await find(database, Scope.DEVICE, ["Twin"])
    with pytest.raises(Ambiguous):
        await find(database, Scope.DEVICE, ["ALPHA"])
    for scope in (Scope.DEVICE, Scope.SEQUENCE, Scope.CONTACT, Scope.USER, Scope.HOST):
        with pytest.raises(NotFound, match=f"there is no {scope}"):
            await find(database, scope, ["nobody'; drop table holds --"])


async def test_a_password_never_reaches_the_journal(world: World, database: Database) -> None:
    alpha, _ = await two_devices(world, database)
    reason = "see postgresql://ana:secret@db/prod or password=secret"
    await pause(database, "postgres://ana:secret@desk", Target(Scope.DEVICE, (alpha,)), reason)
    for table in ("operations", "operation_rows", "holds"):
        text = world.value(f"SELECT string_agg(t::text, ' ') FROM seqconsole.{table} t")
        assert "secret" not in text
    assert world.value("SELECT reason FROM seqconsole.operations") == (
        "see postgresql://ana:***@db/prod or password=***"
    )
