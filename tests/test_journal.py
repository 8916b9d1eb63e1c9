"""The worker's journal: real files, a real process killed, a real disk limit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import pytest

import engine.journal
from engine.gateways.protocol import Answer, Verdict
from engine.journal import Claimed, Journal, JournalError, Kind, line
from engine.journal_replay import Fate, Recovered, replay

WORKER = UUID(int=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANSWER = Answer(Verdict.SENT, "SUCCESS", "3EB0", body="{}", wait=timedelta(seconds=1.5))


def attempt(name: str) -> UUID:
    return uuid5(WORKER, name)


def claim(name: str, at: datetime = NOON) -> Claimed:
    return Claimed(attempt(name), at, uuid4(), uuid4())


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal.open(tmp_path / "journals", WORKER)
    yield opened
    opened.close()


def die(journal: Journal) -> None:
    """Let go of the lock as the death of the process does: nothing else happens."""
    os.close(journal._fd)
    journal._fd = -1


def recovered(journal: Journal) -> Recovered:
    [found] = replay(journal.path.parent)
    return found


def fates(found: Recovered) -> dict[UUID, Fate]:
    return {one.attempt_id: one.fate for one in found.attempts}


CHILD = """
import signal, sys
from datetime import datetime
from pathlib import Path
from uuid import UUID
sys.path.append(sys.argv[2])
from tests.test_journal import ANSWER, WORKER, attempt, claim
from engine.journal import Journal

journal = Journal.open(Path(sys.argv[1]), WORKER)
journal.claimed(claim(name) for name in "abcd")
for name in "bcd":
    journal.writing(attempt(name))
for name in "cd":
    journal.answered(attempt(name), ANSWER)
journal.settled([attempt("d")])
print("ready", flush=True)
signal.pause()
"""


def test_faults_03_to_07_a_killed_workers_journal_tells_what_was_sent(tmp_path: Path) -> None:
    directory = tmp_path / "journals"
    command = [sys.executable, "-c", CHILD, str(directory), str(Path(__file__).parents[1])]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        try:
            assert worker.stdout.readline() == b"ready\n"
            assert replay(directory) == []
            os.kill(worker.pid, signal.SIGSTOP)
            assert replay(directory) == []
        finally:
            os.kill(worker.pid, signal.SIGKILL)
    [found] = replay(directory)
    assert found.worker_id == WORKER
    assert fates(found) == {
        attempt("a"): Fate.NEVER_WRITTEN,
        attempt("b"): Fate.DOUBTFUL,
        attempt("c"): Fate.ANSWERED,
    }
    answered = found.attempts[-1]
    assert answered.answer == ANSWER
    assert answered.claim is not None
    assert answered.claim.claimed_at == NOON
    assert found.fate(attempt("d"), NOON) is Fate.SETTLED
    assert found.fate(attempt("claimed in the database only"), NOON) is Fate.NEVER_WRITTEN
    found.finish()
    assert replay(directory) == []
    assert [path.name for path in directory.iterdir()] == [f"{WORKER}.journal.done"]


def test_only_one_reader_at_a_time(journal: Journal) -> None:
    journal.claimed([claim("a")])
    die(journal)
    first = recovered(journal)
    assert replay(journal.path.parent) == []
    first.release()
    recovered(journal).finish()


def test_after_a_reboot_a_missing_line_proves_nothing(journal: Journal) -> None:
    journal.claimed([claim("a"), claim("c")])
    journal.writing(attempt("c"))
    journal.answered(attempt("c"), ANSWER)
    die(journal)
    first, rest = journal.path.read_text().split("\n", 1)
    opened = json.loads(first)
    opened["boot"] = str(uuid4())
    journal.path.write_text(json.dumps(opened) + "\n" + rest)
    found = recovered(journal)
    assert fates(found) == {attempt("a"): Fate.DOUBTFUL, attempt("c"): Fate.ANSWERED}
    assert found.fate(attempt("absent"), NOON) is Fate.DOUBTFUL
    found.finish()


WRITING_A = line(Kind.WRITING, a=str(attempt("a")))


@pytest.mark.parametrize(
    ("tail", "fate_a", "fate_b", "absent"),
    [
        (WRITING_A[:1], Fate.DOUBTFUL, Fate.DOUBTFUL, Fate.DOUBTFUL),
        (WRITING_A[:9], Fate.DOUBTFUL, Fate.DOUBTFUL, Fate.DOUBTFUL),
        (WRITING_A[:-4], Fate.DOUBTFUL, Fate.NEVER_WRITTEN, Fate.DOUBTFUL),
        (WRITING_A[:-1], Fate.DOUBTFUL, Fate.NEVER_WRITTEN, Fate.DOUBTFUL),
        (b'{"k":"sett', Fate.NEVER_WRITTEN, Fate.NEVER_WRITTEN, Fate.NEVER_WRITTEN),
        (b'{"k":"claimed","a":"12', Fate.NEVER_WRITTEN, Fate.NEVER_WRITTEN, Fate.NEVER_WRITTEN),
        (b"\0\0\0", Fate.DOUBTFUL, Fate.DOUBTFUL, Fate.DOUBTFUL),
        (b"\0\0\0\n", Fate.DOUBTFUL, Fate.DOUBTFUL, Fate.DOUBTFUL),
        (b'{"k":"writing","a":5}\n', Fate.DOUBTFUL, Fate.DOUBTFUL, Fate.DOUBTFUL),
    ],
)
def test_half_a_line_at_the_end(
    journal: Journal, tail: bytes, fate_a: Fate, fate_b: Fate, absent: Fate
) -> None:
    journal.claimed([claim("a"), claim("b")])
    die(journal)
    with journal.path.open("ab") as file:
        file.write(tail)
    found = recovered(journal)
    assert fates(found) == {attempt("a"): fate_a, attempt("b"): fate_b}
    assert found.fate(attempt("absent"), NOON) is absent
    found.finish()


def test_a_file_without_a_first_line_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / f"{WORKER}.journal").write_bytes(b"\0" * 100)
    assert replay(tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == [f"{WORKER}.journal.done"]


FULL = """
import resource, sys
from pathlib import Path
sys.path.append(sys.argv[2])
from tests.test_journal import WORKER, attempt, claim
from engine.journal import Journal, JournalError

