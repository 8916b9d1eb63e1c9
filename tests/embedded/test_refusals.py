"""What the embedded server says when it cannot start, and the names it makes."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from seqconsole.embedded import Cluster, EmbeddedError
from tests.embedded.scene import Place


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("PG_VERSION", "99\n", "the data is of PostgreSQL 99 and the programs found are: "),
        ("PG_VERSION", "", "PG_VERSION names no version"),
        ("postgresql.auto.conf", "no_such = 1\n", "did not start: configuration file "),
        ("postgresql.auto.conf", "shared_buffers = '90000GB'\n", "did not start: "),
    ],
)
def test_a_server_that_cannot_start_says_why_in_one_line(
    place: Place, file: str, text: str, reason: str
) -> None:
    path = place.root / "data" / file
    good = path.read_text()
    path.write_text(text)
    user = place.user()
    line = user.line()
    path.write_text(good)
    assert line.startswith("error ")
    assert reason in line
    user.process.communicate()
    assert user.process.returncode == 3


def test_data_open_to_others_is_refused_in_one_line(place: Place) -> None:
    (place.root / "data").chmod(0o777)
    user = place.user()
    line = user.line()
    (place.root / "data").chmod(0o700)
    assert "did not start: data directory" in line
    assert "invalid permissions" in line
    user.process.communicate()


def test_missing_programs_are_named(place: Place) -> None:
    user = place.user(SEQCONSOLE_PG_BIN="/nowhere/bin")
    assert user.line() == "error no working PostgreSQL programs in /nowhere/bin"
    user.process.communicate()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(EmbeddedError, match=r"file/below.*: Not a directory"),
        Cluster.at(tmp_path / "file" / "below").use(),
    ):
        pass


def test_a_folder_of_something_else_is_left_alone(new_place: Place) -> None:
    (new_place.root / "data").mkdir()
    (new_place.root / "data" / "letter").write_text("dear")
    user = new_place.user()
    assert "is not a PostgreSQL data directory" in user.line()
    user.process.communicate()
    assert (new_place.root / "data" / "letter").read_text() == "dear"


def test_the_socket_path_stays_short_and_is_the_same_for_all() -> None:
    far = Path("/tmp") / ("long" * 40)
    paths = {Cluster.at(far).socket_dir, Cluster.at(far).socket_dir}
    assert len(paths) == 1
    assert len(str(paths.pop() / ".s.PGSQL.5432")) <= 103


def test_a_conninfo_quotes_what_it_names() -> None:
    dsn = Cluster.at(Path("/tmp/a b")).dsn("it's")
    parsed = psycopg.conninfo.conninfo_to_dict(dsn)
    assert parsed["host"] == "/tmp/a b/run"
    assert parsed["dbname"] == "it's"
