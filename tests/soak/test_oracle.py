"""The judge of the gateway's log fires on each thing that must never be, and on nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.gateways.simulator.wirelog import WireEntry, WireLog, read_log, text_sha
from tests.soak.oracle import AttemptRow, judge

STEPS = {text_sha(f"Welcome {day}"): ("Welcome", day) for day in (1, 2, 3)}


def sent(t: float, phone: str, text: str, device: str = "d") -> WireEntry:
    return WireEntry(t, device, phone, f"{phone} {text}", "3EB0", text_sha(text))


def judged(
    entries: list[WireEntry], *, limit: int = 8, rows: list[AttemptRow] | None = None
) -> list[str]:
    if rows is None:
        rows = [AttemptRow(e.attempt, "sent") for e in entries]
    return list(judge(entries, rows, steps=STEPS, limit=limit, window=10.0))


RIGHT = [sent(n, "60123", f"Welcome {n + 1}") for n in range(3)]


def test_a_right_log_is_quiet() -> None:
    assert judged(RIGHT) == []


def test_the_same_text_twice_to_one_phone() -> None:
    again = replace(RIGHT[1], t=50.0, attempt="another")
    assert judged([*RIGHT, again]) == ["the same text twice to one phone"]
    assert judged([sent(0, "1", "campaign"), sent(9, "1", "campaign")]) == [
        "the same text twice to one phone"
    ]


def test_one_more_than_the_limit_in_a_window() -> None:
    many = [sent(t, str(t), "campaign") for t in (0.0, 5.0, 9.99)]
    assert judged(many, limit=2) == ["more than the limit in a window"]
    assert judged([*many[:2], replace(many[2], t=10.0)], limit=2) == []
    assert judged([*many[:2], replace(many[2], device="e")], limit=2) == []


def test_a_step_without_or_before_its_predecessor() -> None:
    assert judged(RIGHT[1:]) == ["a step before its predecessor"]
    assert judged([replace(RIGHT[0], t=1.5), *RIGHT[1:]]) == ["a step before its predecessor"]


def test_the_database_and_the_log_disagree() -> None:
    rows = [AttemptRow(e.attempt, "sent") for e in RIGHT]
    assert judged(RIGHT, rows=rows[1:]) == ["on the wire, and the database has no attempt"]
    for outcome in ("never_sent", "retry", "failed"):
        wrong = [replace(rows[0], outcome=outcome), *rows[1:]]
        assert judged(RIGHT, rows=wrong) == ["on the wire, and the database says not sent"]
    assert judged(RIGHT, rows=[replace(rows[0], outcome="unknown"), *rows[1:]]) == []
    ghost = [*rows, AttemptRow("ghost", "sent")]
    assert judged(RIGHT, rows=ghost) == ["sent by the database, and not on the wire"]


def test_a_line_planted_in_the_file_is_reported(tmp_path: Path) -> None:
    """From the file to the judge: the log of a gateway with one line twice."""
    log = WireLog(tmp_path / "wire.log")
    for day in (1, 2, 2, 3):
        log.wire(device="d", phone="60123", attempt=f"a{day}", message_id="", text=f"Welcome {day}")
    log.close()
    assert judged(read_log(tmp_path / "wire.log")) == ["the same text twice to one phone"]
