"""`seqconsole enroll` and `leads`, as an operator meets them."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.enrolling import enrol as enrolling
from engine.enrolling import staging
from seqconsole.__main__ import main
from tests.world import World

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def mine(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQCONSOLE_DATABASE_URL", dsn)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str | bytes], str]:
    def written(text: str | bytes) -> str:
        path = tmp_path / "people.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return written


def test_a_file_is_previewed_enrolled_and_taken_back(
    world: World, file: Callable[[str], str], tmp_path: Path, capsys: Capture
) -> None:
    world.sequence(delays=(0, 24))
    path = file("phone,name\n60123456701,Siti\n=cmd|x,B\n+60 12-345 6701,S\n")
    assert main(["enroll", "--sequence", "Welcome", path, "--dry-run"]) == 1
    said = capsys.readouterr()
    assert "1 person comes in, with 2 steps each: 2 messages." in said.out
    assert "nothing was changed" in said.out
    assert said.err.splitlines() == [
        "seqconsole: line 3: ***: not a phone number",
        "seqconsole: line 4: +60***701: a line before it has this person",
    ]
    assert world.statuses() == {}
    look = ["enroll", "--read-only", "--sequence", "Welcome", path]
    assert main([*look, "--dry-run"]) == 1
    assert "1 person comes in" in capsys.readouterr().out
    assert main(look) == 2
    assert "read-only" in capsys.readouterr().err
    out = tmp_path / "left-out.csv"
    assert main(["enroll", "--sequence", "Welcome", path, "--rejects", str(out), "--json"]) == 1
    done = json.loads(capsys.readouterr().out)
    assert (done["n"], done["undo"]) == (1, f"seqconsole undo {done['operation_id']}")
    assert out.read_text().splitlines() == [
        "line,phone,why",
        "3,'=cmd|x,not a phone number",
        "4,'+60 12-345 6701,a line before it has this person",
    ]
    assert main(["undo"]) == 0
    assert world.statuses() == {}
    assert world.value("SELECT count(*) FROM seqconsole.arrivals") == 0


def test_standard_input_is_a_file_too(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    world.sequence(delays=(0,))
    people = io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfTelefon\tNama\r\n60123456701\tSiti\r\n"))
    monkeypatch.setattr(sys, "stdin", people)
    assert main(["enroll", "--sequence", "Welcome", "-"]) == 0
    assert "enrolled 1 person in Welcome from standard input" in capsys.readouterr().out


BAD = {
    "name,city\nA,B\n": "one of them `phone`",
    "": "one of them `phone`",
    "phone,mobile\n1,2\n": "names the same thing twice",
    "phone,city,city\n1,2,3\n": "names city twice",
    "phone,first_name\n1,2\n": "call the column name",
    "phone,first name,phone_2x!\n1,2,3\n": "is no word that a text could name",
    'phone,name\n6012,"A\n60123456701,B\n': "is a quote never closed?",
    b"phone,name\n60123456701,\xff\xfe\n": "not UTF-8",
}


@pytest.mark.parametrize(("text", "why"), BAD.items())
def test_a_file_that_is_none_is_refused_in_one_line(
    world: World, file: Callable[[str | bytes], str], capsys: Capture, text: str | bytes, why: str
) -> None:
    world.sequence(delays=(0,))
    assert main(["enroll", "--sequence", "Welcome", file(text)]) == 2
    said = capsys.readouterr()
    assert len(said.err.splitlines()) == 1
    assert why in said.err
    assert world.statuses() == {}
    assert world.value("SELECT count(*) FROM seqconsole.arrivals") == 0


def test_what_is_not_there_is_said(world: World, capsys: Capture) -> None:
    world.sequence(delays=(0,))
    assert main(["enroll", "--sequence", "Nope", "x.csv"]) == 2
    assert main(["enroll", "--sequence", "Welcome", "/nowhere.csv"]) == 2
    assert "/nowhere.csv: No such file or directory" in capsys.readouterr().err
    assert main(["leads", "--sequence", "Welcome"]) == 2
    assert "has no trigger" in capsys.readouterr().err


def test_f44_f45_interrupted_it_has_whole_people_and_goes_on_where_it_was(
    world: World,
    file: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    """Portion by portion, each whole; run again, it takes the others; each has an undo."""
    monkeypatch.setattr(enrolling, "PORTION", 2)
    monkeypatch.setattr(staging, "PORTION", 3)
    sequence = world.sequence(delays=(0, 1, 2))
    path = file("phone\n" + "".join(f"601234567{n:02d}\n" for n in range(7)))
    real, calls = enrolling.project, []

    async def project(*args: object, **options: object) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        await real(*args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(enrolling, "project", project)
        with pytest.raises((KeyboardInterrupt, SystemExit)):
            raise SystemExit(main(["enroll", "--sequence", "Welcome", path]))
    per_person = "SELECT array_agg(n) AS n FROM (SELECT count(*) AS n FROM sequence_contacts GROUP BY contact_phone) x"
    assert world.value(per_person) == [3] * 3
    capsys.readouterr()
    assert main(["enroll", "--sequence", "Welcome", path]) == 1
    assert "3 left out: in the sequence already" in capsys.readouterr().err
    assert world.value(per_person) == [3] * 7
    operations = world.run(
        "SELECT n FROM seqconsole.operations WHERE verb = 'enroll' ORDER BY id DESC LIMIT 2"
    )
    assert [o["n"] for o in operations] == [4, 3]
    assert main(["undo"]) == 0
    assert main(["undo"]) == 0
    assert world.value("SELECT count(*) FROM sequence_contacts") == 0
    assert (
        world.value(
            "SELECT count(*) FROM seqconsole.enrolments WHERE sequence_id = %s", sequence[0]
        )
        == 0
    )
