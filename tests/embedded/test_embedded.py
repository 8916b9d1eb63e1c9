"""The life of the embedded server: starts, sharing, every kill; for root also as a normal user."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from seqconsole.embedded import ROLE, Cluster, EmbeddedError
from tests.embedded.scene import Account, Place, normal_account, own_account, wait_until

ACCOUNTS = ["own", "normal"] if os.geteuid() == 0 else ["own"]


@pytest.fixture(scope="module", params=ACCOUNTS)
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    """Ourselves; and, for root, a normal user too."""
    if request.param == "own":
        yield own_account()
    else:
        with normal_account() as entry:
            yield entry


@pytest.fixture(scope="module")
def warm_place(account: Account) -> Iterator[Place]:
    """A place whose data is made once for all tests of an account."""
    place = Place.make(account)
    place.user().is_up().leave()
    yield place
    place.remove()


@pytest.fixture
def place(warm_place: Place) -> Iterator[Place]:
    """A place with data, where nobody is at first, and nobody may be left at last."""
    wait_until(warm_place.is_empty)
    yield warm_place
    try:
        wait_until(warm_place.is_empty)
    finally:
        warm_place.kill_everything()


@pytest.fixture
def new_place(account: Account) -> Iterator[Place]:
    """A place without data."""
    place = Place.make(account)
    yield place
    place.remove()


def connect(place: Place) -> psycopg.Connection:
    dsn = Cluster.at(place.root).dsn("postgres")
    return psycopg.connect(dsn, autocommit=True, connect_timeout=5)


def answers(place: Place) -> bool:
    try:
        with connect(place) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


@pytest.mark.smoke
def test_first_and_second_start_share_the_data(new_place: Place) -> None:
    first = new_place.user().is_up()
    with connect(new_place) as connection:
        assert connection.info.user == ROLE
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
        shown = connection.execute(
            "SELECT current_setting('TimeZone'), current_setting('fsync'),"
            " current_setting('listen_addresses'), current_setting('max_connections')"
        )
        assert shown.fetchone() == ("UTC", "on", "", "100")
    first.leave()
    wait_until(new_place.is_empty)
    second = new_place.user().is_up()
    with connect(new_place) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (42,)
    second.leave()
    wait_until(new_place.is_empty)


def test_racing_first_users_get_one_server(new_place: Place) -> None:
    users = [new_place.user() for _ in range(4)]
    for user in users:
        user.is_up()
    assert len(new_place.keepers()) == 1
    pid = new_place.postmaster()
    for user in users[1:]:
        user.leave()
    assert new_place.postmaster() == pid
    assert answers(new_place)
    users[0].leave()
    wait_until(new_place.is_empty)


def test_a_killed_first_start_leaves_nothing_behind(new_place: Place) -> None:
    new_place.user()
    wait_until(lambda: any(new_place.root.glob("data.new.*/base")))
    new_place.kill_everything()
    wait_until(new_place.is_empty)
    assert not (new_place.root / "data").exists()
    new_place.user().is_up().leave()
    wait_until(new_place.is_empty)
    assert not list(new_place.root.glob("data.new.*"))


def test_the_server_stops_when_its_only_user_is_killed(place: Place) -> None:
    user = place.user().is_up()
    assert answers(place)
    user.kill()
    wait_until(place.is_empty)


def test_a_killed_postmaster_is_restarted(place: Place) -> None:
    user = place.user().is_up()
    old = place.postmaster()
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: answers(place) and place.postmaster() != old)
    other = place.user().is_up()
    other.leave()
    assert answers(place)
    user.leave()


def test_a_killed_keeper_is_replaced_and_the_server_stays(place: Place) -> None:
    user = place.user().is_up()
    pid = place.postmaster()
    [old] = place.keepers()
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: place.keepers() not in ([], [old]))
    assert place.postmaster() == pid
    user.leave()


def test_the_next_user_adopts_a_server_without_keeper_and_user(place: Place) -> None:
    user = place.user().is_up()
    pid = place.postmaster()
    os.kill(place.keepers()[0], signal.SIGKILL)
    user.kill()
    assert answers(place)
    other = place.user().is_up()
    assert place.postmaster() == pid
    other.leave()


def test_a_user_that_leaves_after_its_keeper_was_killed_leaves_nothing(place: Place) -> None:
    user = place.user().is_up()
    [old] = place.keepers()
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: old not in place.keepers())
    user.leave()


def test_a_keeper_told_to_end_stops_the_server_and_users_get_it_back(place: Place) -> None:
    user = place.user().is_up()
    old = place.postmaster()
    os.kill(place.keepers()[0], signal.SIGTERM)
    wait_until(lambda: answers(place) and place.postmaster() != old)
    user.leave()


def test_committed_rows_survive_a_kill_of_everything(place: Place) -> None:
    writer = place.user("write").is_up()
    last = 0
    for _ in range(100):
        last = int(writer.line())
    place.kill_everything()
    reader = place.user().is_up()
    with connect(place) as connection:
        row = connection.execute("SELECT max(n), count(*) FROM written").fetchone()
    assert row is not None
    assert row[0] >= last
    assert row[0] == row[1]
    reader.leave()


@pytest.mark.parametrize(
    "text", ["", "{pid}\n{data}\n1700000000\n5432\n{run}\n\n  1  5\nready   \n"]
)
def test_a_stale_pid_file_stops_nobody(place: Place, text: str) -> None:
    data = place.root / "data"
    stale = data / "postmaster.pid"
    stale.write_text(text.format(pid=os.getpid(), data=data, run=place.root / "run"))
    owner = data.stat()
    os.chown(stale, owner.st_uid, owner.st_gid)
    user = place.user().is_up()
    assert place.postmaster() != os.getpid()
    assert answers(place)
    user.leave()


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
