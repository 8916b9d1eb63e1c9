"""The life of the embedded server: starts, sharing, every kill; for root also as a normal user."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import psycopg
import pytest

from seqconsole.embedded import ROLE, Cluster
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


@pytest.mark.slow
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


@pytest.mark.slow
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
