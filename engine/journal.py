"""A worker's journal on disk: what lets a later process prove what was never sent (DESIGN 5.5).

One append-only file a worker, mode 0600, under an flock while the worker lives. A line is in the
kernel when its call returns, so the journal survives the death of the process, not a loss of
power: its first line names the boot, and only within that boot does a missing line prove anything.
The directory must be on a local disk. What is settled is kept for a while, should the database ever
come back without its last commits (`engine.failover`); so the file holds phone numbers.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID

from engine.gateways.protocol import Answer, Verdict

ROTATE_AT: Final = 4 * 1024 * 1024
"""Bytes after which lines of settled attempts are dropped."""

SUFFIX: Final = ".journal"
DONE: Final = ".done"
"""Suffix of a journal with nothing left to settle, kept as evidence."""

KEEP_DONE: Final = 20
"""How many of these are kept, the newest."""

UNFINISHED: Final = ".new"
"""Suffix of a file that is not yet, or never became, a journal."""

_BEGINNING_OF_TIME: Final = datetime.min.replace(tzinfo=UTC)


class JournalError(Exception):
    """The journal can't be written: the worker must take no work (FAULTS 36)."""


class Kind(StrEnum):
    """What a line says. `WRITING` comes before the first byte, `SETTLED` after the commit."""

    OPENED = "opened"
    DATABASE = "database"
    CLAIMED = "claimed"
    WRITING = "writing"
    ANSWERED = "answered"
    SETTLED = "settled"
    PROBED = "probed"


@dataclass(frozen=True, slots=True)
class Claimed:
    """An attempt that the database has committed to this worker."""

    attempt_id: UUID
    claimed_at: datetime
    message_id: UUID
    device_id: UUID
    phone: str = ""
    step_id: UUID | None = None


