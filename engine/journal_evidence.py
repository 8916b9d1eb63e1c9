"""What all journals of a folder tell of their attempts, the settled ones too: evidence against a database.

`engine.journal_replay` judges the attempts that dead workers left open. This reads everything, the living
workers' files as well, and takes nothing from them.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from engine.gateways.protocol import Answer
from engine.journal import SUFFIX, UNFINISHED, Claimed, Kind, boot_id, unpack
from engine.journal_replay import claim_of

NOBODY: Final = UUID(int=0)


@dataclass(slots=True)
class Witness:
    """An attempt as a journal knows it. `unwritten`: nothing of it can have reached the wire."""

    claim: Claimed
    worker_id: UUID
    answer: Answer | None = None
    writing: bool = False
    settled: bool = False
    unwritten: bool = False


def witnesses(directory: Path, database: str, since: datetime) -> list[Witness]:
    """The attempts on this database that were claimed after `since`, the earliest first.

    Raises `OSError` where a journal can't be read.
    """
    found: dict[UUID, Witness] = {}
    for path in sorted(directory.glob(f"*{SUFFIX}*")):
        with contextlib.suppress(FileNotFoundError):  # an old one goes while we look
            if not path.name.endswith(UNFINISHED) and path.stat().st_mtime > since.timestamp():
                found |= {one.claim.attempt_id: one for one in _read(path, database)}
    found = {attempt: one for attempt, one in found.items() if one.claim.claimed_at > since}
    return sorted(found.values(), key=lambda one: one.claim.claimed_at)


def _read(path: Path, database: str) -> Iterator[Witness]:
    *lines, torn = path.read_bytes().split(b"\n")
    reader = _Reader()
    for text in lines:
        reader.take(text)
    if reader.database == database:
        for witness in reader.found.values():
            witness.unwritten = _unwritten(witness, reader, torn)
            yield witness


@dataclass(slots=True)
class _Reader:
    worker: UUID = NOBODY
    boot: str | None = None
    database: str | None = None
    damaged: bool = False
    found: dict[UUID, Witness] = field(default_factory=dict)

    def take(self, text: bytes) -> None:
        """Take one whole line; one that makes no sense may have been any."""
        try:
            self._take(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.damaged = True

    def _take(self, said: Mapping[str, Any]) -> None:
        match Kind(said["k"]):
            case Kind.OPENED:
                self.worker, self.boot = UUID(said["worker"]), said["boot"]
            case Kind.DATABASE:
                self.database = said["id"]
            case Kind.CLAIMED:
                claim = claim_of(said)
                self.found[claim.attempt_id] = Witness(claim, self.worker)
            case Kind.WRITING:
                self._known(said["a"]).writing = True
            case Kind.ANSWERED:
                self._known(said["a"]).answer = unpack(said["answer"])
            case Kind.SETTLED:
                for attempt in said["ids"]:
                    # Of an earlier file: its claim was dropped by a rotation.
                    with contextlib.suppress(KeyError):
                        self._known(attempt).settled = True

    def _known(self, attempt: str) -> Witness:
        return self.found[UUID(attempt)]


def _unwritten(witness: Witness, reader: _Reader, torn: bytes) -> bool:
    if witness.answer is not None:
        return not witness.answer.written
    if witness.writing:
        return False
    proves = not reader.damaged and reader.boot is not None and reader.boot == boot_id()
    return witness.settled or (proves and not torn)
