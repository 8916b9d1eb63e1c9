"""The simulated gateway's append-only log: what was asked, and what really reached the wire."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class WireEntry:
    """One message that reached the wire. `t` is `log_clock()` at that moment, in seconds."""

    t: float
    device: str
    phone: str
    attempt: str
    message_id: str
    text_sha: str


def log_clock() -> float:
    """Seconds since boot, suspend included where the system can tell; never set back."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


class WireLog:
    """Appends one JSON line at a time, in the kernel when the call returns. Mode 0600."""

    def __init__(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._fd = os.open(path, flags, 0o600)

    def request(self, *, device: str, phone: str, attempt: str, behaviour: str) -> None:
        """Note a request that was received whole, and what will be done with it."""
        self._append(
            {
                "event": "request",
                "t": log_clock(),
                "device": device,
                "phone": phone,
                "attempt": attempt,
                "behaviour": behaviour,
            }
        )

    def wire(self, *, device: str, phone: str, attempt: str, message_id: str, text: str) -> None:
        """Note that a message reaches the wire now."""
        self._append(
            {
                "t": log_clock(),
                "device": device,
                "phone": phone,
                "attempt": attempt,
                "message_id": message_id,
                "text_sha": text_sha(text),
            }
        )

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)

    def _append(self, line: dict[str, Any]) -> None:
        data = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        if os.write(self._fd, data) != len(data):
            raise OSError("the log of the simulated gateway could not be written whole")


def text_sha(text: str) -> str:
    """The log's name for a text: its SHA-256, so that the log holds no message."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_log(path: Path) -> list[WireEntry]:
    """What reached the wire, in order. A last line without its end is left out."""
    return [WireEntry(**line) for line in read_lines(path) if "event" not in line]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Every whole line of the log, requests included (`event`)."""
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    return [json.loads(line) for line in whole.splitlines()]