class Journal:
    """The living worker's side. Every method raises `JournalError` where a line can't be kept.

    After an error the file is as if the call had never been; `probe` tells when it works again.
    Not thread-safe.
    """

    def __init__(self, path: Path, worker_id: UUID, fd: int) -> None:
        self.path = path
        self.worker_id = worker_id
        self._fd = fd
        self._size = 0
        self._broken = False
        self._open: dict[UUID, tuple[datetime, list[bytes]]] = {}
        self._forgotten_until = _BEGINNING_OF_TIME
        self._database = b""
        self._named = True
        self._used = False

    @classmethod
    def open(cls, directory: Path, worker_id: UUID) -> Self:
        """Begin a journal. The directory is made, 0700, where it is missing."""
        path = directory / f"{worker_id}{SUFFIX}"
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.exists():
                raise JournalError(f"{path} exists: a worker's id is used once")
            journal = cls(path, worker_id, -1)
            journal._begin_file()
        except OSError as error:
            raise JournalError(f"{directory}: {error.strerror or error}") from error
        return journal

    def belongs_to(self, database: str) -> None:
        """Say which database the attempts are of; noted by the next `probe`."""
        named = line(Kind.DATABASE, id=database)
        if named != self._database:
            self._database, self._named = named, False

    def claimed(self, attempts: Iterable[Claimed]) -> None:
        """Note attempts after the commit of their claim, in one write."""
        noted = list(attempts)
        lines = [
            line(
                Kind.CLAIMED,
                a=str(claim.attempt_id),
                at=claim.claimed_at.isoformat(),
                m=str(claim.message_id),
                d=str(claim.device_id),
                p=claim.phone,
                s=str(claim.step_id or ""),
            )
            for claim in noted
        ]
        self._append(b"".join(lines))
        self._used = True
        for claim, text in zip(noted, lines, strict=True):
            self._open[claim.attempt_id] = (claim.claimed_at, [text])

    def writing(self, attempt_id: UUID) -> None:
        """Note that the request may be written from now on. The last step before its first byte."""
        self._note(attempt_id, line(Kind.WRITING, a=str(attempt_id)))

    def answered(self, attempt_id: UUID, answer: Answer) -> None:
        """Note what came of the attempt, before it is settled."""
        self._note(attempt_id, line(Kind.ANSWERED, a=str(attempt_id), answer=pack(answer)))

    def settled(self, attempt_ids: Iterable[UUID]) -> None:
        """Note, after the commit, that the database holds these outcomes. May drop old lines."""
        gone = list(attempt_ids)
        if not gone:
            return
        self._append(line(Kind.SETTLED, ids=[str(attempt) for attempt in gone]))
        for attempt in gone:
            known = self._open.pop(attempt, None)
            if known is not None:
                self._forgotten_until = max(self._forgotten_until, known[0])
        if self._size > ROTATE_AT:
            self._rotate()

    def probe(self) -> None:
        """Raise `JournalError` unless a line can be kept now. For before a claim."""
        self._append(line(Kind.PROBED) if self._named else self._database)
        self._named = True

    def close(self) -> None:
        """Let go. With everything settled the file is evidence only, else it is left to be replayed."""
        if self._fd < 0:
            return
        if not self._used:
            self.path.unlink(missing_ok=True)
        elif not self._open:
            set_aside(self.path)
        os.close(self._fd)
        self._fd = -1

    def _note(self, attempt_id: UUID, text: bytes) -> None:
        # A line of an attempt that is not open would be lost by the next rotation.
        if attempt_id not in self._open:
            raise JournalError(f"attempt {attempt_id} is not open in this journal")
        self._append(text)
        self._open[attempt_id][1].append(text)

    def _append(self, data: bytes) -> None:
        if self._fd < 0 or self._broken:
            raise JournalError(f"{self.path} is closed or has half a line that can't be removed")
        try:
            written = os.write(self._fd, data)
            if written == len(data):
                self._size += written
                return
            why = "no space for the whole line"
        except OSError as error:
            why = error.strerror or str(error)
        self._cut()
        raise JournalError(f"{self.path}: {why}")

    def _cut(self) -> None:
        """Remove half a line, so that the next one begins on its own."""
        try:
            os.ftruncate(self._fd, self._size)
        except OSError:
            # The lock stays: this worker lives, its requests under way are not for others to judge.
            self._broken = True

    def _rotate(self) -> None:
        live = sum(len(text) for _, lines in self._open.values() for text in lines)
        if self._size < 2 * live:
            return
        try:
            self._begin_file()
        except OSError as error:
            raise JournalError(f"{self.path}: {error.strerror or error}") from error

    def _begin_file(self) -> None:
        """Write the first line and what is open into a new file, lock it, put it in place.

        It gets its name only when locked and whole, so nobody can take it for a dead worker's.
        """
        unfinished = self.path.with_name(self.path.name + UNFINISHED)
        fd = os.open(unfinished, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            first = line(
                Kind.OPENED,
                worker=str(self.worker_id),
                boot=boot_id(),
                forgotten=self._forgotten_until.isoformat(),
            )
            data = (
                first
                + self._database
                + b"".join(text for _, lines in self._open.values() for text in lines)
            )
            if os.write(fd, data) != len(data):
                raise OSError("no space for the journal's beginning")
            self._keep_what_goes()
            unfinished.rename(self.path)
        except OSError:
            os.close(fd)
            unfinished.unlink(missing_ok=True)
            raise
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self._size = fd, len(data)

    def _keep_what_goes(self) -> None:
        """The file that a rotation replaces is evidence for a while."""
        before = self.path.with_name(f"{self.worker_id}.before{SUFFIX}{DONE}")
        with suppress(OSError):
            before.unlink(missing_ok=True)
            os.link(self.path, before)


def set_aside(path: Path) -> None:
    """Keep a journal that has nothing left to settle as evidence, and the newest of its kind."""
    path.rename(path.with_name(path.name + DONE))
    old = sorted(path.parent.glob(f"*{SUFFIX}{DONE}"), key=_age, reverse=True)
    for one in old[KEEP_DONE:]:
        one.unlink(missing_ok=True)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def line(kind: Kind, **values: Any) -> bytes:
    """One line of a journal: kind first, then the attempt, so that half a line tells them."""
    return json.dumps({"k": kind, **values}, separators=(",", ":")).encode() + b"\n"


def pack(answer: Answer) -> dict[str, Any]:
    """An answer as JSON keeps it."""
    return {
        "verdict": answer.verdict,
        "code": answer.code,
        "gateway_id": answer.gateway_id,
        "body": answer.body,
        "wait": None if answer.wait is None else answer.wait.total_seconds(),
        "written": answer.written,
        "cold_only": answer.cold_only,
    }


def unpack(packed: Mapping[str, Any]) -> Answer:
    """The answer that `pack` was given. Raises `KeyError`, `TypeError` or `ValueError`."""
    wait = packed["wait"]
    return Answer(
        verdict=Verdict(packed["verdict"]),
        code=packed["code"],
        gateway_id=packed["gateway_id"],
        body=packed["body"],
        wait=None if wait is None else timedelta(seconds=wait),
        written=packed["written"],
        cold_only=packed["cold_only"],
    )


@cache
def boot_id() -> str | None:
    """What names this run of the machine; None where the system doesn't tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip() or None
    except OSError:
        pass
    command = ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stdout.strip() or None
