"""`seqconsole holds`: the list, the lift, the refusals."""

from __future__ import annotations

from tests.cli.conftest import Command
from tests.world import World


def scene(world: World) -> str:
    device = str(world.device("Sales 3"))
    for scope, key, holder in (
        ("device", device, "breaker"),
        ("host", "main", "breaker"),
        ("contact", "60123456789", "suppression"),
        ("device", device, "operator"),
    ):
        world.run(
            "INSERT INTO seqconsole.holds (scope, key, holder, reason) VALUES (%s, %s, %s, 'why so')",
            scope, key, holder,
        )  # fmt: skip
    world.run(
        "INSERT INTO seqconsole.holds (scope, key, holder, until) VALUES ('host', 'old', 'breaker', '2000-01-01')"
    )
    return device


def test_all_holds_are_listed(seqconsole: Command, world: World) -> None:
    device = scene(world)
    said = seqconsole("holds")
    assert said.code == 0
    assert said.out.startswith("4 holds, 4 without an end\n")
    assert "Sales 3" in said.out
    assert "60123456789" not in said.out
    found = seqconsole("holds", "--json").json
    assert [(h["scope"], h["name"], h["holder"]) for h in found] == [
        ("host", "main", "breaker"),
        ("device", "Sales 3", "breaker"),
        ("device", "Sales 3", "operator"),
        ("contact", "+60***789", "suppression"),
    ]
    assert found[1]["key"] == device
    assert found[3]["key"] == "+60***789"
    assert seqconsole("holds", "--json", "--full-phones").json[3]["key"] == "60123456789"


def test_a_breaker_is_lifted_and_put_back(seqconsole: Command, world: World) -> None:
    scene(world)
    dry = seqconsole("holds", "--lift", "breaker", "--device", "Sales 3", "--dry-run")
    assert dry.code == 0
    assert "Sales 3 is held by breaker: why so" in dry.out
    assert "nothing was changed" in dry.out
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0
    done = seqconsole("holds", "--lift", "breaker", "--device", "Sales 3", "--reason", "mapped")
    assert done.code == 1  # the operator's own pause is still there, and named
    assert "by operator: why so" in done.err
    assert seqconsole("holds", "--lift", "breaker", "--device", "Sales 3").code == 1
    assert seqconsole("undo").code == 0
    assert seqconsole("holds").out.startswith("4 holds, 4 without an end\n")
    assert seqconsole("holds", "--lift", "breaker", "--host", "main", "--now").code == 2


def test_what_is_refused(seqconsole: Command, world: World) -> None:
    scene(world)
    assert seqconsole("holds", "--lift", "operator", "--device", "Sales 3").is_one_line("resume")
    assert seqconsole("holds", "--lift", "breaker").is_one_line("name one kind of thing")
    assert seqconsole("holds", "--device", "Sales 3").is_one_line("--lift HOLDER")
    assert seqconsole("holds", "--lift", "breaker", "--device", "no").is_one_line("no device 'no'")
