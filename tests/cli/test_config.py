"""`seqconsole config`: what is in force, what set it, and nothing that is secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command

pytestmark = pytest.mark.smoke

FILE = """
country = "60"
profile = "work"
[profiles.work]
database_url = "postgresql://me:canary-1@db.example/drip"
timezone = "Asia/Kuala_Lumpur"
[profiles.work.gowa.main]
url = "http://127.0.0.1:3000"
username = "gowa"
password = "canary-2"
[profiles.look]
read_only = true
"""


def test_each_setting_says_where_it_came_from(
    seqconsole: Command, environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(FILE)
    file.chmod(0o644)
    environment["SEQCONSOLE_CONFIG"] = str(file)
    refused = seqconsole("config")
    assert refused.is_one_line("holds a credential and others can read it", f"chmod 600 {file}")
    file.chmod(0o600)
    del environment["SEQCONSOLE_DATABASE_URL"]
    environment |= {
        "SEQCONSOLE_CONFIG": str(file),
        "SEQCONSOLE_WHO": "ana@desk",
        "SEQCONSOLE_GOWA__MAIN__PASSWORD": "canary-3",
    }
    said = seqconsole("config", "--schema", "drip", "--json")
    found = {each["name"]: (each["value"], each["source"]) for each in said.json["settings"]}
    profile = f"profile work, {file}"
    assert found["operator_schema"] == ("drip", "command line")
    assert found["who"] == ("ana@desk", "environment SEQCONSOLE_WHO")
    assert found["timezone"] == ("Asia/Kuala_Lumpur", profile)
    assert found["country"] == ("60", str(file))
    assert found["read_only"] == ("no", "default")
    assert found["gowa.main.url"] == ("http://127.0.0.1:3000", profile)
    assert found["gowa.main.password"] == (
        "(hidden)",
        "environment SEQCONSOLE_GOWA__MAIN__PASSWORD",
    )
    assert found["database_url"][1] == profile
    assert "db.example" in found["database_url"][0]
    assert said.json["profiles"] == ["work", "look"]
    del environment["SEQCONSOLE_GOWA__MAIN__PASSWORD"]
    look = seqconsole("config", "--profile", "look")
    assert "profiles of" in look.out
    assert "embedded: main" in look.out
    assert "canary" not in "".join(each.out + each.err for each in seqconsole.all_said)


def test_libpq_own_variables_are_named(seqconsole: Command, environment: dict[str, str]) -> None:
    del environment["SEQCONSOLE_DATABASE_URL"]
    environment["PGSERVICE"] = "work"
    assert "service=work" in seqconsole("config").out


def test_a_profile_that_does_not_exist_is_one_line(seqconsole: Command) -> None:
    assert seqconsole("config", "--profile", "nowhere").is_one_line("no profile 'nowhere'")