journal = Journal.open(Path(sys.argv[1]), WORKER)
journal.claimed([claim("a"), claim("b")])
journal.writing(attempt("a"))
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
size = journal.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 30, hard))
for call in (lambda: journal.writing(attempt("b")), journal.probe):
    try:
        call()
    except JournalError as error:
        print(type(error).__name__, journal.path.stat().st_size == size)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
journal.probe()
print("works again", flush=True)
import os
os._exit(0)
"""


def test_fault_36_a_full_disk_stops_the_work_and_leaves_no_half_line(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path), str(Path(__file__).parents[1])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    # A probe is 15 bytes and still fits; a `writing` line does not.
    assert done.stdout.splitlines() == ["JournalError True", "works again"]
    [found] = replay(tmp_path)
    assert fates(found) == {attempt("a"): Fate.DOUBTFUL, attempt("b"): Fate.NEVER_WRITTEN}
    assert found.proves_absence
    found.finish()


def test_no_directory_no_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError):
        Journal.open(tmp_path / "file" / "journals", WORKER)


def test_settled_lines_are_dropped_while_others_are_open(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.journal, "ROTATE_AT", 4000)
    journal.claimed([claim("open")])
    journal.writing(attempt("open"))
    for number in range(200):
        at = NOON + timedelta(seconds=number)
        journal.claimed([claim(str(number), at)])
        journal.writing(attempt(str(number)))
        assert replay(journal.path.parent) == []
        journal.settled([attempt(str(number))])
    assert journal.path.stat().st_size < 5000
    assert journal.path.stat().st_mode & 0o777 == 0o600
    die(journal)
    found = recovered(journal)
    assert fates(found) == {attempt("open"): Fate.DOUBTFUL}
    assert found.fate(attempt("0"), NOON) is Fate.DOUBTFUL
    assert found.fate(attempt("later"), NOON + timedelta(hours=1)) is Fate.NEVER_WRITTEN
    found.finish()


def test_a_clean_end_leaves_evidence_only(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, WORKER)
    journal.claimed([claim("a")])
    journal.settled([attempt("a")])
    journal.close()
    journal.close()
    assert [p.name for p in tmp_path.iterdir()] == [f"{WORKER}.journal.done"]


def test_an_end_with_open_attempts_leaves_them_to_be_replayed(journal: Journal) -> None:
    journal.claimed([claim("a")])
    journal.close()
    found = recovered(journal)
    assert fates(found) == {attempt("a"): Fate.NEVER_WRITTEN}
    found.finish()


def test_nothing_is_noted_for_an_attempt_that_is_not_open(journal: Journal) -> None:
    journal.claimed([claim("a")])
    journal.settled([attempt("a")])
    for name in ("a", "never claimed"):
        with pytest.raises(JournalError, match="not open"):
            journal.writing(attempt(name))


def test_a_workers_id_is_used_once(journal: Journal) -> None:
    with pytest.raises(JournalError, match="used once"):
        Journal.open(journal.path.parent, WORKER)


def test_a_closed_journal_takes_nothing(journal: Journal) -> None:
    journal.close()
    with pytest.raises(JournalError):
        journal.probe()
