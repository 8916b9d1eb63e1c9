"""The repairs from the command line: what they select, print, refuse, and how they end."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from uuid import uuid4

from tests.cli.conftest import Command
from tests.world import World


def failed_messages(world: World, *errors: str) -> list[str]:
    device = world.device("Sales 3")
    ids = [world.message(device, f"6012345678{n}") for n in range(len(errors))]
    for id_, error in zip(ids, errors, strict=True):
        world.run(
            "UPDATE broadcast_messages SET status = 'failed', error_message = %s WHERE id = %s",
            error,
            id_,
        )
    return [str(id_) for id_ in ids]


def test_retry_by_error_text_and_undo(seqconsole: Command, world: World) -> None:
    failed_messages(world, "device timeout", "scan qr")
    shown = seqconsole("retry", "--error", "TIMEOUT", "--dry-run", "--json").json
    assert (shown["n"], shown["steps"], shown["may_send"]) == (1, 1, 1)
    assert world.statuses("broadcast_messages") == {"failed": 2}
    said = seqconsole("retry", "--error", "timeout", "--reason", "gateway was down")
    assert said.code == 0
    assert said.out.startswith("retried 1 step; nothing is sent before ")
    assert "take it back: seqconsole undo 1" in said.out
    assert world.statuses("broadcast_messages") == {"failed": 1, "pending": 1}
    assert seqconsole("undo").code == 0
    assert world.statuses("broadcast_messages") == {"failed": 2}
    assert seqconsole("retry", "--error", "no such").is_one_line("nothing matches", code=1)


def test_what_is_meant_must_be_named(seqconsole: Command, world: World) -> None:
    failed_messages(world, "scan qr")
    assert seqconsole("retry").is_one_line("a filter, --ids or --all")
    assert seqconsole("skip", "--state", "sent").is_one_line("--state is one of")
    assert seqconsole("retry", "--device", "nobody").is_one_line("there is no device")
    unknown = str(uuid4())
    assert seqconsole("retry", "--ids", unknown).is_one_line(unknown)
    assert seqconsole("retry", "--ids", "x").is_one_line("is no id")
    assert seqconsole("retry", "--ids", unknown, "--error", "x").is_one_line("stands alone")
    assert seqconsole("settle", "--all").code == 2
    assert world.statuses("broadcast_messages") == {"failed": 1}


def test_skip_and_refusals_by_reason(seqconsole: Command, world: World) -> None:
    one, two = failed_messages(world, "a", "b")
    world.run("UPDATE broadcast_messages SET status = 'sent', sent_at = now() WHERE id = %s", two)
    said = seqconsole("skip", "--ids", one, two)
    assert said.code == 1
    assert "refused: 1 step" in said.err
    assert "it is sent already" in said.err
    assert "6012345678" not in said.out + said.err
    assert world.statuses("broadcast_messages") == {"sent": 1, "skipped": 1}


def test_release_settle_and_mark_sent(seqconsole: Command, world: World) -> None:
    ids = failed_messages(world, "a", "b")
    world.run("UPDATE broadcast_messages SET status = 'processing'")
    assert seqconsole("release", "--all", "--dry-run").out.count("processing -> unknown") == 1
    assert seqconsole("release", "--all").code == 0
    assert world.statuses("broadcast_messages") == {"unknown": 2}
    assert seqconsole("settle", "--not-sent", "--ids", ids[0]).code == 0
    assert seqconsole("mark-sent", "--all", "--json").json["n"] == 1
    assert world.statuses("broadcast_messages") == {"failed": 1, "sent": 1}
    for _ in range(3):
        assert seqconsole("undo").code == 0
    assert world.statuses("broadcast_messages") == {"processing": 2}


def test_chains_and_orders(seqconsole: Command, world: World) -> None:
    sequence = world.sequence()
    world.contact(sequence, "60123456789", world.device(), statuses=("active", "active"))
    assert seqconsole("keep-active", "--all").out.startswith("set back 1 step")
    assert seqconsole("link-steps", "--all").is_one_line("nothing matches", code=1)
    assert seqconsole("decide-order", "--sequence", "Welcome").is_one_line("already")
    world.run("UPDATE sequence_steps SET day_number = 1")
    assert "day 1 -> 2" in seqconsole("decide-order", "--sequence", "Welcome", "--dry-run").out
    assert seqconsole("decide-order", "--sequence", "Welcome").code == 0
    days = world.run("SELECT day_number FROM sequence_steps ORDER BY 1")
    assert [d["day_number"] for d in days] == [1, 2, 3]


def test_the_journal_is_exported_with_its_rows(
    seqconsole: Command, world: World, tmp_path: Path
) -> None:
    sequence, device = world.sequence(), world.device()
    world.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
    for status in ("pending", "completed"):
        world.contact(sequence, "+60 12-345 6789", device, statuses=(status,))
    assert seqconsole("duplicates", "--resolve").code == 0
    assert seqconsole("pause", "--contact", "60123456789", "--reason", "call 60123456789").code == 0
    file = tmp_path / "journal.jsonl"
    said = seqconsole("journal", "--export", str(file))
    assert said.out.startswith("exported 2 operations with ")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    masked = file.read_text()
    assert "60123456789" not in masked
    assert "345 6789" not in masked
    assert "+60***789" in masked
    whole = seqconsole("journal", "--export", "-", "--unmasked").out.splitlines()
    entries = [json.loads(line) for line in whole]
    assert [e["operation"]["id"] for e in entries if "operation" in e] == [1, 2]
    [archived] = [
        e["row"] for e in entries if "row" in e and e["row"]["rel"] == "sequence_contacts"
        and e["row"]["after"] is None
    ]  # fmt: skip
    assert archived["before"]["contact_phone"] == "+60 12-345 6789"
    kept = world.value("SELECT count(*) FROM seqconsole.operation_rows")
    assert sum("row" in e for e in entries) == kept
    assert len(seqconsole("journal", "1", "--export", "-").out.splitlines()) < len(entries)
    assert seqconsole("journal", "9", "--export", "-").is_one_line("no operation 9")
    assert seqconsole("journal", "--export", str(tmp_path / "no" / "file")).is_one_line(
        "can't write"
    )
    assert seqconsole("journal", "--unmasked").is_one_line("--export")
    assert list(tmp_path.glob(".journal*")) == []


def test_after_the_last_group_the_key_is_offered(seqconsole: Command, world: World) -> None:
    world.run("ALTER TABLE sequence_contacts DROP CONSTRAINT uk_sequence_contact_stepid")
    sequence, device = world.sequence(), world.device()
    for phone in ("60123456789", "60123456780"):
        for status in ("pending", "active"):
            world.contact(sequence, phone, device, statuses=(status,))
    first = seqconsole("duplicates", "--json").json[0]["group"]
    assert "unique key" not in seqconsole("duplicates", "--resolve", "--group", first).out
    assert "`seqconsole migrate` builds the unique key" in seqconsole("duplicates", "--resolve").out
    assert seqconsole("migrate").code == 0
