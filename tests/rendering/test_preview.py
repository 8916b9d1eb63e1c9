"""`seqconsole preview`, and the doctor on texts that nobody can be sent."""

from __future__ import annotations

import json

import pytest

from engine.doctor.looking import examine
from engine.store import Database
from seqconsole.__main__ import main
from tests.world import World


@pytest.fixture
def mine(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQCONSOLE_DATABASE_URL", dsn)


def test_the_texts_are_shown_as_they_would_be_sent(
    world: World, mine: None, capsys: pytest.CaptureFixture[str]
) -> None:
    sequence = world.sequence(delays=(0, None))
    world.run("UPDATE sequence_steps SET content = 'Hi {name}, at {phone}' WHERE day_number = 1")
    world.run("UPDATE sequence_steps SET content = 'from {town}' WHERE day_number = 2")
    world.contact(sequence, "+60 12-345 6789", None, name="Aqil 2\x1b[31m")
    world.contact(sequence, "60123456780", None, name="Siti\x1b 1")
    assert main(["preview", "--sequence", "Welcome", "--phone", "012-3456780"]) == 1
    said = capsys.readouterr().out
    assert "Hi Siti, at +60***780" in said
    assert "not sent: {town} is no column of this contact" in said
    assert "60123456780" not in said
    assert "after 24 h (none set)" in said
    world.run("UPDATE sequence_steps SET content = 'ok'")
    assert main(["preview", "--sequence", "Welcome", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert [s["text"] for s in made["steps"]] == ["ok", "ok"]
    assert main(["preview", "--sequence", "Welcome", "--phone", "60199999999"]) == 2
    assert "in no row of sequence" in capsys.readouterr().err


@pytest.mark.anyio
async def test_the_doctor_finds_texts_that_nobody_can_be_sent(
    world: World, database: Database
) -> None:
    sequence = world.sequence(delays=(0, 0, 0, 0))
    texts = ["Hi {name|kak}", "{Hi|Hello} you", "from {city|town}", "{name|a|b}"]
    for step, text in zip(sequence[1:], texts, strict=True):
        world.run("UPDATE sequence_steps SET content = %s WHERE id = %s", text, step)
    world.setting("city", True, "column", str(sequence[0]))
    report = await examine(database)
    [found] = [f for f in report.findings if f.check.name == "unknown-placeholder"]
    assert {e.ids[0] for e in found.examples} == {str(sequence[2]), str(sequence[4])}


def test_what_stands_for_a_missing_name_is_set_and_taken_back(
    world: World, mine: None, capsys: pytest.CaptureFixture[str]
) -> None:
    world.sequence(delays=(0,))
    world.run("UPDATE sequence_steps SET content = 'Hi {name}!'")

    def said() -> str:
        capsys.readouterr()
        assert main(["preview", "--sequence", "Welcome", "--json"]) == 0
        text: str = json.loads(capsys.readouterr().out)["steps"][0]["text"]
        return text

    assert said() == "Hi!"
    assert main(["limits", "--default", "--name-fallback", "Cik"]) == 0
    assert said() == "Hi Cik!"
    assert main(["limits", "--sequence", "Welcome", "--name-fallback", "kawan baik"]) == 0
    assert said() == "Hi kawan baik!"
    assert main(["undo"]) == 0
    assert said() == "Hi Cik!"
    assert main(["limits", "--default", "--name-fallback", "none"]) == 0
    assert said() == "Hi!"
    for bad in ("", "1", "{name}", "a2"):
        assert main(["limits", "--default", "--name-fallback", bad]) == 2
