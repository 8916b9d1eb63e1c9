"""Reads dead workers' journals: what was never written, what was answered, what is in doubt."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from engine.gateways.protocol import Answer
from engine.journal import DONE, SUFFIX, UNFINISHED, Claimed, Kind, boot_id, line, set_aside, unpack

UNFINISHED_AGE: Final = 86_400.0
"""Seconds after which a file that never became a journal is removed."""


class Fate(StrEnum):
    """What a journal proves about an attempt. `DOUBTFUL` proves nothing."""

    NEVER_WRITTEN = "never_written"
    ANSWERED = "answered"
    DOUBTFUL = "doubtful"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class RecoveredAttempt:
    """An attempt without a `settled` line. `claim` is None where only later lines are left."""

    attempt_id: UUID
    fate: Fate
    claim: Claimed | None
    answer: Answer | None


@dataclass(slots=True)
class _Story:
    claim: Claimed | None = None
    writing: bool = False
    answer: Answer | None = None


@dataclass(slots=True)
class Recovered:
    """A dead worker's journal, locked against other readers until `finish` or `release`.

    `proves_absence`: the journal is whole and of this boot, so that what it does not hold was not
    written. `forgotten_until`: attempts claimed up to then may have been dropped as settled.
    """

    path: Path
    worker_id: UUID
    proves_absence: bool
    forgotten_until: datetime
    attempts: list[RecoveredAttempt]
    _settled: set[UUID] = field(repr=False)
    _fd: int = field(repr=False)

    def fate(self, attempt_id: UUID, claimed_at: datetime) -> Fate:
        """What is proven about any attempt that the database says this worker claimed.

        An attempt that died between its commit and its `claimed` line is not in the journal; it
        was never written if the journal reaches back to it.
        """
        for attempt in self.attempts:
            if attempt.attempt_id == attempt_id:
                return attempt.fate
        if attempt_id in self._settled:
            return Fate.SETTLED
        if self.proves_absence and claimed_at > self.forgotten_until:
            return Fate.NEVER_WRITTEN
        return Fate.DOUBTFUL

    def finish(self) -> None:
        """After everything of it is settled: set the file aside as evidence, keep the newest."""
        set_aside(self.path)
        self.release()

    def release(self) -> None:
        """Leave the journal to a later replay."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def replay(directory: Path) -> list[Recovered]:
    """The journals of dead workers in `directory`. A living worker's is locked and left alone.

    A file without a readable first line proves nothing and is set aside.
    Each must be given back by `finish` or `release`. Raises `OSError` where the directory or a
    journal can't be read.
    """
    if not directory.is_dir():
        return []
    for path in directory.glob(f"*{SUFFIX}{UNFINISHED}"):
        _drop_unfinished(path)
    found: list[Recovered] = []
    for path in sorted(directory.glob(f"*{SUFFIX}")):
        fd = _lock(path)
        if fd is None:
            continue
        recovered = _read(path, fd)
        if recovered is None:
            path.rename(path.with_name(path.name + DONE))
            os.close(fd)
        else:
            found.append(recovered)
    return found


def _lock(path: Path) -> int | None:
    """The journal open and locked, or None while its worker lives or another reader has it."""
    try:
        fd = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Between open and lock it may have been rotated or set aside: then this is another file.
        if os.path.samestat(os.fstat(fd), path.stat()):
            return fd
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(fd)
    return None


def _drop_unfinished(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if time.time() - path.stat().st_mtime > UNFINISHED_AGE:
            path.unlink()


def _read(path: Path, fd: int) -> Recovered | None:
    """None for a file without a readable first line: it names no worker."""
    *lines, torn = path.read_bytes().split(b"\n")
    reader = _Reader()
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
        first = json.loads(lines[0]) if lines else {}
        worker, boot = UUID(first["worker"]), first["boot"]
        forgotten = datetime.fromisoformat(first["forgotten"])
        for text in lines[1:]:
            reader.take(text)
        whole = reader.damaged == 0 and not _may_be_writing(torn)
        same_boot = boot is not None and boot == boot_id()
        attempts = [
            RecoveredAttempt(
                attempt, _fate(attempt, story, reader, torn, same_boot), story.claim, story.answer
            )
            for attempt, story in reader.stories.items()
        ]
        return Recovered(path, worker, whole and same_boot, forgotten, attempts, reader.settled, fd)
    return None


class _Reader:
    """Gathers the lines of one journal by attempt. A line that makes no sense is counted."""

    def __init__(self) -> None:
        self.stories: dict[UUID, _Story] = {}
        self.settled: set[UUID] = set()
        self.damaged = 0

    def take(self, text: bytes) -> None:
        """Take one whole line."""
        try:
            self._take(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.damaged += 1

    def _take(self, said: Mapping[str, Any]) -> None:
        kind = Kind(said["k"])
        if kind in (Kind.PROBED, Kind.DATABASE):
            return
        if kind is Kind.SETTLED:
            for attempt in map(UUID, said["ids"]):
                self.stories.pop(attempt, None)
                self.settled.add(attempt)
            return
        attempt = UUID(said["a"])
        if attempt in self.settled:
            return
        story = self.stories.setdefault(attempt, _Story())
        if kind is Kind.CLAIMED:
            story.claim = claim_of(said)
        elif kind is Kind.WRITING:
            story.writing = True
        elif kind is Kind.ANSWERED:
            story.answer = unpack(said["answer"])
        else:
            raise ValueError(kind)


def claim_of(said: Mapping[str, Any]) -> Claimed:
    """The claim that a `claimed` line tells of. Raises `KeyError`, `TypeError` or `ValueError`."""
    return Claimed(
        UUID(said["a"]),
        datetime.fromisoformat(said["at"]),
        UUID(said["m"]),
        UUID(said["d"]),
        phone=str(said.get("p", "")),
        step_id=UUID(said["s"]) if said.get("s") else None,
    )


def _fate(attempt: UUID, story: _Story, reader: _Reader, torn: bytes, same_boot: bool) -> Fate:
    if story.answer is not None:
        return Fate.ANSWERED
    if story.writing or story.claim is None or reader.damaged or not same_boot:
        return Fate.DOUBTFUL
    return Fate.DOUBTFUL if _may_be_writing(torn, attempt) else Fate.NEVER_WRITTEN


def _may_be_writing(torn: bytes, attempt: UUID | None = None) -> bool:
    """Whether half a line at the end may be the `writing` line of an attempt, or of any."""
    if not torn:
        return False
    ours = line(Kind.WRITING, a=str(attempt or ""))
    if attempt is None:
        ours = ours.partition(b'""')[0]
    if _agree(torn, ours):
        return True
    return not any(_agree(torn, _beginning(kind)) for kind in Kind)


def _beginning(kind: Kind) -> bytes:
    return line(kind).rstrip(b"}\n")


def _agree(one: bytes, other: bytes) -> bool:
    length = min(len(one), len(other))
    return one[:length] == other[:length]
