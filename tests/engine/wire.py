"""The oracle outside the database: what the simulated gateway's log says reached the wire."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from engine.gateways.simulator.wirelog import WireEntry


def start_worker(
    dsn: str,
    url: str,
    journals: Path,
    *,
    failpoint: str = "",
    concurrency: int = 50,
    stderr: int | None = None,
    within: Sequence[str] = (),
) -> subprocess.Popen[bytes]:
    """A worker process; a failpoint makes it kill itself there. `within` is a command that becomes it."""
    return subprocess.Popen(
        [
            *within,
            sys.executable,
            "-m",
            "tests.engine.worker_process",
            dsn,
            url,
            str(journals),
            str(concurrency),
        ],
        env={**os.environ, "SEQCONSOLE_FAILPOINT": failpoint},
        stderr=stderr,
    )


def stop_worker(worker: subprocess.Popen[bytes], seconds: float = 20) -> int:
    """SIGTERM, and its exit code after the drain."""
    worker.terminate()
    return worker.wait(seconds)


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait for a condition; fail with its name after the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def assert_window(entries: Sequence[WireEntry], limit: int, window: float) -> None:
    """No device sent more than `limit` in any `window` seconds."""
    by_device: dict[str, list[float]] = defaultdict(list)
    for entry in entries:
        by_device[entry.device].append(entry.t)
    for times in by_device.values():
        times.sort()
        for first, last in zip(times, times[limit:], strict=False):
            assert last - first >= window, f"{limit + 1} sends within {last - first:.3f} s"


def assert_once(entries: Sequence[WireEntry]) -> None:
    """No text reached the same phone twice."""
    seen = sorted((e.phone, e.text_sha) for e in entries)
    assert not [a for a, b in pairwise(seen) if a == b]
