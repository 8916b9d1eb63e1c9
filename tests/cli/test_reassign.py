"""`seqconsole reassign`: preview, move, undo, refusals."""

from __future__ import annotations

from tests.cli.conftest import Command
from tests.world import World


def scene(world: World, seqconsole: Command) -> None:
    old = world.device("Sales 3")
    world.device("Sales 4")
    for n in range(3):
        world.message(old, f"6012345678{n}")
    assert seqconsole("status").code == 0  # takes in what was written


def on(world: World) -> dict[str, int]:
    rows = world.run(
        "SELECT device_name AS name, count(*) AS n FROM broadcast_messages m "
        "JOIN user_devices u ON u.id = m.device_id GROUP BY 1"
    )
    return {row["name"]: row["n"] for row in rows}


def test_a_device_is_emptied_and_filled_again(seqconsole: Command, world: World) -> None:
    scene(world, seqconsole)
    dry = seqconsole("reassign", "--device", "Sales 3", "--balance", "--dry-run")
    assert dry.code == 0
    assert "3 contacts move: 3 queued" in dry.out
    assert "Sales 4: 3 contacts, 3 queued then" in dry.out
    assert on(world) == {"Sales 3": 3}
    done = seqconsole("reassign", "--device", "Sales 3", "--to", "Sales 4", "--reason", "banned")
    assert done.code == 0
    assert "moved 3 open steps of device Sales 3 to Sales 4" in done.out
    assert on(world) == {"Sales 4": 3}
    assert seqconsole("reassign", "--device", "Sales 3", "--balance").code == 1
    assert seqconsole("undo").code == 0
    assert on(world) == {"Sales 3": 3}


def test_a_move_is_refused_in_one_line(seqconsole: Command, world: World) -> None:
    scene(world, seqconsole)
    move = ("reassign", "--device", "Sales 3")
    assert seqconsole(*move).is_one_line("say who takes over")
    assert seqconsole(*move, "--balance", "--to", "Sales 4").is_one_line("say who takes over")
    assert seqconsole(*move, "--to", "nobody").is_one_line("there is no device 'nobody'")
    assert seqconsole(*move, "--to", "Sales 3").is_one_line("can't take over from itself")
    assert seqconsole(*move, "--balance", "--limit", "0").is_one_line("--limit is a number")
    assert seqconsole(
        "reassign", "--device", "Sales 4", "--balance", "--sequence", "x"
    ).is_one_line("there is no sequence 'x'")
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0
