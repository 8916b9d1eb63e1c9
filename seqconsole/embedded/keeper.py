"""The keeper: the process that starts the server, restarts it, and stops it after the last user.

Run by a user of the cluster as `python -I keeper.py ROOT BIN`; it leaves its starter at once.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType

if __name__ == "__main__":  # run as a file, which puts no package of ours on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from seqconsole.embedded import datadir
from seqconsole.embedded.account import spawn
from seqconsole.embedded.cluster import GAVE_UP, PORT, Cluster
from seqconsole.embedded.locks import EXCLUSIVE, POLL_SECONDS, acquire, held, is_free

_TURN_SECONDS = 0.25
_PROBE_SECONDS = 0.5  # a probe of keeper.lock by a user must not be taken for another keeper
_RESTART_SECONDS = 1.0  # least time between two starts of the server
_STOPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 15.0), (signal.SIGKILL, 10.0))


class Keeper:
    """The life of one keeper; it holds keeper.lock from its first to its last moment."""

    def __init__(self, cluster: Cluster, programs: Path) -> None:
        self._cluster = cluster
        self._programs = programs
        self._server: subprocess.Popen[bytes] | None = None  # None: none, or an adopted one
        self._was_ready = False
        self._started = 0.0
        self._asked_to_end = False
        self._lock: os.stat_result

    def run(self) -> int:
        """Keep the server until nobody uses it; returns the exit status."""
        for ignored in (signal.SIGINT, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._on_sigterm)
        with ExitStack() as nobody_uses_it:
            deadline = time.monotonic() + _PROBE_SECONDS
            try:
                keeper_lock = acquire(self._cluster.keeper_lock, EXCLUSIVE, deadline)
            except BlockingIOError:
                return 0  # another one keeps it
            if os.fork():  # our starter waits for this exit: from here on keeper.lock is held
                os._exit(0)
            self._lock = os.fstat(keeper_lock)
            try:
                return self._keep(nobody_uses_it)
            finally:  # before users.lock: who gets that one must not see a keeper that is leaving
                os.close(keeper_lock)

    def _keep(self, nobody_uses_it: ExitStack) -> int:
        while True:
            with suppress(BlockingIOError, FileNotFoundError):
                nobody_uses_it.enter_context(held(self._cluster.users_lock, EXCLUSIVE))
                self._asked_to_end = True
            if self._asked_to_end or self._is_evicted():
                self._stop()
                return 0
            if not self._look_after_server():
                return 1
            time.sleep(_TURN_SECONDS if self._was_ready else POLL_SECONDS)

    def _look_after_server(self) -> bool:
        """Start the server where there is none. False: it ends before it is ready, give up."""
        if self._server is not None and self._server.poll() is not None:
            if not self._was_ready:
                status = self._server.returncode
                print(f"{GAVE_UP} (exit status {status})", file=sys.stderr, flush=True)
                return False
            self._server = None
        if self._server is None and is_free(self._cluster.server_lock):
            if time.monotonic() - self._started >= _RESTART_SECONDS:
                self._start()
        elif not self._was_ready:
            self._was_ready = self._cluster.accepts()
        return True

    def _start(self) -> None:
        cluster = self._cluster
        for stale in (
            cluster.data / "postmaster.pid",
            cluster.socket_dir / f".s.PGSQL.{PORT}.lock",
        ):  # server.lock is free: nobody is there, whatever process they name
            stale.unlink(missing_ok=True)
        self._started = time.monotonic()
        self._was_ready = False
        args: list[str | Path] = [
            self._programs / "postgres",
            "-D",
            cluster.data,
            "-k",
            cluster.socket_dir,
        ]
        with (
            held(cluster.server_lock, EXCLUSIVE, self._started + _PROBE_SECONDS) as lock,
            cluster.open_log() as log,
        ):  # from here on only the server holds the lock
            self._server = spawn(args, cluster.account, log, pass_fds=[lock])

    def _stop(self) -> None:
        """Stop the server, ever harder, until no process of it is left."""
        for force, patience in () if self._is_evicted() else _STOPS:
            deadline = time.monotonic() + patience
            asked: int | None = None
            while not is_free(self._cluster.server_lock):
                pid = self._pid()
                if pid is not None and pid != asked:
                    os.kill(pid, force)
                    asked = pid
                if time.monotonic() > deadline:
                    break
                time.sleep(POLL_SECONDS)
            else:
                break
        if self._server is not None:
            if self._server.poll() is None:
                self._server.send_signal(signal.SIGQUIT)
            self._server.wait()

    def _pid(self) -> int | None:
        if self._server is not None:
            return self._server.pid if self._server.poll() is None else None
        return datadir.postmaster_pid(self._cluster.data)

    def _is_evicted(self) -> bool:
        """Whether the folder was removed: what is at its path now belongs to others."""
        try:
            return not os.path.samestat(self._lock, self._cluster.keeper_lock.stat())
        except OSError:
            return True

    def _on_sigterm(self, _signal: int, _frame: FrameType | None) -> None:
        self._asked_to_end = True


def main(root: Path, programs: Path) -> int:
    """Keep the cluster in `root` with the programs in folder `programs`."""
    return Keeper(Cluster.at(root, programs), programs).run()


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2])))
