"""`seqconsole audit` as an operator runs it."""

from __future__ import annotations

import pytest

from tests.audit.wild import PHONE, Wild
from tests.cli.conftest import Command, environment, process, seqconsole  # noqa: F401


@pytest.fixture
def dsn(wild: Wild) -> str:
    """The commands of this module run on a database that nobody adopted."""
    return wild.dsn


@pytest.fixture
def planted(wild: Wild) -> list[str]:
    """One person who got one step three times; the rows."""
    sequence, device = wild.sequence(), wild.device("Sales 3")
    rows = [wild.step(sequence, device_id=device)[1]]
    rows += [wild.sent(sequence, device_id=device, recipient_phone=f"+{PHONE}") for _ in range(2)]
    return sorted(map(str, rows))


def test_json_is_for_scripts(seqconsole: Command, planted: list[str]) -> None:  # noqa: F811
    said = seqconsole("audit", "--json", "--timezone", "Asia/Kuala_Lumpur")
    assert (said.code, said.err) == (1, "")
    document = said.json
    assert (document["findings"], document["adopted"], document["timezone"]) == (
        1,
        False,
        "Asia/Kuala_Lumpur",
    )
    assert document["unfinished"] == []
    by_name = {check["name"]: check for check in document["checks"]}
    assert {name for name, check in by_name.items() if check["state"] != "clean"} == {"sent_twice"}
    [example] = by_name["sent_twice"]["examples"]
    assert (example["phone"], example["times"], example["spellings"]) == ("+60***789", 3, 2)
    assert sorted(example["ids"]) == planted
    assert document["names"] == {example["step_id"]: "Welcome, day 1"}
    assert PHONE not in said.out
    assert seqconsole("audit", "--json", "--full-phones").out.count(PHONE) == 1


def test_text_is_for_people(seqconsole: Command, planted: list[str]) -> None:  # noqa: F811
    said = seqconsole("audit")
    assert (said.code, said.err) == (1, "")
    lines = said.out.splitlines()
    assert lines[0].startswith("audit of ")
    assert "assumed: no country is known" in said.out
    [found] = [line for line in lines if line.startswith("found")]
    assert found.split()[1] == "1"
    assert "a person got one step more than once" in found
    [rows] = [line for line in lines if line.startswith("rows of 1: ")]
    assert sorted(rows.split()[3:]) == planted
    assert "Welcome, day 1" in said.out
    assert lines[-1].startswith("1 of ")
    assert PHONE not in said.out


def test_clean_is_0_and_one_check_may_be_asked(seqconsole: Command, planted: list[str]) -> None:  # noqa: F811
    said = seqconsole("audit", "--check", "over_limit", "--check", "bursts")
    assert said.code == 0
    assert "0 of 2 checks found something" in said.out
    assert seqconsole("audit", "--check", "nonsense").is_one_line("nonsense")
    assert seqconsole("audit", "--limit", "-1").is_one_line("whole number")
    assert seqconsole("audit", "--schema", "nowhere").is_one_line("nowhere")


def test_hostile_texts_are_harmless(seqconsole: Command, wild: Wild, planted: list[str]) -> None:  # noqa: F811
    """What another application wrote can't act on the terminal."""
    wild.run("UPDATE broadcast_messages SET error_message = E'\\x1b]0;owned\\x07\\n\\u202eoops'")
    said = seqconsole("audit", "--check", "sent_with_error")
    assert (said.code, "\x1b" in said.out, "\u202e" in said.out) == (1, False, False)
    assert "\\x1b]0;owned" in said.out


@pytest.mark.smoke
def test_as_a_process(process: Command, planted: list[str]) -> None:  # noqa: F811
    assert process("audit", "--json").json["findings"] == 1


def test_help_teaches(seqconsole: Command) -> None:  # noqa: F811
    said = seqconsole("audit", "--help")
    assert (said.code, "examples:" in said.out, "over_limit" in said.out) == (0, True, True)
    assert "changes nothing" in said.out
