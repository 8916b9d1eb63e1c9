"""A PostgreSQL of the harness's own: its direct child, so that a killed one is reaped at once."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from seqconsole.embedded import binaries, datadir
from seqconsole.embedded.account import server_account, spawn

ROLE = "seqconsole"
PORT = 5432  # of the unix socket's name only


@dataclass
class Server:
    """One data directory with the embedded server's own durable settings, and its postmaster."""

    root: Path
    programs: Path
    account: pwd.struct_passwd | None
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @classmethod
    def create(cls, root: Path) -> Server:
        """Make the data in `root`, which the demoted server must be able to reach."""
        root.chmod(0o755)
        account = server_account(root / "data")
        found = binaries.reachable(binaries.find(None, None), account, root / "runtime")
        datadir.create(root / "data", ROLE, found, account, {"cluster_name": "soak"}, 120)
        run = root / "run"
        run.mkdir(0o700)
        if account:
            os.chown(run, account.pw_uid, account.pw_gid)
        return cls(root, found.folder, account)

    def dsn(self, database: str = "postgres") -> str:
        """The conninfo of a database."""
        return f"host={self.root / 'run'} port={PORT} user={ROLE} dbname={database}"

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        assert self._process is not None
        return self._process.pid

    def start(self, seconds: float = 60) -> float:
        """Start it and wait until it accepts; returns how long that took, in seconds.

        A server that finds its killed predecessor's last process still there ends: tried again.
        """
        started = time.monotonic()
        while time.monotonic() < started + seconds:
            if self._process is None or self._process.poll() is not None:
                with (self.root / "server.log").open("ab") as log:
                    args: list[str | Path] = [self.programs / "postgres", "-D", self.root / "data"]
                    self._process = spawn([*args, "-k", self.root / "run"], self.account, log)
            try:
                psycopg.connect(self.dsn(), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return time.monotonic() - started
        raise AssertionError(f"no server within {seconds} s: {self.root / 'server.log'}")

    def kill(self) -> None:
        """`kill -9` of the postmaster."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT is a fast shutdown, SIGQUIT an immediate one (recovery follows at the next start)."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(60)
