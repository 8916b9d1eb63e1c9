"""A cluster: its places on disk, and how a process comes to use its server."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from seqconsole.embedded import binaries, datadir
from seqconsole.embedded.account import server_account
from seqconsole.embedded.errors import EmbeddedError, clear_errors, log_error
from seqconsole.embedded.locks import (
    EXCLUSIVE,
    POLL_SECONDS,
    SHARED,
    acquire,
    is_free,
    open_private,
)

HOME_VARIABLE = "SEQCONSOLE_EMBEDDED_HOME"
ROLE = "seqconsole"
PORT = 5432  # of the unix socket's name only: the server listens on no network address
_LONGEST_SOCKET = 103  # bytes of sun_path on macOS; Linux has 107
_LARGEST_LOG = 8_000_000  # bytes; a longer one is put aside when a server starts
GAVE_UP = "keeper: the server ended before it was ready"  # its last words in the log
_MOST_STARTS = 3  # of a keeper, by one user
_WATCH_SECONDS = 1.0
_LONGEST_WATCH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """One data directory and its server; make it with `at`, run it with `use`."""

    root: Path
    bin: Path | None  # None: looked for when needed
    account: pwd.struct_passwd | None  # None: ourselves; else whom root demotes the server to
    settings: Mapping[str, str]

    @classmethod
    def at(
        cls,
        root: Path | None = None,
        bin: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> Cluster:
        """The cluster in folder `root` (else HOME_VARIABLE's, else the user's own).

        `bin` holds the programs to use; `settings` are server settings used when the data is
        first made. Touches nothing on disk. Raises EmbeddedError.
        """
        place = (root or _default_root()).absolute()
        with clear_errors(place):
            place = place.resolve()
            return cls(place, bin, server_account(place / "data"), dict(settings or {}))

    @property
    def data(self) -> Path:
        """The data directory; its PG_VERSION records the major version."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """What the server and its keeper print."""
        return self.root / "server.log"

    @property
    def keeper_lock(self) -> Path:
        """See locks."""
        return self.root / "keeper.lock"

    @property
    def server_lock(self) -> Path:
        """See locks."""
        return self.root / "server.lock"

    @property
    def users_lock(self) -> Path:
        """See locks."""
        return self.root / "users.lock"

    @property
    def socket_dir(self) -> Path:
        """The folder of the unix socket: the same for each process, and short enough."""
        near = self.root / "run"
        if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET:
            return near
        tag = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path("/tmp") / f"seqconsole-{tag}"

    def dsn(self, database: str) -> str:
        """The conninfo of one database; `postgres` is there for maintenance."""
        return f"{self._conninfo()} dbname={_quoted(database)}"

    @contextlib.contextmanager
    def use(self, timeout: float = 120) -> Iterator[str]:
        """Have a running server for a block; yields its conninfo, without a database's name.

        The first user starts it and the last to leave, or to die, stops it. Raises EmbeddedError
        when it is not ready within `timeout` seconds.
        """
        with contextlib.ExitStack() as stack:
            with clear_errors(self.root):
                deadline = time.monotonic() + timeout
                self._make_root()
                with self._queued("start.lock", EXCLUSIVE, deadline):
                    stack.enter_context(self._queued("users.lock", SHARED, deadline))
                    self._make_socket_dir()
                    self._bring_up(deadline)
            stack.enter_context(self._watched())
            yield self._conninfo()

    def accepts(self) -> bool:
        """Whether a living server takes connections."""
        if is_free(self.server_lock) or not datadir.says_ready(self.data):
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(os.fspath(self.socket_dir / f".s.PGSQL.{PORT}"))
            except OSError:
                return False
        return True

    def open_log(self) -> BinaryIO:
        """The log, to be written at its end."""
        return open(self.log, "ab", opener=open_private)

    def start_keeper(self, programs: Path) -> None:
        """Start a keeper that outlives us; returns once it holds keeper.lock, or failed."""
        kept = ("PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
        with self.open_log() as log:
            script = Path(__file__).with_name("keeper.py")
            subprocess.run(
                [sys.executable, "-I", script, self.root, programs],
                cwd="/",
                env={name: os.environ[name] for name in kept if name in os.environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                check=False,
            )

    def _conninfo(self) -> str:
        return f"host={_quoted(os.fspath(self.socket_dir))} port={PORT} user={ROLE}"

    @contextlib.contextmanager
    def _queued(self, name: str, mode: int, deadline: float) -> Iterator[None]:
        try:
            descriptor = acquire(self.root / name, mode, deadline)
        except BlockingIOError:
            raise EmbeddedError(
                f"another process is still starting or stopping the server of {self.root}"
            ) from None
        try:
            yield
        finally:
            os.close(descriptor)

    def _make_root(self) -> None:
        if self.root.is_dir():
            return
        mode = 0o755 if self.account else 0o700  # the demoted server must get through it
        for place in (*reversed(self.root.parents), self.root):
            with contextlib.suppress(FileExistsError):
                place.mkdir(mode)
                if self.account:
                    place.chmod(mode)  # whatever the umask

    def _make_socket_dir(self) -> None:
        place = self.socket_dir
        with contextlib.suppress(FileExistsError):
            place.mkdir(0o700)
        ours = {os.geteuid()} | ({self.account.pw_uid} if self.account else set())
        if place.is_symlink() or not place.is_dir() or place.stat().st_uid not in ours:
            raise EmbeddedError(f"{place} belongs to somebody else")
        if self.account:
            os.chown(place, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)

    def _programs(self) -> binaries.Binaries:
        found = binaries.find(self.bin, datadir.major_of(self.data))
        return binaries.reachable(found, self.account, self.root / "runtime")

    def _start(self, deadline: float) -> int:
        """Make the data if there is none, and start a keeper. Returns where the log stood."""
        programs = self._programs()
        datadir.clear_unfinished(self.data)
        if datadir.major_of(self.data) is None:
            patience = deadline - time.monotonic()
            datadir.create(self.data, ROLE, programs, self.account, self.settings, patience)
        if self._log_size() > _LARGEST_LOG and is_free(self.server_lock):
            self.log.replace(self.log.with_name("server.log.1"))
        start = self._log_size()
        self.start_keeper(programs.folder)
        return start

    def _bring_up(self, deadline: float) -> None:
        """Have a keeper and a server that accepts; a keeper that was killed is replaced."""
        starts = 0
        log_start = self._log_size()
        if is_free(self.keeper_lock):
            starts = 1
            log_start = self._start(deadline)
        while not self.accepts():
            if is_free(self.keeper_lock):
                log = self._log_since(log_start)
                if starts == _MOST_STARTS or GAVE_UP in log:
                    raise log_error("the embedded PostgreSQL did not start", log)
                starts += 1
                log_start = self._start(deadline)
            if time.monotonic() > deadline:
                log = self._log_since(log_start)
                raise log_error("the embedded PostgreSQL is not ready", log)
            time.sleep(POLL_SECONDS)

    def _log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def _log_since(self, start: int) -> str:
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(start)
            return log.read().decode(errors="replace")
        return ""

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Replace a keeper that dies while we use the server, also at the moment we leave it."""
        left = threading.Event()
        watch = threading.Thread(target=self._watch, args=(left,), daemon=True, name="keeper-watch")
        watch.start()
        try:
            yield
        finally:
            left.set()
            watch.join()
            with contextlib.suppress(EmbeddedError, OSError):
                if is_free(self.keeper_lock) and not is_free(self.server_lock):
                    self.start_keeper(self._programs().folder)

    def _watch(self, left: threading.Event) -> None:
        pause = _WATCH_SECONDS
        while not left.wait(pause):
            with contextlib.suppress(EmbeddedError, OSError):
                if is_free(self.keeper_lock):
                    self.start_keeper(self._programs().folder)
                    pause = min(pause * 2, _LONGEST_WATCH_SECONDS)


def _default_root() -> Path:
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return Path(named).expanduser()
    if os.geteuid() == 0:
        return Path("/var/lib/seqconsole/embedded")
    try:
        home = Path.home()
    except RuntimeError:
        raise EmbeddedError(f"no home directory: name a folder in {HOME_VARIABLE}") from None
    if sys.platform == "darwin":
        return home / "Library/Application Support/seqconsole/embedded"
    data_home = os.environ.get("XDG_DATA_HOME")
    return (Path(data_home) if data_home else home / ".local/share") / "seqconsole/embedded"


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
