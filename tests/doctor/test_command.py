"""`seqconsole doctor`: what it prints, how it ends, which phones it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.doctor.findings.columns import COLUMNS
from engine.doctor.findings.recorded import KINDS
from engine.doctor.registry import CHECKS, recorded
from seqconsole.__main__ import main
from tests.dirty import Defect, plant
from tests.doctor.conftest import WILD


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """(dsn, *options) -> exit code, output, errors."""

    def run(dsn: str, *options: str) -> tuple[int, str, str]:
        monkeypatch.setenv("SEQCONSOLE_DATABASE_URL", dsn)
        code = main(["doctor", *options])
        return (code, *capsys.readouterr())

    return run


def test_nothing_found_ends_with_0(wild: str, doctor: Any) -> None:
    code, out, err = doctor(wild, "--country", "60")
    assert (code, err) == (0, "")
    assert "before `seqconsole migrate`" in out
    assert "nothing found in" in out


def test_findings_are_named_with_their_repair_and_end_with_1(wild: str, doctor: Any) -> None:
    planted = plant(wild, [Defect.NULL_STEP, Defect.DUPLICATE_STEP], WILD)
    code, out, err = doctor(wild, "--country", "60", "--examples", "2")
    assert (code, err) == (1, "")
    assert "- rows without a step id: 3 contact rows" in out
    assert "! duplicate rows: 3 groups" in out
    assert "and 1 more" in out
    assert "Repair: seqconsole link-steps" in out
    assert "Repair: seqconsole duplicates --resolve." in out
    assert "create unique index concurrently uk_sequence_contact_stepid" in out
    assert sum(each in out for each in planted[Defect.NULL_STEP].ids) == 2
    assert "3 findings, 2 of them grave" in out


def test_json_masks_phones_until_asked(wild: str, doctor: Any) -> None:
    planted = plant(wild, [Defect.NULL_STEP], WILD, count=1)[Defect.NULL_STEP]
    code, out, _ = doctor(wild, "--json", "--country", "60")
    document = json.loads(out)
    [found] = document["findings"]
    assert code == 1
    assert (found["finding"], found["n"], found["unit"]) == ("null-step", 1, "contact rows")
    assert (document["adopted"], document["zone"], document["not_looked_at"]) == (False, "UTC", [])
    [example] = found["examples"]
    assert example["ids"] == sorted(planted.ids)
    assert example["phone"].startswith("+60***")
    _, full, _ = doctor(wild, "--json", "--country", "60", "--full-phones")
    assert json.loads(full)["findings"][0]["examples"][0]["phone"].startswith("601")


def test_a_check_that_could_not_look_is_named_on_standard_error(wild: str, doctor: Any) -> None:
    plant(wild, [Defect.ID_TYPES], WILD)
    code, out, err = doctor(wild, "--country", "60")
    assert code == 1
    assert "alter table broadcast_messages alter column device_id type uuid" in out
    assert "not looked at: queued for nobody: " in err
    assert "Traceback" not in out + err


def test_wrong_usage_is_one_line(wild: str, doctor: Any) -> None:
    code, out, err = doctor(wild, "--timeout", "0")
    assert (code, out) == (2, "")
    assert err == "seqconsole: --timeout and --examples must be 1 or more\n"


def test_every_check_says_what_why_and_what_repairs_it() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    for check in CHECKS:
        for text in (check.title, check.what, check.why, check.unit, check.repair):
            assert text, check.name
        assert len(check.title) <= 30, check.title
        assert not check.repair.endswith("."), check.name


def test_the_documentation_names_every_finding() -> None:
    text = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text("utf-8")
    names = [COLUMNS.check.name, *(c.name for c in CHECKS), *(recorded(k).name for k in KINDS)]
    assert [name for name in names if f"| `{name}`" not in text] == []
