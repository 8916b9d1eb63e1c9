"""`limits` and `explain` as commands: what they print, change, refuse."""

from __future__ import annotations

from uuid import uuid4

from tests.cli.conftest import Command
from tests.world import World


def test_limits_are_shown_set_and_taken_back(seqconsole: Command, world: World) -> None:
    device = world.device("Sales 3", gap=(5, 15))
    shown = seqconsole("limits", "--device", "Sales 3", "--json").json
    assert shown["key"] == str(device)
    assert {"name": "send_limit", "value": "80", "source": "default"} in shown["limits"]
    assert {"name": "gap_max", "value": "15 seconds", "source": "column"} in shown["limits"]
    done = seqconsole("limits", "--device", "Sales 3", "--limit", "40", "--quiet", "22:00-08:00")
    assert done.code == 0
    assert "set send_limit 40 and quiet_hours 22:00-08:00 of device Sales 3" in done.out
    assert "40" in seqconsole("limits", "--device", "Sales 3").out
    assert seqconsole("undo").code == 0
    assert seqconsole("limits", "--device", "Sales 3", "--json").json == shown


def test_more_than_the_ceiling_needs_a_yes(seqconsole: Command, world: World) -> None:
    world.device("Sales 3")
    assert seqconsole("limits", "--limit", "90").is_one_line("ceiling of 80", "--yes")
    preview = seqconsole("limits", "--limit", "90", "--dry-run")
    assert preview.code == 1
    assert "ceiling of 80" in preview.out
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0
    assert seqconsole("limits", "--limit", "90", "--yes").code == 0


def test_limits_refused(seqconsole: Command, world: World) -> None:
    world.device("Sales 3")
    assert seqconsole("limits", "--timezone", "Mars/Olympus").is_one_line("no zone")
    assert seqconsole("limits", "--device", "nobody").is_one_line("there is no device 'nobody'")
    assert seqconsole("limits", "--step", "7").is_one_line("there is no step '7'")
    assert seqconsole("limits", "--default", "--device", "x").is_one_line("name one thing")
    assert seqconsole("limits", "--default", "--weight", "2").is_one_line("weight can't be set")
    assert world.value("SELECT count(*) FROM seqconsole.operations") == 0


def test_explain_finds_what_an_id_or_a_name_means(seqconsole: Command, world: World) -> None:
    device = world.device("Sales 3")
    sequence = world.sequence("Welcome")
    [row] = world.contact(sequence, "60123456789", device)
    message = world.message(device, "60123456780")
    for thing, kind, found in (
        ("Sales 3", "device", device),
        ("welcome", "sequence", sequence[0]),
        (str(row), "contact", row),
        (str(message), "message", message),
        (str(device), "device", device),
    ):
        shown = seqconsole("explain", thing, "--json").json
        assert (shown["kind"], shown["id"]) == (kind, str(found))
        gates = {gate["name"]: gate["passes"] for gate in shown["gates"]}
        assert gates["engine"] is False
        assert shown["open"] is False
    said = seqconsole("explain", "Sales 3")
    assert said.code == 0
    assert said.out.startswith(f"device {device}: closed\n")


def test_explain_refuses_what_is_not_there(seqconsole: Command, world: World) -> None:
    assert seqconsole("explain", "nobody").is_one_line("there is no device or sequence 'nobody'")
    assert seqconsole("explain", str(uuid4())).is_one_line("there is no contact row, message")


def test_resume_paces_a_backlog(seqconsole: Command, world: World) -> None:
    device = world.device("Sales 3")
    for n in range(7):
        world.message(device, f"6012345678{n}")
    assert seqconsole("status").code == 0  # takes in what was written
    seqconsole("pause", "--device", "Sales 3")
    dry = seqconsole("resume", "--device", "Sales 3", "--dry-run")
    assert "7 messages are due on 1 device.\n  They go on in their turn, within" in dry.out
    world.run("UPDATE seqconsole.holds SET since = since - interval '1 hour'")
    dry = seqconsole("resume", "--device", "Sales 3", "--dry-run")
    assert "    Spread: the 7 messages that waited go out evenly until" in dry.out
    assert "    Full rate: as fast as the limits allow, done by" in dry.out
    assert seqconsole("resume", "--device", "Sales 3", "--spread", "soon").is_one_line("no length")
    done = seqconsole("resume", "--device", "Sales 3", "--spread", "70m")
    assert done.code == 0
    assert "Spread: the 7 messages that waited go out evenly until" in done.out
    gates = "SELECT count(*) FROM seqconsole.progress WHERE gate = 'spread'"
    assert world.value(gates) == 7
    assert seqconsole("undo").code == 0
    assert world.value(gates) == 0
    assert seqconsole("resume", "--overdue").code == 1
    assert seqconsole("resume", "--overdue", "--all").is_one_line("name nothing else")
    assert seqconsole("resume", "--all", "--spread", "--at-full-rate").is_one_line("not allowed")


def test_resume_skips_what_is_too_old(seqconsole: Command, world: World) -> None:
    device = world.device("Sales 3")
    for n in range(3):
        world.message(device, f"6012345678{n}")
    world.run(
        "UPDATE broadcast_messages SET scheduled_at = scheduled_at - interval '30 hours' "
        "WHERE recipient_phone <> '60123456780'"
    )
    assert seqconsole("status").code == 0
    seqconsole("pause", "--device", "Sales 3")
    line = ("resume", "--device", "Sales 3", "--skip-older", "24h")
    dry = seqconsole(*line, "--dry-run")
    assert "2 messages older than 1 day, 0:00:00 would be skipped first" in dry.out
    assert world.statuses("broadcast_messages") == {"pending": 3}
    assert seqconsole(*line).code == 0
    assert world.statuses("broadcast_messages") == {"pending": 1, "skipped": 2}
    assert seqconsole("undo").code == 0  # the resume
    assert seqconsole("undo").code == 0  # the skip
    assert world.statuses("broadcast_messages") == {"pending": 3}
    assert seqconsole("resume", "--all", "--skip-older", "old").is_one_line("no length of time")
