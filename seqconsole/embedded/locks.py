"""Advisory file locks (flock): all the state of the embedded server.

The kernel drops them however a process dies, so none of them can be stale:

- start.lock   exclusive: held while somebody initialises or starts the cluster
- users.lock   shared: held by each process that uses the server;
               exclusive: by the keeper, once the last user is gone
- keeper.lock  exclusive: held by the keeper process
- server.lock  exclusive: inherited by the postmaster and its children;
               free means that no process of this server lives
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

EXCLUSIVE = fcntl.LOCK_EX
SHARED = fcntl.LOCK_SH
POLL_SECONDS = 0.02


def open_private(path: str | Path, flags: int) -> int:
    """Open a file that only the owner of its folder may read; it is made if need be."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:  # root may share the folder of a normal user, who must open it too
        owner = Path(path).parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def acquire(path: Path, mode: int, deadline: float) -> int:
    """Open and lock `path`; the descriptor holds the lock until it is closed.

    `deadline` is a time.monotonic(); raises BlockingIOError when it passes (0 = try once).
    """
    descriptor = open_private(path, os.O_RDWR)
    try:
        while True:
            try:
                fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
                return descriptor
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(POLL_SECONDS)
    except BaseException:
        os.close(descriptor)
        raise


@contextlib.contextmanager
def held(path: Path, mode: int, deadline: float = 0) -> Iterator[int]:
    """Hold the lock `path` for a block; raises BlockingIOError like `acquire`."""
    descriptor = acquire(path, mode, deadline)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def is_free(path: Path) -> bool:
    """True if nobody holds `path` exclusively."""
    try:  # shared, so that two probes never take each other for a holder
        with held(path, SHARED):
            return True
    except BlockingIOError:
        return False
